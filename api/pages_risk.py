"""Console pages: who first (sites by risk), random draws, and how patrols should change."""

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from api import draw_desk, language, problem, render, risk_view
from api.desk import AtDesk, Desk
from api.pages import Reader
from api.problem import ProblemError, not_found
from domain.risk import Band
from store import risk
from store.connection import Connection
from store.people import Person

router = APIRouter(include_in_schema=False)

_FIRST = 100
_DRAWS = 50


@router.get("/risk")
async def risk_page(request: Request, at: AtDesk, person: Reader) -> Response:
    """The sites in the order of risk, and how many are of each colour."""
    async with at.scoped(person) as connection:
        context = await _ranking(connection)
    return render.page(request, at, person, "risk.html", context)


async def _ranking(connection: Connection) -> dict[str, object]:
    day = await risk.day(connection)
    weights = None if day is None else await risk.weights(connection, day.weights)
    if day is None or weights is None:
        return {"day": None, "sites": [], "bands": {}, "most": _FIRST}
    bands: Counter[Band] = Counter()
    for score, number in (await risk.counted(connection, day.day)).items():
        bands[weights.band(score)] += number
    sites = [risk_view.ranked(row, weights) for row in await risk.ranking(connection, day.day, _FIRST)]
    return {"day": day, "sites": sites, "bands": bands, "most": _FIRST}


def _must_draw(person: Person) -> None:
    """Who has no authority is told that there is nothing here."""
    if not draw_desk.may_draw(person):
        raise not_found()


@router.get("/draws")
async def draws_page(request: Request, at: AtDesk, person: Reader) -> Response:
    """The draws, and a form for another."""
    return await _draws(request, at, person)


async def _draws(request: Request, at: Desk, person: Person, fault: str = "", status: int = 200) -> Response:
    _must_draw(person)
    context = {"draws": await draw_desk.listed(at, person, _DRAWS), "fault": fault}
    return render.page(request, at, person, "draws.html", context, status=status)


@router.post("/draws")
async def draw(
    request: Request,
    at: AtDesk,
    person: Reader,
    *,
    sites: Annotated[int, Form(ge=0, le=10_000)],
    inspectors: Annotated[int, Form(ge=0, le=1000)] = 0,
    seed: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Draw by lot among the sites and regulators of the person's authority."""
    _must_draw(person)
    try:
        made = await draw_desk.perform(at, person, seed, sites=sites, inspectors=inspectors)
    except ProblemError as error:
        spoken = language.of_page(request, person.lang)
        return await _draws(request, at, person, problem.sentence(error, spoken), error.status)
    return RedirectResponse(f"/draws/{made}", 303)


@router.get("/draws/{draw_id}")
async def draw_page(request: Request, at: AtDesk, person: Reader, draw_id: int) -> Response:
    """One draw: seed, candidates' number, who was drawn, and that drawing again gives the same."""
    found = await draw_desk.examined(at, person, draw_id)
    context = {
        "kept": found.kept,
        "lots": {one.code: one.lots for one in found.kept.draw.sites},
        "all_lots": sum(one.lots for one in found.kept.draw.sites),
        "sites": found.sites,
        "inspectors": found.inspectors,
        "holds": found.holds,
        "misweighted": found.misweighted,
    }
    return render.page(request, at, person, "draw.html", context)
