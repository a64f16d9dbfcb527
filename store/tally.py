"""What landed, for a checker: alerts with their subjects, messages in the ledger, readings."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection as SyncConnection
from psycopg.rows import class_row, tuple_row

from domain.quality import Quality
from store.connection import Connection

# PostgreSQL's binary COPY: a head, rows of a count and five lengths before their values, a tail.
_COPY_HEAD, _COPY_TAIL = 19, b"\xff\xff"
_READING = 2 + 5 * 4 + 8 + 8 + 4 + 8 + 2


@dataclass(frozen=True, slots=True)
class RaisedAlert:
    """An alert. `waits_s`: its rule's own duration; `last_sample`: of its scene event, if it has one."""

    id: int
    rule: str
    subject: str
    began: datetime
    raised: datetime
    why: str
    waits_s: float
    last_sample: datetime | None


async def alerts(connection: Connection) -> list[RaisedAlert]:
    """All alerts, oldest first."""
    async with connection.cursor(row_factory=class_row(RaisedAlert)) as cursor:
        await cursor.execute(
            "SELECT alert.id, alert.rule_code AS rule, coalesce(device.code, camera.code) AS subject, alert.began,"
            " alert.raised, alert.why, coalesce((rule.body->>'for_s')::float8, 0) AS waits_s,"
            " scene_event.last AS last_sample"
            " FROM alert JOIN rule ON rule.code = alert.rule_code AND rule.version = alert.rule_version"
            " LEFT JOIN device ON device.id = alert.device_id LEFT JOIN camera ON camera.id = alert.camera_id"
            " LEFT JOIN scene_event ON scene_event.id = alert.scene_event_id ORDER BY alert.id"
        )
        return await cursor.fetchall()


async def stored(connection: Connection, keys: Sequence[bytes]) -> int:
    """How many of these 16-byte ledger keys are in the ledger."""
    cursor = await connection.execute(
        "SELECT count(DISTINCT key)::int FROM ledger WHERE key = ANY(%s::uuid[])", ([UUID(bytes=key) for key in keys],)
    )
    return _number(await cursor.fetchone())


async def readings(connection: Connection) -> tuple[int, int]:
    """How many readings there are, and how many of them repeat another one (device, metric, time)."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            "SELECT coalesce(sum(times), 0)::int, coalesce(sum(times - 1), 0)::int"
            " FROM (SELECT count(*) AS times FROM reading GROUP BY device_id, metric_id, time) AS each"
        )
        row = await cursor.fetchone()
    assert row is not None
    return row[0], row[1]


@dataclass(frozen=True, slots=True)
class Landed:
    """Messages in the ledger, how many different `seq` they have, and how many readings they brought."""

    messages: int
    numbers: int
    readings: int


async def landed(connection: Connection) -> Landed:
    """Counted exactly, which takes a while where there are millions."""
    async with connection.cursor(row_factory=class_row(Landed)) as cursor:
        await cursor.execute(
            "SELECT count(*)::int AS messages, count(DISTINCT seq)::int AS numbers,"
            " (SELECT count(*)::int FROM reading) AS readings FROM ledger"
        )
        row = await cursor.fetchone()
    assert row is not None
    return row


async def messages(connection: Connection) -> int:
    """How many messages are in the ledger."""
    return _number(await (await connection.execute("SELECT count(*)::int FROM ledger")).fetchone())


async def committed(connection: Connection) -> int:
    """About how many messages were ever committed, as the server's statistics know it, a second or more late."""
    cursor = await connection.execute("SELECT n_tup_ins::int FROM pg_stat_user_tables WHERE relid = 'ledger'::regclass")
    return _number(await cursor.fetchone())


async def device(connection: Connection, site: str, code: str) -> int:
    """A device's id."""
    cursor = await connection.execute(
        "SELECT device.id FROM device JOIN site ON site.id = site_id WHERE site.code = %s AND device.code = %s",
        (site, code),
    )
    return _number(await cursor.fetchone())


def newest(connection: SyncConnection[tuple[object, ...]], device: int) -> int:
    """When the newest reading of a device that can be queried now was measured, in µs; 0 without any."""
    query = "SELECT coalesce(extract(epoch FROM max(time)) * 1000000, 0)::bigint FROM reading WHERE device_id = %s"
    return _number(connection.execute(query, (device,)).fetchone())


async def copied(connection: Connection, batch: int) -> tuple[int, float]:
    """Empty `reading` and COPY the same rows into it in transactions of `batch` rows: how many, and in how many s.

    Needs an autocommit connection as the owner. The rows go from memory, as they came out, over this one connection.
    """
    statement = "COPY (SELECT time, device_id, metric_id, value, quality FROM reading) TO STDOUT (FORMAT BINARY)"
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        whole = b"".join([bytes(block) async for block in copy])
    rows = memoryview(whole)[_COPY_HEAD : -len(_COPY_TAIL)]
    await connection.execute("TRUNCATE reading")
    began = time.monotonic()
    for start in range(0, len(rows), batch * _READING):
        into = "COPY reading (time, device_id, metric_id, value, quality) FROM STDIN (FORMAT BINARY)"
        async with connection.cursor() as cursor, cursor.copy(into) as copy:
            await copy.write(whole[:_COPY_HEAD] + rows[start : start + batch * _READING] + _COPY_TAIL)
    return len(rows) // _READING, time.monotonic() - began


def _number(row: tuple[object, ...] | None) -> int:
    if row is None or not isinstance(row[0], int):
        raise TypeError(f"expected a count, got {row!r}")
    return row[0]


@dataclass(frozen=True, slots=True)
class Landed:
    """Devices' messages in the ledger, their readings, and how many of these carry the one flag HISTORICAL."""

    messages: int
    readings: int
    historical: int


async def landed(connection: Connection) -> Landed:
    """How much of devices has landed."""
    async with connection.cursor(row_factory=class_row(Landed)) as cursor:
        await cursor.execute(
            "SELECT (SELECT count(*) FROM ledger JOIN device ON device.id = source_id) AS messages,"
            " count(*) AS readings, count(*) FILTER (WHERE quality = %s) AS historical FROM reading",
            (int(Quality.HISTORICAL),),
        )
        row = await cursor.fetchone()
    assert row is not None
    return row
