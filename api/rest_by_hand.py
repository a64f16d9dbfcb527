"""REST: alerts that a regulator makes of what was found on a tour or an inspection."""

from typing import Annotated

from fastapi import APIRouter, Path

from api import by_hand_desk, case_view
from api.alert_model import AlertCase
from api.by_hand_model import AlertByHand
from api.desk import Asking, AtDesk, Desk
from api.openapi import problems
from api.problem import not_found
from store.people import Person

router = APIRouter(prefix="/api/v1", tags=["alerts"])

Identity = Annotated[int, Path(ge=1, le=2**62, examples=[5])]
Item = Annotated[str, Path(max_length=63, examples=["health"])]


async def _case(at: Desk, person: Person, alert: int) -> AlertCase:
    async with at.scoped(person) as connection:
        found = await case_view.whole(connection, at.vault, person, alert)
    if found is None:
        raise not_found()
    return found


@router.post(
    "/tours/{tour_id}/findings/{finding_id}/alert", status_code=201, responses=problems(401, 403, 404, 409),
    summary="Make an alert of a tour's finding",
)  # fmt: skip
async def of_finding(
    at: AtDesk, person: Asking, tour_id: Identity, finding_id: Identity, order: AlertByHand
) -> AlertCase:
    """Regulator: about its camera, with its picture; once."""
    return await _case(at, person, await by_hand_desk.of_finding(at, person, tour_id, finding_id, order.typed))


@router.post(
    "/inspections/{inspection_id}/items/{item}/alert", status_code=201, responses=problems(401, 403, 404, 409),
    summary="Make an alert of an inspection's failed item",
)  # fmt: skip
async def of_item(at: AtDesk, person: Asking, inspection_id: Identity, item: Item, order: AlertByHand) -> AlertCase:
    """Regulator: about its site, with its pictures; once."""
    return await _case(at, person, await by_hand_desk.of_item(at, person, inspection_id, item, order.typed))
