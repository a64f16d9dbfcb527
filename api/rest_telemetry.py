"""REST: a site's latest values, a device's day, a market's day, sales by authority, and excursions."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query

from api import place_view, telemetry_view
from api import telemetry_model as model
from api.desk import Asking, AtDesk
from api.openapi import problems
from api.paging import NO_END, Paged
from api.place_model import Device
from api.problem import ProblemError, not_found
from store import places, sales

router = APIRouter(prefix="/api/v1", tags=["telemetry"])

_LONGEST = timedelta(days=366)
Identity = Annotated[int, Path(examples=[7])]
_FIRST, _LAST = date(2000, 1, 1), date(2200, 1, 1)
Day = Annotated[
    date | None,
    Query(ge=_FIRST, le=_LAST, description="of the site's time zone; today by default", examples=["2026-11-22"]),
]


@router.get("/sites/{site_id}/latest", responses=problems(401, 404), summary="The latest values of a site")
async def site_latest(at: AtDesk, person: Asking, site_id: Identity, paging: Paged) -> list[Device]:
    """Each device of the site with the last value of each of its metrics."""
    async with at.scoped(person) as connection:
        if await places.site(connection, site_id) is None:
            raise not_found()
        rows = await places.devices(connection, site_id, paging.wanted, paging.after(("", "")))
        return await place_view.devices(connection, paging.page(rows, lambda row: (row.site_code, row.code)))


@router.get("/sites/{site_id}/sales", responses=problems(401, 404), summary="A market's day")
async def site_sales(at: AtDesk, person: Asking, site_id: Identity, day: Day = None) -> model.MarketDay:
    """What each scale of the site sold on a day, and all of them together."""
    async with at.scoped(person) as connection:
        timezone = await places.timezone(connection, site_id)
        if timezone is None:
            raise not_found()
        wanted = day or telemetry_view.today(timezone)
        return telemetry_view.market_day(wanted, await sales.market_day(connection, site_id, wanted))


@router.get("/sales", responses=problems(401, 422), summary="Sales by authority and day")
async def authority_sales(
    at: AtDesk,
    person: Asking,
    *,
    paging: Paged,
    begin: Annotated[date, Query(alias="from", ge=_FIRST, le=_LAST, examples=["2026-11-01"])],
    end: Annotated[
        date, Query(alias="to", ge=_FIRST, le=_LAST, description="the day after the last", examples=["2026-11-08"])
    ],
    depth: Annotated[int, Query(ge=1, le=20, description="level of the authorities' tree", examples=[2])] = 2,
) -> list[model.AuthorityDay]:
    """Sales of the scales in the person's scope, summed up at one level of the authorities' tree."""
    if not timedelta(0) < end - begin <= _LONGEST:
        raise ProblemError(422, "span", {"days": _LONGEST.days})
    after = paging.after((_FIRST, ""))
    async with at.scoped(person) as connection:
        rows = await sales.by_authority(connection, depth, begin, end, after=after, limit=paging.wanted)
    return [model.AuthorityDay.model_validate(row) for row in paging.page(rows, lambda row: (row.day, row.path))]


@router.get("/devices/{device_id}/day", responses=problems(401, 404), summary="A device's day")
async def device_day(at: AtDesk, person: Asking, device_id: Identity, day: Day = None) -> model.DeviceDay:
    """What the device's metrics came to on a day, and its events."""
    async with at.scoped(person) as connection:
        device = await places.device(connection, device_id)
        timezone = None if device is None else await places.timezone(connection, device.site_id)
        if device is None or timezone is None:
            raise not_found()
        return await telemetry_view.device_day(connection, device, timezone, day)


@router.get("/devices/{device_id}/excursions", responses=problems(401, 404), summary="A cold store's excursions")
async def device_excursions(
    at: AtDesk,
    person: Asking,
    device_id: Identity,
    paging: Paged,
    days: Annotated[int, Query(ge=1, le=90, description="how far back", examples=[30])] = 30,
) -> list[model.Excursion]:
    """When a temperature went beyond a rule's limit, how far, how long, and how much."""
    end = datetime.now(UTC)
    async with at.scoped(person) as connection:
        device = await places.device(connection, device_id)
        if device is None:
            raise not_found()
        found = await telemetry_view.device_excursions(connection, device, end - timedelta(days=days), end)
    return paging.part(found, lambda row: (-row.alert_id,), (-NO_END,))
