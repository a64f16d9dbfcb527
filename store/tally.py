"""What landed, for a checker: alerts with their subjects, messages in the ledger, readings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row, tuple_row

from domain.quality import Quality
from store.connection import Connection


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
            "SELECT alert.id, alert.rule_code AS rule, coalesce(device.code, camera.code, site.code) AS subject,"
            " alert.began,"
            " alert.raised, alert.why, coalesce((rule.body->>'for_s')::float8, 0) AS waits_s,"
            " scene_event.last AS last_sample"
            " FROM alert JOIN rule ON rule.code = alert.rule_code AND rule.version = alert.rule_version"
            " JOIN site ON site.id = alert.site_id"
            " LEFT JOIN device ON device.id = alert.device_id LEFT JOIN camera ON camera.id = alert.camera_id"
            " LEFT JOIN scene_event ON scene_event.id = alert.scene_event_id ORDER BY alert.id"
        )
        return await cursor.fetchall()


async def stored(connection: Connection, keys: Sequence[bytes]) -> int:
    """How many of these 16-byte ledger keys are in the ledger."""
    cursor = await connection.execute(
        "SELECT count(DISTINCT key)::int FROM ledger WHERE key = ANY(%s::uuid[])", ([UUID(bytes=key) for key in keys],)
    )
    return number(await cursor.fetchone())


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


def number(row: tuple[object, ...] | None) -> int:
    """The one whole number of a row."""
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
