"""Console pages: the wall of live cameras, tours through cameras, and the big screen."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from api import big_view, by_hand_desk, render, tour_desk, tour_view
from api.absent import absent
from api.desk import AtDesk
from api.pages import Reader
from api.problem import ProblemError
from api.tour_model import NewTour
from store import by_hand, tours

router = APIRouter(include_in_schema=False)

_SIZES = (10, 20, 50, 100)


@router.get("/wall")
async def wall_page(request: Request, at: AtDesk, person: Reader) -> Response:
    """Two by two to four by four cameras at a time; a script plays them."""
    kept = [one.model_dump(mode="json") for one in await tour_desk.lists(at, person)]
    return render.page(request, at, person, "wall.html", {"lists": kept})


@router.get("/tours")
async def tours_page(request: Request, at: AtDesk, person: Reader) -> Response:
    """The tours that there were, and a new one."""
    async with at.scoped(person) as connection:
        found = [tour_view.summary(row) for row in await tours.tours(connection)]
    context = {"tours": found, "lists": await tour_desk.lists(at, person), "sizes": _SIZES}
    return render.page(request, at, person, "tours.html", context)


@router.post("/tours")
async def begin(
    at: AtDesk, person: Reader, plan: Annotated[str, Form(max_length=110)] = "", most: Annotated[int, Form()] = 20
) -> RedirectResponse:
    """Begin one: `plan` is worst, or list: and the list's name."""
    kind, _, name = plan.partition(":")
    if kind not in ("worst", "list") or most not in _SIZES:
        raise ProblemError(422, "invalid")
    wanted = NewTour(plan="list" if kind == "list" else "worst", name=name, most=most)
    return RedirectResponse(f"/tours/{await tour_desk.begin(at, person, wanted)}", 303)


@router.get("/tours/{tour_id}")
async def tour_page(request: Request, at: AtDesk, person: Reader, tour_id: int) -> Response:
    """The person's own goes on here; one that has ended, or another's, is a report."""
    tour = await tour_desk.whole(at, person, tour_id)
    going = tour.own and tour.ended is None
    seen = {look.camera: look for look in sorted(tour.looks, key=lambda look: look.sha256 is not None)}
    async with at.scoped(person) as connection:
        made_of = await by_hand.of_tour(connection, tour_id)
        lacking = await absent(connection, at.vault, [look.sha256 for look in tour.looks if look.kept])
    context = {
        "tour": tour,
        "seen": seen,
        "state": tour.model_dump(mode="json") if going else None,
        "made_of": made_of,
        "shots": {look.id: look.sha256 for look in tour.looks if look.kept},
        "absent": lacking,
        "may_make": by_hand_desk.may_make(person),
    }
    return render.page(request, at, person, "tour.html" if going else "tour_report.html", context)


@router.post("/tours/{tour_id}/findings/{finding_id}/alert")
async def make_alert(request: Request, at: AtDesk, person: Reader, tour_id: int, finding_id: int) -> RedirectResponse:
    """A regulator makes an alert of what was found."""
    async with request.form(max_files=0, max_fields=10) as form:
        typed = {name: str(value) for name, value in form.items()}
    made = await by_hand_desk.of_finding(at, person, tour_id, finding_id, typed)
    return RedirectResponse(f"/alerts/{made}", 303)


@router.post("/tours/{tour_id}/end")
async def end(at: AtDesk, person: Reader, tour_id: int) -> RedirectResponse:
    """End it by form."""
    await tour_desk.end(at, person, tour_id)
    return RedirectResponse(f"/tours/{tour_id}", 303)


@router.get("/big")
async def big_page(request: Request, at: AtDesk, person: Reader) -> Response:
    """The big screen: numbers, the worst sites, the last alerts with pictures, the map."""
    context = {**await big_view.figures(at, person), "tile_url": at.config.tile_url}
    return render.page(request, at, person, "big.html", context)


@router.get("/big/part")
async def big_part(request: Request, at: AtDesk, person: Reader) -> Response:
    """Only what changes of it."""
    return render.page(request, at, person, "big_part.html", await big_view.figures(at, person))
