"""Rows of a day, of sales and of excursions, as REST shows them."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from api import telemetry_model as model
from api.alert_model import Names
from api.place_view import profile_of
from domain import excursion, predicate
from domain.excursion import Excursion
from domain.profile import DeviceProfile, Metric
from domain.rule import Rule
from store import days, excursions, places, sales
from store.connection import Connection

_rule = msgspec.json.Decoder(Rule)


def market_day(day: date, rows: list[sales.StallRow]) -> model.MarketDay:
    """The stalls with their sums."""
    return model.MarketDay(
        day=day,
        n=sum(row.n for row in rows),
        net_g=sum(row.net_g for row in rows),
        amount=sum(row.amount for row in rows),
        stalls=[model.StallDay.model_validate(row) for row in rows],
    )


def today(timezone: str) -> date:
    """The present day there."""
    return datetime.now(ZoneInfo(timezone)).date()


async def device_day(
    connection: Connection, device: places.DeviceRow, timezone: str, day: date | None
) -> model.DeviceDay:
    """One device's metrics and events on a day of its site's time zone; by default the present one."""
    day = day or today(timezone)
    begin, end = (datetime.combine(each, time(), ZoneInfo(timezone)) for each in (day, day + timedelta(days=1)))
    profile = profile_of(device.profile)
    rows = await days.metrics(connection, device.id, begin, end)
    events = await days.events(connection, device.id, begin, end)
    return model.DeviceDay(
        day=day,
        begin=begin.astimezone(UTC),
        end=end.astimezone(UTC),
        metrics=[_metric(row, known) for row in rows if (known := profile.metric(row.metric)) is not None],
        events=[model.EventOfDay.model_validate(row) for row in events],
    )


def _metric(row: days.MetricRow, known: Metric) -> model.MetricDay:
    return model.MetricDay(
        metric=row.metric, zh=known.zh, en=known.en, unit=known.unit,
        n=row.n, mean=row.mean, low=row.low, high=row.high,
    )  # fmt: skip


async def device_excursions(
    connection: Connection, device: places.DeviceRow, begin: datetime, end: datetime
) -> list[model.Excursion]:
    """The ledger of the device's excursions within [begin, end), the latest first."""
    profile = profile_of(device.profile)
    rows = await excursions.of_device(connection, device.id, begin, end)
    kept = await excursions.ledger(connection, [row.id for row in rows])
    found = [await _excursion(connection, device.id, profile, row, kept.get(row.id)) for row in rows]
    return [each for each in found if each is not None]


async def alert_excursion(
    connection: Connection, device: int, profile: DeviceProfile, alert: int
) -> model.Excursion | None:
    """The ledger of an alert's excursion: as it was written when it ended, or as it stands now."""
    row = await excursions.of_alert(connection, alert)
    if row is None:
        return None
    kept = await excursions.ledger(connection, [alert])
    return await _excursion(connection, device, profile, row, kept.get(alert))


async def _excursion(
    connection: Connection,
    device: int,
    profile: DeviceProfile,
    row: excursions.AlertRow,
    kept: excursions.LedgerRow | None,
) -> model.Excursion | None:
    rule = _rule.decode(row.rule)
    beyond = excursion.limit(predicate.parse(rule.predicate))
    metric = None if beyond is None else profile.metric(beyond.metric)
    if beyond is None or metric is None or metric.unit != "Cel":
        return None
    told: Excursion | excursions.LedgerRow | None = kept
    if told is None or row.cleared is None:  # what goes on, or has recurred, is computed as it stands
        end = row.cleared or datetime.now(UTC)
        times, values = await excursions.readings(connection, device, beyond.metric, row.began, end)
        told = await asyncio.to_thread(excursion.summarise, beyond, times, values, end.timestamp())
    if told is None:
        return None
    return model.Excursion(
        alert_id=row.id, rule=Names(zh=rule.zh, en=rule.en), metric=beyond.metric, unit=metric.unit, limit=beyond.bound,
        began=row.began, ended=row.cleared, peak=told.peak, peak_at=told.peak_at, degree_minutes=told.degree_minutes,
        mean_kinetic=told.mean_kinetic, recorded_s=told.recorded_s, readings=told.readings,
    )  # fmt: skip
