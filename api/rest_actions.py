"""REST: acknowledge, report, accept, reject, dismiss."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Header, Path, UploadFile

from api import actions, case_view, guided
from api.alert_model import ActionOrder, AlertCase
from api.desk import Asking, AtDesk, Desk
from api.guided import Extras
from api.openapi import problems
from api.problem import not_found
from domain.alert import Action
from store.people import Person

router = APIRouter(prefix="/api/v1/alerts", tags=["workflow"])

AlertId = Annotated[int, Path(examples=[17])]
IfMatch = Annotated[
    str | None, Header(max_length=40, examples=['"3"'], description="the version, instead of the field")
]
_ERRORS = problems(401, 403, 404, 409, 428)


async def after(at: Desk, person: Person, alert_id: int) -> AlertCase:
    """The alert as it is now."""
    async with at.scoped(person) as connection:
        found = await case_view.whole(connection, at.vault, person, alert_id)
    if found is None:
        raise not_found()
    return found


async def _do(
    at: Desk, person: Person, alert_id: int, action: Action, *, order: ActionOrder, if_match: str | None
) -> AlertCase:
    version = actions.seen_version(order.version, if_match)
    await actions.act(at, person, alert_id, action, version, reason=order.reason)
    return await after(at, person, alert_id)


@router.post("/{alert_id}/acknowledge", responses=_ERRORS, summary="Acknowledge")
async def acknowledge(
    at: AtDesk, person: Asking, alert_id: AlertId, order: ActionOrder, if_match: IfMatch = None
) -> AlertCase:
    """Operator: the alert is known. open → acknowledged."""
    return await _do(at, person, alert_id, Action.ACKNOWLEDGE, order=order, if_match=if_match)


@router.post("/{alert_id}/accept", responses=_ERRORS, summary="Accept the rectification")
async def accept(
    at: AtDesk, person: Asking, alert_id: AlertId, order: ActionOrder, if_match: IfMatch = None
) -> AlertCase:
    """Regulator: rectified → closed. Gate: the machine's re-check."""
    return await _do(at, person, alert_id, Action.ACCEPT, order=order, if_match=if_match)


@router.post("/{alert_id}/reject", responses=_ERRORS, summary="Reject the rectification")
async def reject(
    at: AtDesk, person: Asking, alert_id: AlertId, order: ActionOrder, if_match: IfMatch = None
) -> AlertCase:
    """Regulator: rectified → acknowledged. Gate: a reason."""
    return await _do(at, person, alert_id, Action.REJECT, order=order, if_match=if_match)


@router.post("/{alert_id}/dismiss", responses=_ERRORS, summary="Dismiss as a false alarm")
async def dismiss(
    at: AtDesk, person: Asking, alert_id: AlertId, order: ActionOrder, if_match: IfMatch = None
) -> AlertCase:
    """Regulator: any unfinished → dismissed. Gate: a reason."""
    return await _do(at, person, alert_id, Action.DISMISS, order=order, if_match=if_match)


@router.post(
    "/{alert_id}/report", responses=problems(401, 403, 404, 409, 413, 428, 507), summary="Report the rectification"
)
async def report(
    at: AtDesk,
    person: Asking,
    alert_id: AlertId,
    *,
    text: Annotated[str, Form(max_length=4000, examples=["已更换门封条，温度恢复到 -18 °C。"])] = "",
    photos: Annotated[list[UploadFile] | None, File(description="JPEG, PNG or WebP, at most 6")] = None,
    version: Annotated[int | None, Form(examples=[3])] = None,
    extras: Extras,
    if_match: IfMatch = None,
) -> AlertCase:
    """Operator: acknowledged → rectified. Gates: a text and at least one photo. Photos lose their EXIF.

    With a `key` the same report may be sent again: it is taken once, and answered alike.
    """
    seen = actions.seen_version(version, if_match)
    await guided.send(at, person, alert_id, seen, text=text, files=photos or [], extras=extras)
    return await after(at, person, alert_id)
