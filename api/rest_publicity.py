"""REST: what a site shows the public."""

from typing import Annotated

from fastapi import APIRouter, Path

from api import publicity_desk
from api.desk import Asking, AtDesk
from api.equipment_model import LiveWish, Publicity, PublicityOrder
from api.openapi import problems

router = APIRouter(prefix="/api/v1/sites", tags=["public"])

SiteId = Annotated[int, Path(examples=[7])]


@router.get("/{site_id}/public", responses=problems(401, 404), summary="What a site shows the public")
async def read(at: AtDesk, person: Asking, site_id: SiteId) -> Publicity:
    """All is off until somebody switches it on."""
    return await publicity_desk.read(at, person, site_id)


@router.put("/{site_id}/public", responses=problems(401, 403, 404), summary="Publish a site")
async def choose(at: AtDesk, person: Asking, site_id: SiteId, order: PublicityOrder) -> Publicity:
    """Authority: badge and page, the cameras that they show, and the consent to show them live."""
    return await publicity_desk.choose(at, person, site_id, order)


@router.put("/{site_id}/public/live", responses=problems(401, 403, 404), summary="Agree to be shown live")
async def wish(at: AtDesk, person: Asking, site_id: SiteId, order: LiveWish) -> Publicity:
    """Operator: nobody makes this choice for him."""
    return await publicity_desk.wish(at, person, site_id, wanted=order.wanted)
