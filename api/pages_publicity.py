"""Console page: what a site shows the public, and the badge to embed."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from api import place_view, publicity_desk, render
from api.desk import AtDesk
from api.equipment_model import PublicityOrder
from api.pages import Reader
from api.problem import not_found
from store import places

router = APIRouter(prefix="/sites", include_in_schema=False)


@router.get("/{site_id}/public")
async def publicity_page(request: Request, at: AtDesk, person: Reader, site_id: int, done: str = "") -> Response:
    """What is switched on: to change for who may, else to look at."""
    found = await publicity_desk.read(at, person, site_id)
    async with at.scoped(person) as connection:
        row = await places.site(connection, site_id)
    if row is None:
        raise not_found()
    context = {"site": place_view.site(row), "found": found, "done": done == "1"}
    return render.page(request, at, person, "publicity.html", context)


@router.post("/{site_id}/public")
async def choose(
    at: AtDesk,
    person: Reader,
    site_id: int,
    *,
    published: Annotated[bool, Form()] = False,
    cameras: Annotated[list[int] | None, Form()] = None,
    grade: Annotated[Literal["", "A", "B", "C"], Form()] = "",
    live_consent: Annotated[bool, Form()] = False,
) -> Response:
    """The authority's choice by form."""
    order = PublicityOrder(published=published, cameras=(cameras or [])[:16], grade=grade, live_consent=live_consent)
    await publicity_desk.choose(at, person, site_id, order)
    return RedirectResponse(f"/sites/{site_id}/public?done=1", 303)


@router.post("/{site_id}/public/live")
async def wish(at: AtDesk, person: Reader, site_id: int, wanted: Annotated[bool, Form()] = False) -> Response:
    """The operator's choice by form."""
    await publicity_desk.wish(at, person, site_id, wanted=wanted)
    return RedirectResponse(f"/sites/{site_id}/public?done=1", 303)
