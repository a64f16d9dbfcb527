"""Console page: the alert queue."""

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import HTMLResponse, Response

from api import bulk, case_view, language, problem, render
from api.alert_model import AlertPage, AlertSummary
from api.desk import AtDesk, Desk
from api.pages import Reader
from api.problem import ProblemError
from api.queue_choice import TABS, UNFINISHED, Choice, Chosen
from api.workflow_model import MAX_BULK, BulkOrder
from domain.alert import Action, Condition, Role, actions
from store import places, queue, queue_choices, saved_views
from store.people import Person
from store.queue import QueueCount

router = APIRouter(include_in_schema=False)

_PAGE = 50
_GZIP = 5  # the level
_SUPERVISED = 10
# What the page offers to do to many at once, by role.
BULK = {
    Role.OPERATOR: (Action.ACKNOWLEDGE, Action.ASSIGN),
    Role.REGULATOR: (Action.ACCEPT, Action.REJECT, Action.DISMISS, Action.ASSIGN),
}
# What a key does to the row that has the focus.
_KEYED = (Action.ACKNOWLEDGE, Action.ACCEPT, Action.REJECT, Action.DISMISS)


def by_tab(counts: Iterable[QueueCount]) -> dict[str, int]:
    """How many alerts each tab has."""
    numbers = list(counts)
    return {tab: sum(count.n for count in numbers if count.status in statuses) for tab, statuses in TABS.items()}


def by_severity(counts: Iterable[QueueCount]) -> dict[int, int]:
    """How many unfinished alerts each severity has."""
    unfinished = [count for count in counts if count.status in UNFINISHED]
    return {severity: sum(count.n for count in unfinished if count.severity == severity) for severity in range(1, 5)}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the tables have of the queue, the same for everybody of one scope."""

    page: AlertPage
    counts: list[QueueCount]
    supervised: list[AlertSummary]


async def _look(at: Desk, person: Person, chosen: Choice) -> _Seen:
    async with at.scoped(person) as connection:
        page = case_view.page(await queue.page(connection, chosen.filter(), _PAGE + 1), _PAGE, at.vault)
        counts = await queue.counts(connection, chosen.site)
        watched = [] if chosen.narrowed or chosen.cursor else await queue.supervised(connection, _SUPERVISED)
    return _Seen(page, counts, [case_view.summary(row, at.vault) for row in watched])


def _bulk(person: Person) -> tuple[Action, ...]:
    return BULK.get(person.role, ()) if person.may_act else ()


def _context(person: Person, chosen: Choice, seen: _Seen) -> dict[str, object]:
    counts = seen.counts
    return {
        "page": seen.page,
        "supervised": seen.supervised,
        "bulk": _bulk(person),
        "chosen": chosen,
        "tabs": by_tab(counts),
        "classes": by_severity(counts),
        "conditions": tuple(Condition),
    }


@router.get("/")
async def queue_page(request: Request, at: AtDesk, person: Reader, chosen: Chosen) -> Response:
    """The queue; a script keeps it up to date."""
    context = _context(person, chosen, await _look(at, person, chosen))
    async with at.scoped(person) as connection:
        context["sites"] = await places.names(connection)
        context["rules"] = await queue_choices.rules(connection)
        things = await queue_choices.things(connection, chosen.site, chosen.camera, chosen.device)
        context["views"] = await saved_views.own(connection)
    context["things"] = [(kind, [one for one in things if one.kind == kind]) for kind in ("camera", "device")]
    context["keyed"] = {
        status: [one for one in actions(status, person.role) if one in _KEYED and person.may_act]
        for status in UNFINISHED
    }
    return render.page(request, at, person, "queue.html", context)


@router.post("/alerts/bulk")
async def many(
    request: Request,
    at: AtDesk,
    person: Reader,
    *,
    action: Annotated[Action, Form()],
    chosen: Annotated[list[str] | None, Form(max_length=MAX_BULK)] = None,
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """One action on what was ticked (`id:version`); the page says what became of each. Assigns to oneself."""
    ticked = [one for one in map(_seen, chosen or []) if one is not None]
    spoken = language.of_page(request, person.lang)
    answer, fault = None, ""
    try:
        order = BulkOrder.model_validate({"action": action, "alerts": ticked, "reason": reason, "person": person.id})
        answer = await bulk.act(at, person, order, spoken)
    except ValidationError:
        fault = language.text(spoken, "bulk.none")
    except ProblemError as error:
        fault = problem.sentence(error, spoken)
    async with at.scoped(person) as connection:
        rows = await queue.some(connection, [one["id"] for one in ticked])
    named = {row.id: case_view.summary(row, at.vault) for row in rows}
    context = {"answer": answer, "fault": fault, "named": named, "action": action}
    return render.page(request, at, person, "bulk.html", context, status=422 if fault else 200)


def _seen(text: str) -> dict[str, int] | None:
    number, _, version = text.partition(":")
    known = number.isdecimal() and version.isdecimal() and len(text) < 30
    return {"id": int(number), "version": int(version)} if known else None


@router.get("/queue")
async def queue_part(request: Request, at: AtDesk, person: Reader, chosen: Chosen) -> Response:
    """Only what changes of the queue: tabs and rows. A change wakes many of one scope: what they see is made once."""

    async def write() -> bytes:
        context = _context(person, chosen, await _look(at, person, chosen))
        return gzip.compress(render.page(request, at, person, "queue_part.html", context).body, _GZIP, mtime=0)

    spoken = language.of_page(request, person.lang)
    what = ("queue", person.authority, person.operator_id, chosen, _bulk(person), spoken)
    packed = await at.live.lately(what, person, write)
    headers = {"cache-control": "no-store", "vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return HTMLResponse(gzip.decompress(packed), headers=headers)
    return HTMLResponse(packed, headers={**headers, "content-encoding": "gzip"})
