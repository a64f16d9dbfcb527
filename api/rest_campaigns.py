"""REST: special campaigns."""

from typing import Annotated

from fastapi import APIRouter, Path

from api import campaign_desk, case_view
from api.alert_model import AlertSummary
from api.campaign_model import Campaign, CampaignAlerts, CampaignOrder
from api.desk import Asking, AtDesk
from api.openapi import problems
from api.paging import LAST_DAY, NO_END, Paged

router = APIRouter(prefix="/api/v1/campaigns", tags=["campaigns"])

CampaignId = Annotated[int, Path(examples=[2])]


@router.get("", responses=problems(401), summary="List campaigns")
async def campaigns(at: AtDesk, person: Asking, paging: Paged) -> list[Campaign]:
    """Those of the reader's authority, and of the authorities above and below, with their progress."""
    rows = await campaign_desk.listed(at, person, paging.wanted, paging.after((LAST_DAY, NO_END)))
    return paging.page(rows, lambda row: (row.ends, row.id))


@router.post("", status_code=201, responses=problems(401, 403), summary="Begin a campaign")
async def add(at: AtDesk, person: Asking, order: CampaignOrder) -> Campaign:
    """Regulator: with all alerts that fit the filter now; later ones are added by hand."""
    return await campaign_desk.add(at, person, order)


@router.get("/{campaign_id}", responses=problems(401, 404), summary="One campaign")
async def campaign(at: AtDesk, person: Asking, campaign_id: CampaignId) -> Campaign:
    """Its goal, its time and its progress."""
    return await campaign_desk.one(at, person, campaign_id)


@router.get("/{campaign_id}/alerts", responses=problems(401, 404), summary="A campaign's alerts")
async def alerts(at: AtDesk, person: Asking, campaign_id: CampaignId, paging: Paged) -> list[AlertSummary]:
    """The newest first."""
    await campaign_desk.one(at, person, campaign_id)
    (after,) = paging.after((NO_END,))
    rows = await campaign_desk.alerts(at, person, campaign_id, after, paging.wanted)
    return [case_view.summary(row, at.vault) for row in paging.page(rows, lambda row: (row.id,))]


@router.post("/{campaign_id}/alerts", responses=problems(401, 403, 404), summary="Add alerts to a campaign")
async def add_alerts(at: AtDesk, person: Asking, campaign_id: CampaignId, order: CampaignAlerts) -> Campaign:
    """Regulator of its authority, or above: by hand, at most 200 at once."""
    return await campaign_desk.add_alerts(at, person, campaign_id, order.alerts)
