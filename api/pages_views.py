"""Console forms: keep a choice of the queue under a name, and forget it."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from api.desk import AtDesk
from api.pages import Reader
from api.problem import ProblemError, not_found
from api.queue_choice import Chosen
from store import saved_views

router = APIRouter(include_in_schema=False)

_LONGEST = 40  # characters of a name


@router.post("/views")
async def keep(at: AtDesk, person: Reader, chosen: Chosen, name: Annotated[str, Form(max_length=200)] = "") -> Response:
    """The choice in the address becomes the person's view of that name."""
    called = " ".join(name.split())
    if not called or len(called) > _LONGEST:
        raise ProblemError(422, "view_name")
    async with at.scoped(person) as connection:
        if not await saved_views.keep(connection, called, chosen.query()):
            raise ProblemError(422, "view_many")
    return RedirectResponse(f"/?{chosen.query()}", 303)


@router.post("/views/{saved_id}/drop")
async def drop(at: AtDesk, person: Reader, saved_id: int) -> Response:
    """Forget a view."""
    async with at.scoped(person) as connection:
        if not await saved_views.drop(connection, saved_id):
            raise not_found()
    return RedirectResponse("/", 303)
