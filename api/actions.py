"""What people do to an alert: a request's parts checked, photos kept, the workflow asked, its refusal put in words."""

from collections.abc import Sequence

from fastapi import UploadFile

from alerts import workflow
from alerts.workflow import Detail, Moved, Refusal, Report, WorkflowError
from api import pictures, rest_live
from api.desk import Desk
from api.problem import ProblemError, not_found
from domain.alert import Action, Role
from store import alerts, case, papers, queue
from store.people import Person

_STATUS = {
    Refusal.NOT_FOUND: 404,
    Refusal.CONFLICT: 409,
    Refusal.MOVE: 409,
    Refusal.ROLE: 403,
    Refusal.RESPONSIBLE: 403,
    Refusal.ABOVE: 403,
    Refusal.LIFTER: 403,
}


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
    detail: Detail | None = None,
) -> Moved:
    """Do it, or raise the ProblemError that says why not."""
    await _may_act(desk, person, alert_id)
    try:
        async with desk.scoped(person) as connection:
            return await workflow.act(
                connection, person, alert_id, action, version, reason=reason, report=report, detail=detail
            )
    except WorkflowError as error:
        raise refusal(error) from error


async def send(
    desk: Desk,
    person: Person,
    alert_id: int,
    action: Action,
    version: int,
    *,
    text: str,
    files: Sequence[UploadFile],
) -> None:
    """The operator's report or appeal with its photos, encoded anew."""
    await may_send(desk, person, alert_id)
    await act(desk, person, alert_id, action, version, report=Report(text, await pictures.keep(desk, files)))


async def may_send(desk: Desk, person: Person, alert_id: int) -> None:
    """Nobody fills the vault with photos for an alert that is not his."""
    async with desk.scoped(person) as connection:
        if await queue.one(connection, alert_id) is None:
            raise not_found()
    if person.role is not Role.OPERATOR or not person.may_act:
        raise refusal(workflow.RoleError())


async def _may_act(desk: Desk, person: Person, alert_id: int) -> None:
    """A role of an authority's own, or a token, may have less than its side of the workflow."""
    if person.may_act or person.role is Role.ADMIN:  # an admin has no side: the workflow says so
        return
    async with desk.scoped(person) as connection:
        if await queue.one(connection, alert_id) is None:
            raise not_found()
    raise refusal(workflow.RoleError())


async def take_still(desk: Desk, person: Person, alert_id: int) -> None:
    """A fresh picture of the alert's camera, heads hidden, kept beside the last report. Raises ProblemError."""
    async with desk.scoped(person) as connection:
        row = await queue.one(connection, alert_id)
        reports = [] if row is None else await case.rectifications(connection, alert_id)
    if row is None:
        raise not_found()
    if row.camera_id is None or not reports:
        raise ProblemError(409, "still_no_report")
    picture = await rest_live.redacted_still(desk, person, row.camera_id)
    sha256 = await desk.vault.put(picture.jpeg)
    async with desk.scoped(person) as connection:
        await papers.add_still(
            connection, reports[-1].id, sha256, size=len(picture.jpeg), at=picture.at, person=person.id
        )
        await alerts.announce(connection, [alert_id])
