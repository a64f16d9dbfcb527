"""Console pages: who first (sites by risk), random draws, and how patrols should change."""

import secrets
from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from api import language, problem, render, risk_view
from api.desk import AtDesk, Desk
from api.pages import Reader
from api.problem import ProblemError, not_found
from domain.alert import Role
from domain.draw import BadDrawError, digest
from domain.risk import Band
from store import draws, risk
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


def _supervises(person: Person) -> str:
    """The person's authority; who has none is told that there is nothing here."""
    if person.authority is None or person.role is Role.OPERATOR:
        raise not_found()
    return person.authority


@router.get("/draws")
async def draws_page(request: Request, at: AtDesk, person: Reader) -> Response:
    """The draws, and a form for another."""
    return await _draws(request, at, person)


async def _draws(request: Request, at: Desk, person: Person, fault: str = "", status: int = 200) -> Response:
    _supervises(person)
    async with at.scoped(person) as connection:
        rows = await draws.page(connection, _DRAWS)
    return render.page(request, at, person, "draws.html", {"draws": rows, "fault": fault}, status=status)


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
    authority = _supervises(person)
    chosen = seed.strip() or secrets.token_hex(16)
    try:
        async with at.scoped(person) as connection:
            made = await draws.perform(connection, person, authority, chosen, sites=sites, inspectors=inspectors)
    except BadDrawError:
        spoken = language.of_page(request, person.lang)
        return await _draws(request, at, person, problem.sentence(ProblemError(422, "draw"), spoken), 422)
    return RedirectResponse(f"/draws/{made}", 303)


@router.get("/draws/{draw_id}")
async def draw_page(request: Request, at: AtDesk, person: Reader, draw_id: int) -> Response:
    """One draw: seed, candidates' number, who was drawn, and that drawing again gives the same."""
    async with at.scoped(person) as connection:
        kept = await draws.one(connection, draw_id)
        if kept is None:
            raise not_found()
        context = {
            "kept": kept,
            "lots": {one.code: one.lots for one in kept.draw.sites},
            "all_lots": sum(one.lots for one in kept.draw.sites),
            "sites": await draws.site_names(connection, kept.draw.drawn_sites),
            "inspectors": await draws.inspector_names(connection, kept.draw.drawn_inspectors),
            "holds": kept.audited and kept.draw.holds and digest(kept.draw) == kept.sha256,
            "misweighted": await draws.misweighted(connection, kept),
        }
    return render.page(request, at, person, "draw.html", context)
