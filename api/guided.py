"""A report from a phone: with the times that its photos claim, a signature, and a key that makes it one report."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, File, Form, UploadFile

from alerts import workflow
from alerts.workflow import Report, WorkflowError
from api import actions, pictures
from api.desk import Desk
from domain.alert import Action
from store import report_keys
from store.people import Person


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What a phone sends beside text and photos."""

    key: UUID | None
    claimed: Sequence[str]
    signature: UploadFile | None


async def enclosed(
    *,
    key: Annotated[UUID | None, Form(description="the sender's own; the same again is the same report")] = None,
    claimed: Annotated[
        list[str] | None, Form(description='of each photo, "exif TIME" or "file TIME"', max_length=6)
    ] = None,
    signature: Annotated[UploadFile | None, File(description="PNG")] = None,
) -> Enclosed:
    """The form's further fields."""
    return Enclosed(key, claimed or (), signature)


Extras = Annotated[Enclosed, Depends(enclosed)]


async def send(
    desk: Desk,
    person: Person,
    alert_id: int,
    version: int,
    *,
    text: str,
    files: Sequence[UploadFile],
    extras: Enclosed,
) -> None:
    """Report, unless the same report was taken before; or raise the ProblemError that says why not."""
    await actions.may_send(desk, person, alert_id)
    if extras.key is not None and await _known(desk, person, alert_id, extras.key):
        return
    signature = await pictures.keep_signature(desk, extras.signature)
    photos = await pictures.keep(desk, files, extras.claimed)
    report = Report(text, photos if signature is None else (*photos, signature))
    try:
        async with desk.scoped(person) as connection:
            if extras.key is None or await report_keys.claim(connection, alert_id, person.id, extras.key):
                await workflow.act(connection, person, alert_id, Action.REPORT, version, report=report)
    except WorkflowError as error:
        raise actions.refusal(error) from error


async def _known(desk: Desk, person: Person, alert_id: int, key: UUID) -> bool:
    async with desk.scoped(person) as connection:
        return await report_keys.known(connection, alert_id, person.id, key)
