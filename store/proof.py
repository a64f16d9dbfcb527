"""What proved an alert: readings and events of the time that a condition lasted, samples kept with the alert."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.course import Cell, Spell
from store.connection import Connection

MOST_CELLS = 20_000  # of one condition
SAMPLES = 24  # readings of each metric that are kept with an alert
BEFORE = timedelta(hours=1)  # what was said before a condition began and not changed since stands


@dataclass(frozen=True, slots=True)
class Proved:
    """An alert that was just raised, and what its rule reads: `figures` as its reason states them."""

    alert: int
    device: int | None
    names: Collection[str]
    since: datetime
    figures: dict[str, float]


async def cells(
    connection: Connection, device: int, names: Collection[str], begin: datetime, end: datetime
) -> list[Cell]:
    """Believable readings of those metrics in order of time, from a little before `begin`; of many, the last ones."""
    cursor = await connection.execute(
        "SELECT extract(epoch FROM time)::float8, metric.name, value FROM reading"
        " JOIN metric ON metric.id = reading.metric_id"
        " WHERE device_id = %s AND metric_id IN (SELECT metric.id FROM metric JOIN device"
        "  ON device.profile_code = metric.profile_code WHERE device.id = %s AND metric.name = ANY(%s))"
        " AND time >= %s AND time <= %s AND quality & 1 = 0 ORDER BY time DESC LIMIT %s",
        (device, device, list(names), begin - BEFORE, end, MOST_CELLS),
    )
    return [Cell(float(str(row[0])), str(row[1]), float(str(row[2]))) for row in reversed(await cursor.fetchall())]


async def events(connection: Connection, device: int, code: str, begin: datetime, end: datetime) -> list[Spell]:
    """When an event was so, each from its begin (or pulse) to its end; what has no end lasts until `end`."""
    cursor = await connection.execute(
        "SELECT extract(epoch FROM time)::float8, extract(epoch FROM coalesce((SELECT min(over.time) FROM"
        "  device_event AS over WHERE over.device_id = began.device_id AND over.code = began.code"
        "  AND over.phase = 'end' AND over.time >= began.time), %s))::float8 FROM device_event AS began"
        " WHERE device_id = %s AND code = %s AND phase <> 'end' AND time >= %s AND time <= %s ORDER BY time",
        (end, device, code, begin, end),
    )
    return [Spell(float(str(row[0])), float(str(row[1]))) for row in await cursor.fetchall()]


async def keep(connection: Connection, proved: Sequence[Proved]) -> None:
    """Store the samples: the last readings of what each rule reads, and the figures of its reason."""
    measured = [one for one in proved if one.device is not None and one.names]
    if measured:
        await connection.execute(
            "INSERT INTO alert_sample (alert_id, at, name, value)"
            " SELECT alert, sample.time, metric.name, sample.value"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[])"
            "  AS one (alert, subject, since, name)"
            " JOIN device ON device.id = subject"
            " JOIN metric ON metric.profile_code = device.profile_code AND metric.name = one.name"
            " CROSS JOIN LATERAL (SELECT time, value FROM reading WHERE device_id = subject AND metric_id = metric.id"
            "  AND time >= since - interval '10 minutes' AND quality & 1 = 0 ORDER BY time DESC LIMIT %s) AS sample",
            (
                [one.alert for one in measured for _ in one.names],
                [one.device for one in measured for _ in one.names],
                [one.since for one in measured for _ in one.names],
                [name for one in measured for name in one.names],
                SAMPLES,
            ),
        )
    stated = [(one.alert, one.since, name, value) for one in proved for name, value in one.figures.items()]
    if stated:
        await connection.execute(
            "INSERT INTO alert_sample (alert_id, at, name, value)"
            " SELECT * FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::float8[])",
            tuple(list(column) for column in zip(*stated, strict=True)),
        )
