"""Readings as a person may see them: a device's latest values, and series in the resolution that a span wants."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import LiteralString

from psycopg.rows import class_row

from store.connection import Connection

MAX_POINTS = 2000


class Resolution(StrEnum):
    """How finely a series is read."""

    RAW = "raw"
    MINUTE = "1m"
    HOUR = "1h"
    DAY = "1d"


@dataclass(frozen=True, slots=True)
class LatestRow:
    """The last value of one metric of one device."""

    device_id: int
    metric: str
    unit: str
    time: datetime
    value: float
    quality: int


@dataclass(frozen=True, slots=True)
class PointRow:
    """One point: the mean, and the lowest and highest value within its step (all alike when raw)."""

    at: datetime
    mean: float
    low: float
    high: float


_STEPPED_1M: LiteralString = (
    "SELECT date_bin(%(step)s, bucket, 'epoch'::timestamptz) AS at, sum(total) / sum(n) AS mean, min(low) AS low,"
    " max(high) AS high FROM device_reading_1m WHERE device_id = %(device)s AND metric_id = %(metric)s"
    " AND bucket >= %(begin)s AND bucket < %(end)s GROUP BY 1 ORDER BY 1 LIMIT %(limit)s"
)
_STEPPED_1H: LiteralString = (
    "SELECT date_bin(%(step)s, bucket, 'epoch'::timestamptz) AS at, sum(total) / sum(n) AS mean, min(low) AS low,"
    " max(high) AS high FROM device_reading_1h WHERE device_id = %(device)s AND metric_id = %(metric)s"
    " AND bucket >= %(begin)s AND bucket < %(end)s GROUP BY 1 ORDER BY 1 LIMIT %(limit)s"
)
_STEPPED_1D: LiteralString = (
    "SELECT date_bin(%(step)s, bucket, 'epoch'::timestamptz) AS at, sum(total) / sum(n) AS mean, min(low) AS low,"
    " max(high) AS high FROM device_reading_1d WHERE device_id = %(device)s AND metric_id = %(metric)s"
    " AND bucket >= %(begin)s AND bucket < %(end)s GROUP BY 1 ORDER BY 1 LIMIT %(limit)s"
)
_STEPPED_RAW: LiteralString = (
    "SELECT date_bin(%(step)s, time, 'epoch'::timestamptz) AS at, avg(value) AS mean, min(value) AS low,"
    " max(value) AS high FROM device_reading WHERE device_id = %(device)s AND metric_id = %(metric)s"
    " AND time >= %(begin)s AND time < %(end)s GROUP BY 1 ORDER BY 1 LIMIT %(limit)s"
)
_STATEMENTS: dict[Resolution, LiteralString] = {
    Resolution.RAW: _STEPPED_RAW,
    Resolution.MINUTE: _STEPPED_1M,
    Resolution.HOUR: _STEPPED_1H,
    Resolution.DAY: _STEPPED_1D,
}
_BASE_S = {Resolution.RAW: 1, Resolution.MINUTE: 60, Resolution.HOUR: 3600, Resolution.DAY: 86400}
FINE = timedelta(days=90)  # readings, and so minutes, are kept so long (store.retention)


def resolution(span: timedelta, age: timedelta = timedelta(0)) -> Resolution:
    """Raw up to 6 hours, minutes up to 7 days, hours up to 100 days, days beyond; what began before readings are kept
    (`age`: how long ago) is read from hours at the finest.
    """
    if span <= timedelta(days=7) and age <= FINE:
        return Resolution.RAW if span <= timedelta(hours=6) else Resolution.MINUTE
    return Resolution.HOUR if span <= timedelta(days=100) else Resolution.DAY


def step(span: timedelta, fineness: Resolution) -> timedelta:
    """The least whole multiple of the resolution's own step that keeps `span` below MAX_POINTS points."""
    base = _BASE_S[fineness]
    needed = span.total_seconds() / (MAX_POINTS - 1)
    return timedelta(seconds=base * max(1, -(-int(needed + 1) // base)))


async def latest(connection: Connection, devices: Sequence[int]) -> list[LatestRow]:
    """The last values of some devices, in the profile's order of metrics."""
    async with connection.cursor(row_factory=class_row(LatestRow)) as cursor:
        await cursor.execute(
            "SELECT reading_latest.device_id, metric.name AS metric, metric.unit, reading_latest.time,"
            " reading_latest.value, reading_latest.quality::int FROM reading_latest"
            " JOIN metric ON metric.id = reading_latest.metric_id WHERE reading_latest.device_id = ANY(%s)"
            " ORDER BY reading_latest.device_id, metric.id",
            (list(devices),),
        )
        return await cursor.fetchall()


async def metric_id(connection: Connection, device: int, name: str) -> int | None:
    """The metric's id in the profile of a device that the person may see, or None."""
    cursor = await connection.execute(
        "SELECT metric.id FROM metric JOIN device ON device.profile_code = metric.profile_code"
        " WHERE device.id = %s AND metric.name = %s",
        (device, name),
    )
    row = await cursor.fetchone()
    return None if row is None else int(str(row[0]))


async def series(
    connection: Connection, device: int, metric: int, begin: datetime, end: datetime
) -> tuple[Resolution, list[PointRow]]:
    """At most MAX_POINTS points of [begin, end), in order of time."""
    fineness = resolution(end - begin, datetime.now(UTC) - begin)
    async with connection.cursor(row_factory=class_row(PointRow)) as cursor:
        await cursor.execute(
            _STATEMENTS[fineness],
            {
                "step": step(end - begin, fineness),
                "device": device,
                "metric": metric,
                "begin": begin,
                "end": end,
                "limit": MAX_POINTS,
            },
        )
        return fineness, await cursor.fetchall()
