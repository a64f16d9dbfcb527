"""What people do to an alert: a request's parts checked, photos kept, the workflow asked, its refusal put in words."""

from collections.abc import Sequence

from anyio import CapacityLimiter, to_thread
from fastapi import UploadFile

from alerts import workflow
from alerts.workflow import Photo, Refusal, Report, WorkflowError
from api import photo
from api.desk import Desk
from api.problem import ProblemError, not_found
from domain.alert import Action, Role
from store import queue
from store.people import Person

_STATUS = {Refusal.NOT_FOUND: 404, Refusal.CONFLICT: 409, Refusal.MOVE: 409, Refusal.ROLE: 403}
_encoding = CapacityLimiter(2)  # a decoded photo takes tens of megabytes


def refusal(error: WorkflowError) -> ProblemError:
    """The workflow's refusal as a problem: 404, 403, 409, and 422 for a gate that is not passed."""
    if error.refusal is Refusal.NOT_FOUND:
        return not_found()
    texts = {"zh": error.text("zh"), "en": error.text("en")}
    return ProblemError(_STATUS.get(error.refusal, 422), error.refusal, texts=texts)


def seen_version(given: int | None, if_match: str | None) -> int:
    """The version that the person has looked at, from the field or from If-Match; 428 without one."""
    if given is not None:
        return given
    text = (if_match or "").strip().removeprefix("W/").strip('"')
    if not text.isdecimal() or len(text) > 9:
        raise ProblemError(428, "version_needed")
    return int(text)


async def act(
    desk: Desk,
    person: Person,
    alert_id: int,
    action: Action,
    version: int,
    *,
    reason: str = "",
    report: Report | None = None,
) -> None:
    """Do it, or raise the ProblemError that says why not."""
    try:
        async with desk.scoped(person) as connection:
            await workflow.act(connection, person, alert_id, action, version, reason=reason, report=report)
    except WorkflowError as error:
        raise refusal(error) from error


async def send_report(
    desk: Desk, person: Person, alert_id: int, version: int, *, text: str, files: Sequence[UploadFile]
) -> None:
    """The operator's report with its photos, encoded anew."""
    await _may_report(desk, person, alert_id)
    chosen = [file for file in files if file.filename or file.size]
    if len(chosen) > photo.MAX_PHOTOS:
        raise ProblemError(422, "photos", {"n": photo.MAX_PHOTOS})
    photos = {kept.sha256: kept for kept in [await _keep(desk, file) for file in chosen]}
    await act(desk, person, alert_id, Action.REPORT, version, report=Report(text, tuple(photos.values())))


async def _may_report(desk: Desk, person: Person, alert_id: int) -> None:
    """Nobody fills the vault with photos for an alert that is not his."""
    async with desk.scoped(person) as connection:
        if await queue.one(connection, alert_id) is None:
            raise not_found()
    if person.role is not Role.OPERATOR:
        raise refusal(workflow.RoleError())


async def _keep(desk: Desk, file: UploadFile) -> Photo:
    if file.size is not None and file.size > photo.MAX_BYTES:
        raise ProblemError(422, "photo")
    data = await file.read()
    try:
        clean = await to_thread.run_sync(photo.reencode, data, limiter=_encoding)
    except photo.PhotoError as error:
        raise ProblemError(422, "photo") from error
    return Photo(await desk.vault.put(clean), "image/jpeg", len(clean))
