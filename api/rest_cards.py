"""REST: a site's yellow and red cards."""

from typing import Annotated

from fastapi import APIRouter, Path

from api import card_desk
from api.desk import Asking, AtDesk
from api.openapi import problems
from api.paging import NO_END, Paged
from api.place_model import Card, CardLift

router = APIRouter(prefix="/api/v1/sites", tags=["places"])

SiteId = Annotated[int, Path(examples=[7])]


@router.get("/{site_id}/cards", responses=problems(401, 404), summary="A site's cards")
async def cards(at: AtDesk, person: Asking, site_id: SiteId, paging: Paged) -> list[Card]:
    """Yellow and red cards, those in force first, then the newest."""
    found = await card_desk.of_site(at, person, site_id)
    return paging.part(found, lambda one: (int(one.lifted is not None), -one.id), (0, -NO_END))


@router.post("/{site_id}/cards/{card_id}/lift", responses=problems(401, 403, 404, 409), summary="Lift a card")
async def lift(
    at: AtDesk, person: Asking, site_id: SiteId, card_id: Annotated[int, Path(examples=[3])], order: CardLift
) -> list[Card]:
    """Regulator: the card is no longer in force. Needs a reason."""
    await card_desk.lift(at, person, site_id, card_id, order.reason)
    return await card_desk.of_site(at, person, site_id)
