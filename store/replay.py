"""What a rule's replay reads: its subjects, what they said, and the alerts that were raised. Portion by portion."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

import numpy as np
from psycopg.rows import class_row, tuple_row

from domain.wire import DeviceEvent, EventPhase, Transaction
from store.columns import Int4s, Ints, fetch
from store.connection import Connection
from store.device_events import EventRow, NewestRow, TransactionRow
from store.readings import Readings
from store.signals import Signal

MOST_EVENTS = 200_000  # device events, scene events or camera states of one replay


@dataclass(frozen=True, slots=True)
class Span:
    """What is looked at: [begin, end) at or below an authority (None: everywhere)."""

    begin: datetime
    end: datetime
    authority: str | None = None


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """A device or camera below an authority. `schedule`: JSON text of a domain.schedule.Schedule."""

    id: int
    profile: str  # of a camera: empty
    zh: str
    en: str
    site_zh: str
    site_en: str
    online: bool
    schedule: str


@dataclass(frozen=True, slots=True)
class Portion:
    """What one subject makes of a rule: signals in order with when each was received; `measured`: its last reading.

    Without a subject it only says how many there are. `cut`: there is more than was read.
    """

    subject: SubjectRow | None
    told: Sequence[tuple[Signal, datetime]]
    rows: int
    done: int
    total: int
    measured: datetime | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class SceneRow:
    """One scene event; `label` is its sub-label, `told_end` why it ended."""

    id: str
    camera: int
    zone: str
    first: datetime
    last: datetime
    received: datetime
    why: str
    ended: datetime | None
    ended_why: str
    label: str


@dataclass(frozen=True, slots=True)
class StateRow:
    """A camera's health from `at` on."""

    camera: int
    state: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class RaisedRow:
    """An alert of the rule whose time meets a span; `finished`: when people were done with it."""

    id: int
    device: int | None
    camera: int | None
    zone: str
    zh: str
    en: str
    site_zh: str
    site_en: str
    began: datetime
    cleared: datetime | None
    finished: datetime | None
    why: str


async def devices(connection: Connection, profiles: Sequence[str], authority: str | None) -> list[SubjectRow]:
    """The devices of those profiles at or below an authority (None: all), in order of their ids."""
    async with connection.cursor(row_factory=class_row(SubjectRow)) as cursor:
        await cursor.execute(
            "SELECT device.id, profile_code AS profile, device.zh, device.en, site.zh AS site_zh, site.en AS site_en,"
            " device.online, site.schedule::text AS schedule FROM device JOIN site ON site.id = site_id"
            " WHERE profile_code = ANY(%s) AND (%s::ltree IS NULL OR authority <@ %s) ORDER BY device.id",
            (list(profiles), authority, authority),
        )
        return await cursor.fetchall()


async def cameras(connection: Connection, authority: str | None) -> list[SubjectRow]:
    """The cameras at or below an authority (None: all), removed ones too, in order of their ids."""
    async with connection.cursor(row_factory=class_row(SubjectRow)) as cursor:
        await cursor.execute(
            "SELECT camera.id, '' AS profile, camera.zh, camera.en, site.zh AS site_zh, site.en AS site_en,"
            " true AS online, site.schedule::text AS schedule FROM camera JOIN site ON site.id = site_id"
            " WHERE %s::ltree IS NULL OR site.authority <@ %s ORDER BY camera.id",
            (authority, authority),
        )
        return await cursor.fetchall()


async def readings(
    connection: Connection, series: tuple[int, Ints], begin: datetime, end: datetime, limit: int
) -> Readings:
    """Readings of a device's metrics in [begin, end) that said something of their own time; in its order, the first."""
    device, metrics = series
    return await _readings(
        connection,
        device,
        "SELECT array_agg(time), array_agg(metric_id), array_agg(value), array_agg(quality) FROM ("
        " SELECT time, metric_id, value, quality FROM reading WHERE device_id = %s AND metric_id = ANY(%s)"
        "  AND time >= %s AND time < %s AND quality & 4 = 0 ORDER BY time LIMIT %s) AS one",
        (device, Int4s(metrics), begin, end, limit),
    )


async def before(connection: Connection, device: int, metrics: Ints, begin: datetime) -> Readings:
    """The newest reading of each metric in the day before, of those within its range."""
    return await _readings(
        connection,
        device,
        "SELECT array_agg(time), array_agg(metric_id), array_agg(value), array_agg(quality) FROM ("
        " SELECT DISTINCT ON (metric_id) time, metric_id, value, quality FROM reading"
        "  WHERE device_id = %s AND metric_id = ANY(%s) AND time < %s AND time >= %s - interval '1 day'"
        "  AND quality & 5 = 0 ORDER BY metric_id, time DESC) AS one",
        (device, Int4s(metrics), begin, begin),
    )


async def _readings(connection: Connection, device: int, query: LiteralString, values: Sequence[object]) -> Readings:
    time, metric, value, quality = await fetch(connection, query, values)
    return Readings(
        time,
        np.full(len(time), device, dtype=np.int64),
        metric.astype(np.int64),
        value.astype(np.float64),
        quality.astype(np.int64),
    )


async def events(
    connection: Connection, devices: Sequence[int], codes: Sequence[str], begin: datetime, end: datetime
) -> list[tuple[EventRow, datetime]]:
    """Device events with when each was received, device by device in order of time; the first ones of many."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            "SELECT device_id, time, quality::int, code, phase, text, received FROM device_event"
            " WHERE device_id = ANY(%s) AND code = ANY(%s) AND time >= %s AND time < %s"
            " ORDER BY device_id, time, id LIMIT %s",
            (list(devices), list(codes), begin, end, MOST_EVENTS),
        )
        return [
            (EventRow(device, time, quality, DeviceEvent(time, code, EventPhase(phase), text=text)), received)
            for device, time, quality, code, phase, text, received in await cursor.fetchall()
        ]


async def events_before(
    connection: Connection, devices: Sequence[int], codes: Sequence[str], begin: datetime
) -> list[NewestRow]:
    """What these devices had last said of these codes by then: begin or end."""
    async with connection.cursor(row_factory=class_row(NewestRow)) as cursor:
        await cursor.execute(
            "SELECT DISTINCT ON (device_id, code) device_id AS device, code, phase = 'begin' AS active, time"
            " FROM device_event WHERE device_id = ANY(%s) AND code = ANY(%s) AND phase <> 'pulse' AND time < %s"
            " ORDER BY device_id, code, time DESC, id DESC",
            (list(devices), list(codes), begin),
        )
        return await cursor.fetchall()


async def sales(
    connection: Connection, device: int, after: tuple[datetime, str], end: datetime, limit: int
) -> list[tuple[TransactionRow, datetime]]:
    """A scale's sales after (time, tx_id) with when each was received, in that order."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            "SELECT time, quality::int, tx_id, seq, product, gross_g, tare_g, net_g, unit_price, amount, received"
            " FROM transaction WHERE device_id = %s AND time >= %s AND (time, tx_id) > (%s, %s) AND time < %s"
            " ORDER BY time, tx_id LIMIT %s",
            (device, after[0], *after, end, limit),
        )
        return [
            (TransactionRow(device, row[0], row[1], Transaction(row[0], *row[2:10])), row[10])
            for row in await cursor.fetchall()
        ]


async def scenes(connection: Connection, scene: str, begin: datetime, end: datetime) -> list[SceneRow]:
    """Scene events that began in [begin, end), camera by camera in order of time; the first ones of many."""
    async with connection.cursor(row_factory=class_row(SceneRow)) as cursor:
        await cursor.execute(
            "SELECT replace(one.id::text, '-', '') AS id, one.camera_id AS camera, zone, first, last, one.received,"
            " one.why, ended, ended_why, coalesce((SELECT convert_from(statement, 'UTF8')::jsonb->>'label'"
            "  FROM evidence_link WHERE scene_event_id = one.id"
            "  AND convert_from(statement, 'UTF8')::jsonb->>'kind' = 'scene_began' LIMIT 1), '') AS label"
            " FROM scene_event AS one WHERE scene = %s AND first >= %s AND first < %s"
            " ORDER BY one.camera_id, first, one.id LIMIT %s",
            (scene, begin, end, MOST_EVENTS),
        )
        return await cursor.fetchall()


async def healths(connection: Connection, begin: datetime, end: datetime) -> list[StateRow]:
    """What cameras said of themselves in [begin, end), and the last word before, camera by camera in order of time."""
    async with connection.cursor(row_factory=class_row(StateRow)) as cursor:
        await cursor.execute(
            "SELECT camera_id AS camera, state, at, why FROM ("
            " (SELECT DISTINCT ON (camera_id) * FROM camera_health WHERE at < %(begin)s"
            "  ORDER BY camera_id, at DESC, id DESC) UNION ALL"
            " SELECT * FROM camera_health WHERE at >= %(begin)s AND at < %(end)s) AS said"
            " ORDER BY camera_id, at, id LIMIT %(limit)s",
            {"begin": begin, "end": end, "limit": MOST_EVENTS},
        )
        return await cursor.fetchall()


async def raised(connection: Connection, code: str, span: Span) -> list[RaisedRow]:
    """The rule's alerts whose time meets the span, whatever version raised them, in order of time."""
    async with connection.cursor(row_factory=class_row(RaisedRow)) as cursor:
        await cursor.execute(
            "SELECT alert.id, device_id AS device, camera_id AS camera, zone,"
            " coalesce(device.zh, camera.zh, site.zh) AS zh,"
            " coalesce(device.en, camera.en, site.en) AS en, site.zh AS site_zh, site.en AS site_en, began, cleared,"
            " CASE WHEN status IN ('closed', 'dismissed') THEN changed END AS finished, why"
            " FROM alert JOIN site ON site.id = alert.site_id LEFT JOIN device ON device.id = device_id"
            " LEFT JOIN camera ON camera.id = camera_id WHERE rule_code = %s AND began < %s"
            " AND greatest(cleared, CASE WHEN status IN ('closed', 'dismissed') THEN changed ELSE 'infinity' END) >= %s"
            " AND (%s::ltree IS NULL OR site.authority <@ %s) ORDER BY began, alert.id LIMIT %s",
            (code, span.end, span.begin, span.authority, span.authority, MOST_EVENTS),
        )
        return await cursor.fetchall()


async def peak(
    connection: Connection, device: int, metric: str, begin: datetime, end: datetime, *, above: bool
) -> float | None:
    """The highest (or lowest) believable value of a metric within [begin, end]."""
    cursor = await connection.execute(
        "SELECT CASE WHEN %s THEN max(value) ELSE min(value) END FROM reading"
        " WHERE device_id = %s AND metric_id = (SELECT metric.id FROM metric JOIN device USING (profile_code)"
        "  WHERE device.id = %s AND metric.name = %s) AND time >= %s AND time <= %s AND quality & 1 = 0",
        (above, device, device, metric, begin, end),
    )
    row = await cursor.fetchone()
    return None if row is None or row[0] is None else float(str(row[0]))


async def metric_rows(connection: Connection) -> list[tuple[int, str, str]]:
    """Every metric: id, profile, name."""
    cursor = await connection.execute("SELECT id, profile_code, name FROM metric ORDER BY id")
    return [(int(str(row[0])), str(row[1]), str(row[2])) for row in await cursor.fetchall()]


async def profile_texts(connection: Connection) -> list[str]:
    """Every device profile as JSON text."""
    cursor = await connection.execute("SELECT body::text FROM device_profile ORDER BY code")
    return [str(row[0]) for row in await cursor.fetchall()]
