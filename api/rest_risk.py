"""REST: sites in the order of risk; a site's or a device's score with its terms and its trend."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query

from api import risk_view
from api.alert_model import Named, Names
from api.desk import Asking, AtDesk
from api.openapi import problems
from api.paging import Paged
from api.problem import not_found
from api.risk_model import RankedSite, Risk, RiskDay, RiskTerm
from domain.risk import Weights
from store import places, risk

router = APIRouter(prefix="/api/v1", tags=["risk"])

Identity = Annotated[int, Path(ge=1, le=2**62, examples=[7])]


@router.get("/risk", responses=problems(401), summary="Sites by risk")
async def ranking(
    at: AtDesk,
    person: Asking,
    paging: Paged,
    kind: Annotated[str, Query(max_length=63, description="only of that kind", examples=["kitchen"])] = "",
) -> list[RankedSite]:
    """The riskiest first, as of the newest day that was scored; a walk stays with the day that it began with."""
    begun, score, site = paging.after((date.min, 101, 0))
    async with at.scoped(person) as connection:
        day = await risk.day(connection, None if begun == date.min else begun)
        weights = None if day is None else await risk.weights(connection, day.weights)
        if day is None or weights is None:
            return []
        rows = await risk.ranking(connection, day.day, paging.wanted, after=(score, site), kind=kind)
    return [_ranked(row, weights, day.day) for row in paging.page(rows, lambda row: (day.day, row.score, row.id))]


def _ranked(row: risk.Ranked, weights: Weights, day: date) -> RankedSite:
    seen = risk_view.ranked(row, weights)
    return RankedSite(
        day=day, site=Named(id=row.id, code=row.code, zh=row.zh, en=row.en), kind=row.kind,
        authority=Names(zh=row.authority_zh, en=row.authority_en), score=row.score, band=seen.band,
        change=seen.change, terms=[RiskTerm.model_validate(term) for term in seen.terms],
    )  # fmt: skip


def _risk(seen: risk_view.RiskView | None) -> Risk:
    if seen is None:
        raise not_found()
    return Risk(
        score=seen.score, band=seen.band, at=seen.at, weights=seen.version,
        terms=[RiskTerm.model_validate(term) for term in seen.terms],
        trend=[RiskDay.model_validate(bar) for bar in seen.bars],
    )  # fmt: skip


@router.get("/sites/{site_id}/risk", responses=problems(401, 404), summary="A site's risk")
async def of_site(at: AtDesk, person: Asking, site_id: Identity) -> Risk:
    """Its score, the terms that make it, and its last 30 days; 404 before it was scored."""
    async with at.scoped(person) as connection:
        return _risk(await risk_view.subject(connection, site_id))


@router.get("/devices/{device_id}/risk", responses=problems(401, 404), summary="A device's risk")
async def of_device(at: AtDesk, person: Asking, device_id: Identity) -> Risk:
    """The same of a device."""
    async with at.scoped(person) as connection:
        device = await places.device(connection, device_id)
        if device is None:
            raise not_found()
        return _risk(await risk_view.subject(connection, device.site_id, device_id))
