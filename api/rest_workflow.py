"""REST: the workflow in depth: assign, comment, transfer, supervise, appeal; bulk actions; precision."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Request, UploadFile

from alerts.workflow import Assign, Comment, Detail, Supervise, Transfer
from api import actions, bulk, language, papers_view
from api.alert_model import AlertCase
from api.desk import Asking, AtDesk, Desk
from api.openapi import problems
from api.paging import Paged
from api.problem import not_found
from api.rest_actions import AlertId, IfMatch, after
from api.workflow_model import (
    AssignOrder,
    BulkAnswer,
    BulkOrder,
    Candidate,
    CommentOrder,
    Order,
    Precision,
    SuperviseOrder,
    TransferOrder,
)
from domain.alert import Action, Role, Side
from store import papers, queue, workflow
from store.people import Person

router = APIRouter(prefix="/api/v1", tags=["workflow"])
_ERRORS = problems(401, 403, 404, 409, 428)


async def _do(
    at: Desk,
    person: Person,
    alert_id: int,
    action: Action,
    *,
    order: Order,
    if_match: str | None,
    detail: Detail | None = None,
) -> AlertCase:
    version = actions.seen_version(order.version, if_match)
    await actions.act(at, person, alert_id, action, version, reason=order.reason, detail=detail)
    return await after(at, person, alert_id)


@router.get("/alerts/{alert_id}/assignees", responses=problems(401, 404), summary="Who can be given an alert")
async def assignees(at: AtDesk, person: Asking, alert_id: AlertId, paging: Paged) -> list[Candidate]:
    """The operator's people, and for a regulator those regulators who may act on it."""
    async with at.scoped(person) as connection:
        if await queue.one(connection, alert_id) is None:
            raise not_found()
        rows = await workflow.candidates(connection, alert_id, paging.after(("", 0)), paging.wanted)
    return [Candidate.model_validate(one) for one in paging.page(rows, lambda row: (row.name, row.id))]


@router.post("/alerts/{alert_id}/assign", responses=_ERRORS, summary="Assign")
async def assign(
    at: AtDesk, person: Asking, alert_id: AlertId, order: AssignOrder, if_match: IfMatch = None
) -> AlertCase:
    """Give an unfinished alert to one of the operator's people or, as a regulator, to one who may act on it."""
    detail = Assign(order.person)
    return await _do(at, person, alert_id, Action.ASSIGN, order=order, if_match=if_match, detail=detail)


@router.post("/alerts/{alert_id}/comment", responses=_ERRORS, summary="Comment")
async def comment(
    at: AtDesk, person: Asking, alert_id: AlertId, order: CommentOrder, if_match: IfMatch = None
) -> AlertCase:
    """Say something, to both sides or to one's own. Gate: a text (`reason`)."""
    own = Side.OPERATOR if person.role is Role.OPERATOR else Side.AUTHORITY
    detail = Comment(own if order.own else Side.BOTH)
    return await _do(at, person, alert_id, Action.COMMENT, order=order, if_match=if_match, detail=detail)


@router.post("/alerts/{alert_id}/transfer", responses=_ERRORS, summary="Transfer to another authority")
async def transfer(
    at: AtDesk, person: Asking, alert_id: AlertId, order: TransferOrder, if_match: IfMatch = None
) -> AlertCase:
    """Regulator: up or down the tree. Gate: a reason. The site's own authority keeps reading it."""
    detail = Transfer(order.authority)
    return await _do(at, person, alert_id, Action.TRANSFER, order=order, if_match=if_match, detail=detail)


@router.post("/alerts/{alert_id}/supervise", responses=_ERRORS, summary="Supervise")
async def supervise(
    at: AtDesk, person: Asking, alert_id: AlertId, order: SuperviseOrder, if_match: IfMatch = None
) -> AlertCase:
    """Regulator of an authority above the responsible one: a flag with a deadline. Gates: a reason, a time ahead."""
    detail = Supervise(order.until)
    return await _do(at, person, alert_id, Action.SUPERVISE, order=order, if_match=if_match, detail=detail)


@router.post("/alerts/{alert_id}/lift", responses=_ERRORS, summary="Lift the supervision")
async def lift(at: AtDesk, person: Asking, alert_id: AlertId, order: Order, if_match: IfMatch = None) -> AlertCase:
    """Regulator of the authority that supervises, or above. Gate: a reason."""
    return await _do(at, person, alert_id, Action.LIFT, order=order, if_match=if_match)


@router.post("/alerts/{alert_id}/appeal", responses=problems(401, 403, 404, 409, 413, 428, 507), summary="Appeal")
async def appeal(
    at: AtDesk,
    person: Asking,
    alert_id: AlertId,
    *,
    text: Annotated[str, Form(max_length=4000, examples=["画面里是蒸汽，不是烟。"])] = "",
    photos: Annotated[list[UploadFile] | None, File(description="JPEG, PNG or WebP, at most 6")] = None,
    version: Annotated[int | None, Form(examples=[3])] = None,
    if_match: IfMatch = None,
) -> AlertCase:
    """Operator, before a report, once an alert: it is a false alarm. Gate: a text. The regulator's clock runs."""
    seen = actions.seen_version(version, if_match)
    await actions.send(at, person, alert_id, Action.APPEAL, seen, text=text, files=photos or [])
    return await after(at, person, alert_id)


@router.post("/alerts/{alert_id}/uphold", responses=_ERRORS, summary="Uphold the appeal")
async def uphold(at: AtDesk, person: Asking, alert_id: AlertId, order: Order, if_match: IfMatch = None) -> AlertCase:
    """Regulator: it was a false alarm; the alert is dismissed and counts so. Gate: a reason."""
    return await _do(at, person, alert_id, Action.UPHOLD, order=order, if_match=if_match)


@router.post("/alerts/{alert_id}/deny", responses=_ERRORS, summary="Reject the appeal")
async def deny(at: AtDesk, person: Asking, alert_id: AlertId, order: Order, if_match: IfMatch = None) -> AlertCase:
    """Regulator: the alert goes on; its deadline moves by the time that the appeal took. Gate: a reason."""
    return await _do(at, person, alert_id, Action.DENY, order=order, if_match=if_match)


@router.post(
    "/alerts/{alert_id}/still", responses=problems(401, 404, 409, 429, 507), summary="A fresh still beside the report"
)
async def still(at: AtDesk, person: Asking, alert_id: AlertId) -> AlertCase:
    """Takes the camera's newest picture, heads hidden, and keeps it beside the operator's last report."""
    await actions.take_still(at, person, alert_id)
    return await after(at, person, alert_id)


@router.post("/alerts/bulk", responses=problems(401, 403), summary="One action on alike alerts")
async def many(request: Request, at: AtDesk, person: Asking, order: BulkOrder) -> BulkAnswer:
    """At most 100 alerts of one rule or of one site; each is done or refused on its own, and all is audited."""
    return await bulk.act(at, person, order, language.of_request(request))


@router.get("/precision", responses=problems(401), summary="Precision by scene and camera")
async def precision(
    at: AtDesk, person: Asking, paging: Paged, camera: Annotated[int | None, Query(examples=[3])] = None
) -> list[Precision]:
    """Of what people have judged, by verdicts and appeals: dismissals are false alarms."""
    async with at.scoped(person) as connection:
        rows = await papers.precision(connection, camera, paging.after(("", "")), paging.wanted)
    return [papers_view.precision(row) for row in paging.page(rows, lambda row: (row.camera_code, row.scene))]
