"""REST: inspections to do, answered step by step and signed; what comes again; checklists."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Query, UploadFile
from starlette.responses import Response

from api import inspection_desk
from api.alert_model import Named
from api.checklist import checklists
from api.desk import Asking, AtDesk, Desk
from api.inspection_desk import Given
from api.inspection_model import (
    Checklist,
    ChecklistItem,
    Inspection,
    InspectionAnswer,
    InspectionDocument,
    InspectionOrder,
    InspectionPaper,
    InspectionPlan,
    PlanOrder,
)
from api.openapi import problems
from api.paging import LAST_DAY, LONG_AGO, NO_END, Paged
from domain.checklist import Side, digest
from store import inspections
from store.inspections import Plan, Task
from store.people import Person

router = APIRouter(prefix="/api/v1", tags=["inspections"])

Identity = Annotated[int, Path(ge=1, le=2**62, examples=[5])]
_CHANGES = problems(401, 403, 404, 409, 413)


def _inspection(task: Task, now: datetime) -> Inspection:
    return Inspection(
        id=task.id, site=Named(id=task.site_id, code=task.site_code, zh=task.zh, en=task.en),
        checklist=task.checklist.code, zh=task.checklist.zh, en=task.checklist.en, plan=task.plan_id,
        assigned=task.at, due=task.due, done=task.done, late=inspection_desk.late(task, now),
        items=len(task.checklist.items), answered=task.answered, failed=task.failed, sha256=task.sha256,
    )  # fmt: skip


async def _document(at: Desk, person: Person, identity: int) -> InspectionDocument:
    async with at.scoped(person) as connection:
        task = await inspection_desk.task(connection, identity)
        made = await inspections.document(connection, task)
        intact = task.sha256 == digest(made) and await inspections.audited(connection, task)
    return InspectionDocument(
        **_inspection(task, at.clock()).model_dump(),
        steps=[ChecklistItem.model_validate(one) for one in task.checklist.items],
        next=task.checklist.reached({one.item for one in made.answers}),
        signatures=list(task.checklist.signatures),
        answers=[InspectionAnswer.model_validate(one) for one in made.answers],
        papers=[InspectionPaper.model_validate(one) for one in made.papers],
        intact=None if task.done is None else intact,
    )


@router.get("/checklists", responses=problems(401), summary="Checklists")
async def known(person: Asking, paging: Paged) -> list[Checklist]:
    """What inspections can ask, in the versions that are in use."""
    shown = paging.part(checklists().values(), lambda one: (one.code,), ("",))
    return [Checklist.model_validate(one) for one in shown]


@router.get("/inspections", responses=problems(401), summary="List inspections")
async def listed(
    at: AtDesk,
    person: Asking,
    paging: Paged,
    *,
    done: Annotated[bool, Query(description="those that are done; else those to do", examples=[False])] = False,
    site: Annotated[int | None, Query(description="only of that site", examples=[7])] = None,
) -> list[Inspection]:
    """To do: the most overdue first. Done: the newest first."""
    async with at.scoped(person) as connection:
        if done:
            before = paging.after((LAST_DAY, NO_END))
            rows = await inspections.finished(connection, paging.wanted, site, before)
            shown = paging.page(rows, lambda row: (row.done or LAST_DAY, row.id))
        else:
            rows = await inspections.unfinished(connection, paging.wanted, site, paging.after((LONG_AGO, 0)))
            shown = paging.page(rows, lambda row: (row.due, row.id))
    return [_inspection(row, at.clock()) for row in shown]


@router.post("/inspections", status_code=201, responses=problems(401, 403, 404), summary="Assign an inspection")
async def assign(at: AtDesk, person: Asking, order: InspectionOrder) -> InspectionDocument:
    """Regulator: a checklist for a site, due at the end of a day."""
    made = await inspection_desk.assign(at, person, order.site, order.checklist, order.day)
    return await _document(at, person, made)


@router.get("/inspections/{inspection_id}", responses=problems(401, 404), summary="One inspection")
async def one(at: AtDesk, person: Asking, inspection_id: Identity) -> InspectionDocument:
    """Its steps, what was answered and signed so far, and whether a done one is as it was signed."""
    return await _document(at, person, inspection_id)


@router.post("/inspections/{inspection_id}/answers", responses=_CHANGES, summary="Answer an item")
async def answer(
    at: AtDesk,
    person: Asking,
    inspection_id: Identity,
    *,
    item: Annotated[str, Form(max_length=63, examples=["hygiene-1"], description="its code; in their order")] = "",
    value: Annotated[str, Form(max_length=40, examples=["yes"], description="yes, no, or a number")] = "",
    note: Annotated[str, Form(max_length=1000, examples=[""])] = "",
    alert: Annotated[int | None, Form(ge=1, le=2**62, examples=[17])] = None,
    photos: Annotated[list[UploadFile] | None, File(description="JPEG, PNG or WebP, at most 6")] = None,
) -> InspectionDocument:
    """Of the step whose turn it is, or of one before it. What fails needs a note and a photo."""
    given = Given(item, value, note, alert, photos or [], [])
    await inspection_desk.answer(at, person, inspection_id, given)
    return await _document(at, person, inspection_id)


@router.post("/inspections/{inspection_id}/signatures/{side}", responses=_CHANGES, summary="Sign an inspection")
async def sign(
    at: AtDesk,
    person: Asking,
    inspection_id: Identity,
    side: Side,
    *,
    name: Annotated[str, Form(max_length=100, examples=["王敏"])] = "",
    signature: Annotated[UploadFile | None, File(description="PNG, dark on light")] = None,
) -> InspectionDocument:
    """When all is answered. The last signature that it needs closes it: after that it never changes."""
    await inspection_desk.sign(at, person, inspection_id, side, name=name, file=signature)
    return await _document(at, person, inspection_id)


def _plan(plan: Plan) -> InspectionPlan:
    return InspectionPlan(
        id=plan.id, site=plan.site_id, zh=plan.zh, en=plan.en, checklist=plan.checklist.code,
        every=plan.every, starts=plan.starts,
    )  # fmt: skip


@router.get("/inspection-plans", responses=problems(401), summary="What comes again")
async def plans(at: AtDesk, person: Asking, paging: Paged) -> list[InspectionPlan]:
    """Checklists that come again, the newest plan first."""
    async with at.scoped(person) as connection:
        rows = await inspections.plans(connection, paging.wanted, *paging.after((NO_END,)))
    return [_plan(row) for row in paging.page(rows, lambda row: (row.id,))]


@router.post(
    "/inspection-plans", status_code=204, response_class=Response, response_model=None,
    responses=problems(401, 403, 404), summary="Let a checklist come again",
)  # fmt: skip
async def plan(at: AtDesk, person: Asking, order: PlanOrder) -> Response:
    """Regulator: its first inspection is there at once where it has begun."""
    await inspection_desk.plan(at, person, order.site, order.checklist, order.day, every=order.every)
    return Response(status_code=204)


@router.post(
    "/inspection-plans/{plan_id}/end", status_code=204, response_class=Response, response_model=None,
    responses=problems(401, 403, 404), summary="End what comes again",
)  # fmt: skip
async def end(at: AtDesk, person: Asking, plan_id: Identity) -> Response:
    """Regulator: no further inspections; those that are there stay."""
    await inspection_desk.end_plan(at, person, plan_id)
    return Response(status_code=204)
