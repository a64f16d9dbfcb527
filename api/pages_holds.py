"""Console pages: legal holds, placed on an alert's or a site's evidence, listed and lifted."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from api import render
from api.desk import AtDesk, Desk
from api.pages import Reader
from api.problem import ProblemError, not_found
from domain import period
from domain.alert import Role
from store import holds, places, queue
from store.connection import Connection
from store.holds import HoldRow
from store.people import Person

router = APIRouter(include_in_schema=False)

_LISTED = 200

Why = Annotated[str, Form(max_length=1000)]
Until = Annotated[str, Form(pattern=r"^(\d{4}-\d{2}-\d{2})?$")]


def may_hold(person: Person) -> bool:
    """Holding evidence is the regulators' matter."""
    return person.role is Role.REGULATOR and person.authority is not None and person.may_act


async def in_force(
    connection: Connection, now: datetime, *, alert: int | None = None, site: int | None = None
) -> list[HoldRow]:
    """What holds an alert's evidence, or a site's."""
    rows = await holds.page(connection, _LISTED, alert=alert, site=site)
    return [row for row in rows if row.in_force(now)]


def _words(why: str) -> str:
    said = " ".join(why.split())
    if not said:
        raise ProblemError(422, "reason")
    return said


def _end(at: Desk, until: str) -> datetime | None:
    """The end of a day that is not over; None: until it is lifted."""
    if not until:
        return None
    try:
        end = period.holding(period.Span.DAY, date.fromisoformat(until)).end
    except (ValueError, OverflowError) as error:
        raise ProblemError(422, "invalid") from error
    if end <= at.clock():
        raise ProblemError(422, "hold_until")
    return end


@router.get("/holds")
async def holds_page(request: Request, at: AtDesk, person: Reader) -> Response:
    """The holds, those in force first."""
    if person.authority is None:
        raise not_found()
    async with at.scoped(person) as connection:
        rows = await holds.page(connection, _LISTED)
    context = {"holds": rows, "may_hold": may_hold(person), "moment": at.clock()}
    return render.page(request, at, person, "holds.html", context)


@router.post("/alerts/{alert_id}/hold")
async def hold_alert(at: AtDesk, person: Reader, alert_id: int, why: Why = "", until: Until = "") -> Response:
    """Hold an alert's evidence."""
    async with at.scoped(person) as connection:
        if await queue.one(connection, alert_id) is None:
            raise not_found()
        _refuse_others(person)
        await holds.place(connection, person, _words(why), _end(at, until), alert=alert_id)
    return RedirectResponse(f"/alerts/{alert_id}", 303)


@router.post("/sites/{site_id}/hold")
async def hold_site(at: AtDesk, person: Reader, site_id: int, why: Why = "", until: Until = "") -> Response:
    """Hold the evidence of all of a site's alerts."""
    async with at.scoped(person) as connection:
        if await places.site(connection, site_id) is None:
            raise not_found()
        _refuse_others(person)
        await holds.place(connection, person, _words(why), _end(at, until), site=site_id)
    return RedirectResponse(f"/sites/{site_id}", 303)


@router.post("/holds/{hold_id}/lift")
async def lift(at: AtDesk, person: Reader, hold_id: int, why: Why = "") -> Response:
    """Let the evidence expire again."""
    async with at.scoped(person) as connection:
        if not await holds.exists(connection, hold_id):
            raise not_found()
        _refuse_others(person)
        if not await holds.lift(connection, person, hold_id, _words(why)):
            raise ProblemError(409, "hold_lifted")
    return RedirectResponse("/holds", 303)


def _refuse_others(person: Person) -> None:
    if not may_hold(person):
        raise ProblemError(403, "role")
