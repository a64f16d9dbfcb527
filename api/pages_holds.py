"""Console pages: legal holds, placed on an alert's or a site's evidence, listed and lifted."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from api import hold_desk, render
from api.desk import AtDesk
from api.pages import Reader
from api.problem import ProblemError, not_found
from store import holds

router = APIRouter(include_in_schema=False)

Why = Annotated[str, Form(max_length=1000)]
Until = Annotated[str, Form(pattern=r"^(\d{4}-\d{2}-\d{2})?$")]


def _day(until: str) -> date | None:
    """The day that was chosen, if any."""
    try:
        return date.fromisoformat(until) if until else None
    except ValueError as error:
        raise ProblemError(422, "invalid") from error


@router.get("/holds")
async def holds_page(request: Request, at: AtDesk, person: Reader) -> Response:
    """The holds, those in force first."""
    if person.authority is None:
        raise not_found()
    async with at.scoped(person) as connection:
        rows = await holds.page(connection, hold_desk.LISTED)
    context = {"holds": rows, "may_hold": hold_desk.may_hold(person), "moment": at.clock()}
    return render.page(request, at, person, "holds.html", context)


@router.post("/alerts/{alert_id}/hold")
async def hold_alert(at: AtDesk, person: Reader, alert_id: int, why: Why = "", until: Until = "") -> Response:
    """Hold an alert's evidence."""
    await hold_desk.on_alert(at, person, alert_id, why, _day(until))
    return RedirectResponse(f"/alerts/{alert_id}", 303)


@router.post("/sites/{site_id}/hold")
async def hold_site(at: AtDesk, person: Reader, site_id: int, why: Why = "", until: Until = "") -> Response:
    """Hold the evidence of all of a site's alerts."""
    await hold_desk.on_site(at, person, site_id, why, _day(until))
    return RedirectResponse(f"/sites/{site_id}", 303)


@router.post("/holds/{hold_id}/lift")
async def lift(at: AtDesk, person: Reader, hold_id: int, why: Why = "") -> Response:
    """Let the evidence expire again."""
    await hold_desk.lift(at, person, hold_id, why)
    return RedirectResponse("/holds", 303)
