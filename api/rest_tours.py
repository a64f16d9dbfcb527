"""REST: a person's lists of cameras, and tours through cameras with a still of each."""

from datetime import UTC
from email.utils import format_datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from api import tour_desk, tour_view
from api.desk import Asking, AtDesk
from api.openapi import problems
from api.paging import NO_END, Paged
from api.tour_model import CameraChoice, CameraList, NewFinding, NewList, NewTour, Tour, TourSummary
from store import camera_lists, tours

router = APIRouter(prefix="/api/v1", tags=["tours"])

Identity = Annotated[int, Path(examples=[7], ge=1, le=2**62)]
ListName = Annotated[str, Path(min_length=1, max_length=100, examples=["午间重点"])]


@router.get("/camera-choices", responses=problems(401), summary="Cameras to choose from")
async def choices(
    at: AtDesk,
    person: Asking,
    paging: Paged,
    search: Annotated[str, Query(max_length=100, description="part of a name or code", examples=["厨"])] = "",
) -> list[CameraChoice]:
    """Cameras with their sites, by the codes of both."""
    async with at.scoped(person) as connection:
        after = paging.after(("", ""))
        rows = await camera_lists.choices(connection, search.strip(), paging.wanted, after)
    return [tour_view.choice(row) for row in paging.page(rows, lambda row: (row.site_code, row.code))]


@router.get("/camera-lists", responses=problems(401), summary="Own lists of cameras")
async def lists(at: AtDesk, person: Asking, paging: Paged) -> list[CameraList]:
    """What the wall shows and tours go through; nobody else's."""
    return paging.part(await tour_desk.lists(at, person), lambda one: (one.name,), ("",))


@router.put("/camera-lists/{name}", responses=problems(401), summary="Keep a list of cameras")
async def put_list(at: AtDesk, person: Asking, name: ListName, wanted: NewList) -> CameraList:
    """In the place of the person's own one of that name; at most 200 cameras."""
    return await tour_desk.put_list(at, person, name, wanted)


@router.delete("/camera-lists/{name}", status_code=204, response_class=Response, response_model=None,
               responses=problems(401, 404), summary="Forget a list of cameras")  # fmt: skip
async def drop_list(at: AtDesk, person: Asking, name: ListName) -> Response:
    """Tours that have gone through it stay."""
    await tour_desk.drop_list(at, person, name)
    return Response(status_code=204)


@router.get("/tours", responses=problems(401), summary="List tours")
async def listed(at: AtDesk, person: Asking, paging: Paged) -> list[TourSummary]:
    """The person's own and those of people below, the newest first."""
    async with at.scoped(person) as connection:
        rows = await tours.tours(connection, paging.wanted, paging.after((NO_END,)))
    return [tour_view.summary(row) for row in paging.page(rows, lambda row: (row.id,))]


@router.post("/tours", status_code=201, responses=problems(401, 404), summary="Begin a tour")
async def begin(at: AtDesk, person: Asking, wanted: NewTour) -> Tour:
    """Its cameras and their order are fixed here."""
    return await tour_desk.whole(at, person, await tour_desk.begin(at, person, wanted))


@router.get("/tours/{tour_id}", responses=problems(401, 404), summary="One tour")
async def tour(at: AtDesk, person: Asking, tour_id: Identity) -> Tour:
    """Every look with the digest of what was shown, and the findings."""
    return await tour_desk.whole(at, person, tour_id)


@router.post(
    "/tours/{tour_id}/cameras/{camera_id}/look",
    response_class=Response,
    response_model=None,
    responses={
        200: {
            "description": "The still, heads hidden; mingchu-look names the look, Last-Modified says when.",
            "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
        },
        **problems(401, 403, 404, 409, 429),
    },
    summary="Look at a camera on a tour",
)
async def look(at: AtDesk, person: Asking, tour_id: Identity, camera_id: Identity) -> Response:
    """A fresh still; that it was shown is written down, and so is that there was none to show."""
    shown = await tour_desk.look(at, person, tour_id, camera_id)
    headers = {
        "cache-control": "private, no-store",
        "last-modified": format_datetime(shown.captured.astimezone(UTC), usegmt=True),
        "mingchu-look": str(shown.look),
    }
    return Response(shown.jpeg, headers=headers, media_type="image/jpeg")


@router.post(
    "/tours/{tour_id}/looks/{look_id}/picture", status_code=204, response_class=Response, response_model=None,
    responses=problems(401, 403, 404, 409, 413), summary="Keep what a look showed",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}, "example": "(bytes)"}},
        }
    },
)  # fmt: skip
async def capture(request: Request, at: AtDesk, person: Asking, tour_id: Identity, look_id: Identity) -> Response:
    """The bytes as they were shown: others are refused, since their digest was written down with the look."""
    await tour_desk.capture(at, person, tour_id, look_id, await request.body())
    return Response(status_code=204)


@router.post(
    "/tours/{tour_id}/looks/{look_id}/findings", status_code=204, response_class=Response, response_model=None,
    responses=problems(401, 403, 404, 409), summary="Write a finding down",
)  # fmt: skip
async def find(at: AtDesk, person: Asking, tour_id: Identity, look_id: Identity, wanted: NewFinding) -> Response:
    """It stands in the tour's report and on the site's page."""
    await tour_desk.find(at, person, tour_id, look_id, wanted.words)
    return Response(status_code=204)


@router.post(
    "/tours/{tour_id}/end", status_code=204, response_class=Response, response_model=None,
    responses=problems(401, 403, 404, 409), summary="End a tour",
)  # fmt: skip
async def end(at: AtDesk, person: Asking, tour_id: Identity) -> Response:
    """Nothing is added to it after that."""
    await tour_desk.end(at, person, tour_id)
    return Response(status_code=204)
