"""One device's day: what its metrics came to, and its events."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from store.connection import Connection

MOST_EVENTS = 1000


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One metric over a day, read from whole hours."""

    metric: str
    n: int
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event as it was said."""

    time: datetime
    code: str
    phase: str
    text: str


async def metrics(connection: Connection, device: int, begin: datetime, end: datetime) -> list[MetricRow]:
    """The metrics of [begin, end), in the profile's order."""
    async with connection.cursor(row_factory=class_row(MetricRow)) as cursor:
        await cursor.execute(
            "SELECT metric.name AS metric, sum(n)::bigint AS n, sum(total) / sum(n) AS mean, min(low) AS low,"
            " max(high) AS high FROM device_reading_1h JOIN metric ON metric.id = device_reading_1h.metric_id"
            " WHERE device_id = %s AND bucket >= %s AND bucket < %s GROUP BY metric.id, metric.name ORDER BY metric.id",
            (device, begin, end),
        )
        return await cursor.fetchall()


async def events(connection: Connection, device: int, begin: datetime, end: datetime) -> list[EventRow]:
    """The events of [begin, end) in order of time, the first ones of many."""
    async with connection.cursor(row_factory=class_row(EventRow)) as cursor:
        await cursor.execute(
            "SELECT time, code, phase, text FROM device_event WHERE device_id = %s AND time >= %s AND time < %s"
            " ORDER BY time, id LIMIT %s",
            (device, begin, end, MOST_EVENTS),
        )
        return await cursor.fetchall()
