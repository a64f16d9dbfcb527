"""Console pages: inspections to do, done step by step on a phone, signed by both sides, kept as a document."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from api import by_hand_desk, inspection_desk, language, problem, render
from api.absent import absent
from api.checklist import checklists
from api.desk import AtDesk, Desk
from api.inspection_desk import Given
from api.pages import Reader
from api.problem import ProblemError, not_found
from domain.checklist import Every, Side, digest
from domain.period import ZONE
from store import by_hand, inspections, places
from store.people import Person

router = APIRouter(prefix="/inspections", include_in_schema=False)

_LISTED = 200


@router.get("")
async def inspections_page(request: Request, at: AtDesk, person: Reader) -> Response:
    """What is to be done, the most overdue first; what was done; and, for regulators, what comes again."""
    return await _list(request, at, person)


async def _list(request: Request, at: Desk, person: Person, *, fault: str = "", status: int = 200) -> Response:
    may = inspection_desk.may_assign(person)
    async with at.scoped(person) as connection:
        context = {
            "tasks": await inspections.unfinished(connection, _LISTED),
            "overdue": await inspections.overdue(connection, at.clock()),
            "finished": await inspections.finished(connection, _LISTED),
            "plans": await inspections.plans(connection, _LISTED),
            "sites": await places.names(connection) if may else [],
            "checklists": list(checklists().values()),
            "today": at.clock().astimezone(ZONE).date(),
            "every": list(Every),
            "may": may,
            "fault": fault,
        }
    return render.page(request, at, person, "inspections.html", context, status=status)


@dataclass(frozen=True, slots=True)
class Wish:
    """A site, a checklist, a day."""

    site: int
    checklist: str
    day: date


async def wish(
    site: Annotated[int, Form()], checklist: Annotated[str, Form(max_length=63)], day: Annotated[date, Form()]
) -> Wish:
    """As the form says it."""
    return Wish(site, checklist, day)


Wished = Annotated[Wish, Depends(wish)]


@router.post("")
async def assign(request: Request, at: AtDesk, person: Reader, wished: Wished) -> Response:
    """A regulator assigns an inspection by form."""
    try:
        await inspection_desk.assign(at, person, wished.site, wished.checklist, wished.day)
    except ProblemError as error:
        return await _refused(request, at, person, error)
    return RedirectResponse("/inspections", 303)


@router.post("/plans")
async def plan(
    request: Request, at: AtDesk, person: Reader, wished: Wished, every: Annotated[Every, Form()]
) -> Response:
    """A regulator lets a checklist come again by form."""
    try:
        await inspection_desk.plan(at, person, wished.site, wished.checklist, wished.day, every=every)
    except ProblemError as error:
        return await _refused(request, at, person, error)
    return RedirectResponse("/inspections", 303)


async def _refused(request: Request, at: Desk, person: Person, error: ProblemError) -> Response:
    if error.status in (403, 404):
        raise error
    fault = problem.sentence(error, language.of_page(request, person.lang))
    return await _list(request, at, person, fault=fault, status=error.status)


@router.post("/plans/{plan_id}/end")
async def end_plan(at: AtDesk, person: Reader, plan_id: int) -> Response:
    """A regulator stops what comes again."""
    await inspection_desk.end_plan(at, person, plan_id)
    return RedirectResponse("/inspections", 303)


@router.get("/{inspection_id}")
async def inspection_page(request: Request, at: AtDesk, person: Reader, inspection_id: int) -> Response:
    """The document: what was found so far, or, once it is done, what was signed."""
    async with at.scoped(person) as connection:
        task = await inspection_desk.task(connection, inspection_id)
        made = await inspections.document(connection, task)
        made_of = await by_hand.of_inspection(connection, inspection_id)
        lacking = await absent(connection, at.vault, [one.sha256 for one in made.papers])
        intact = task.sha256 == digest(made) and await inspections.audited(connection, task)
    context = {
        "task": task,
        "answers": {one.item: one for one in made.answers},
        "papers": made.papers,
        "absent": lacking,
        "intact": intact,
        "made_of": made_of,
        "may_make": by_hand_desk.may_make(person),
        "next": task.checklist.reached({one.item for one in made.answers}),
    }
    return render.page(request, at, person, "inspection.html", context)


@router.post("/{inspection_id}/items/{item}/alert")
async def make_alert(request: Request, at: AtDesk, person: Reader, inspection_id: int, item: str) -> Response:
    """A regulator makes an alert of an item that failed."""
    async with request.form(max_files=0, max_fields=10) as form:
        typed = {name: str(value) for name, value in form.items()}
    made = await by_hand_desk.of_item(at, person, inspection_id, item, typed)
    return RedirectResponse(f"/alerts/{made}", 303)


@router.get("/{inspection_id}/steps/{place}")
async def step_page(request: Request, at: AtDesk, person: Reader, inspection_id: int, place: int) -> Response:
    """One item; after the last one, the signatures. A place that is not reached leads to the one that is."""
    return await _step(request, at, person, inspection_id, place)


async def _step(
    request: Request, at: Desk, person: Person, identity: int, place: int, *, error: ProblemError | None = None,
    typed: Given | None = None,
) -> Response:  # fmt: skip
    async with at.scoped(person) as connection:
        task = await inspection_desk.task(connection, identity)
        made = await inspections.document(connection, task)
        alerts = await inspections.alerts(connection, task.site_id)
    reached = task.checklist.reached({one.item for one in made.answers})
    place = min(place, reached) if error else place  # what is refused is said where it can be done
    if task.done is not None or not 0 <= place <= reached:
        way = "" if task.done is not None else f"/steps/{reached}"
        return RedirectResponse(f"/inspections/{identity}{way}", 303)
    items = task.checklist.items
    item = items[place] if place < len(items) else None
    before = None if item is None else next((one for one in made.answers if one.item == item.code), None)
    signing = Side.OPERATOR if person.operator_id is not None else Side.AUTHORITY
    context = {
        "task": task,
        "item": item,
        "place": place,
        "value": typed.value if typed else before.value if before else "",
        "note": typed.note if typed else before.note if before else "",
        "tied": typed.alert if typed else before.alert if before else None,
        "photos": [] if item is None else [one for one in made.papers if one.item == item.code],
        "signatures": {one.item: one for one in made.papers if one.kind == "signature"},
        "signing": signing.value,
        "alerts": alerts,
        "fault": problem.sentence(error, language.of_page(request, person.lang)) if error else "",
    }
    return render.page(request, at, person, "inspection_step.html", context, status=error.status if error else 200)


@router.post("/{inspection_id}/steps/{place}/report")
async def answer(
    request: Request,
    at: AtDesk,
    person: Reader,
    inspection_id: int,
    place: int,
    *,
    item: Annotated[str, Form(max_length=63)] = "",
    value: Annotated[str, Form(max_length=40)] = "",
    note: Annotated[str, Form(max_length=1000)] = "",
    alert: Annotated[str, Form(pattern=r"^\d{0,18}$")] = "",
    photos: Annotated[list[UploadFile] | None, File()] = None,
    claimed: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """One item's answer by form; then the next item."""
    given = Given(item, value, note, int(alert) if alert else None, photos or [], claimed or [])
    try:
        await inspection_desk.answer(at, person, inspection_id, given)
    except ProblemError as error:
        if error.status != 422:
            raise
        return await _step(request, at, person, inspection_id, place, error=error, typed=given)
    return RedirectResponse(f"/inspections/{inspection_id}/steps/{place + 1}", 303)


@router.post("/{inspection_id}/sign/{side}/report")
async def sign(
    request: Request,
    at: AtDesk,
    person: Reader,
    inspection_id: int,
    side: Side,
    *,
    name: Annotated[str, Form(max_length=100)] = "",
    signature: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """A side's signature by form; the last one closes the inspection."""
    try:
        done = await inspection_desk.sign(at, person, inspection_id, side, name=name, file=signature)
    except ProblemError as error:
        if error.status != 422:
            raise
        async with at.scoped(person) as connection:
            found = await inspections.one(connection, inspection_id)
        if found is None:
            raise not_found() from error
        return await _step(request, at, person, inspection_id, len(found.checklist.items), error=error)
    if done:
        return RedirectResponse(f"/inspections/{inspection_id}", 303)
    async with at.scoped(person) as connection:
        found = await inspection_desk.task(connection, inspection_id)
    return RedirectResponse(f"/inspections/{inspection_id}/steps/{len(found.checklist.items)}", 303)
