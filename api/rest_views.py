"""REST: a person's saved views of the queue."""

from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Path
from starlette.responses import Response

from api import queue_choice
from api.desk import Asking, AtDesk
from api.openapi import problems
from api.paging import Paged
from api.problem import ProblemError, not_found
from api.view_model import View, ViewOrder
from store import saved_views
from store.saved_views import SavedView

router = APIRouter(prefix="/api/v1/views", tags=["alerts"])

ViewName = Annotated[str, Path(min_length=1, max_length=40, pattern=r"\S", examples=["一级未办结"])]


def _view(kept: SavedView) -> View:
    told = {key: values[0] for key, values in parse_qs(kept.query).items()}
    return View.model_validate({**told, "id": kept.id, "name": kept.name, "address": f"/?{kept.query}"})


@router.get("", responses=problems(401), summary="Own saved views")
async def listed(at: AtDesk, person: Asking, paging: Paged) -> list[View]:
    """In the order in which they were kept; nobody else's."""
    async with at.scoped(person) as connection:
        rows = await saved_views.own(connection)
    return [_view(row) for row in paging.part(rows, lambda row: (row.id,), (0,))]


@router.put("/{name}", responses=problems(401), summary="Keep a view")
async def keep(at: AtDesk, person: Asking, name: ViewName, wanted: ViewOrder) -> View:
    """In the place of the own one of that name; there may be twelve."""
    called = " ".join(name.split())
    choice = queue_choice.of_view(wanted, person.id)
    async with at.scoped(person) as connection:
        if not await saved_views.keep(connection, called, choice.query()):
            raise ProblemError(422, "view_many")
        return next(_view(one) for one in await saved_views.own(connection) if one.name == called)


@router.delete(
    "/{saved_id}", status_code=204, response_class=Response, response_model=None,
    responses=problems(401, 404), summary="Forget a view",
)  # fmt: skip
async def drop(at: AtDesk, person: Asking, saved_id: Annotated[int, Path(ge=1, le=2**62, examples=[3])]) -> Response:
    """One of one's own."""
    async with at.scoped(person) as connection:
        if not await saved_views.drop(connection, saved_id):
            raise not_found()
    return Response(status_code=204)
