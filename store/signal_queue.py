"""The signal table as a queue: what the alert engine has not handled yet, and what it made of the rest."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class QueuedSignal:
    """One predicate that turned true or false. `time` is the subject's clock, but never later than `received`."""

    id: int
    rule_code: str
    rule_version: int
    site_id: int
    device_id: int | None
    camera_id: int | None
    zone: str
    scene_event_id: UUID | None
    value: bool
    pulse: bool
    time: datetime
    received: datetime
    why: str


async def unhandled(connection: Connection, limit: int) -> list[QueuedSignal]:
    """Signals that wait: the gravest rules' first, those of one rule in the order in which they were written."""
    async with connection.cursor(row_factory=class_row(QueuedSignal)) as cursor:
        await cursor.execute(
            "SELECT signal.id, rule_code, signal.rule_version, coalesce(device.site_id, camera.site_id) AS site_id,"
            " device_id, signal.camera_id, coalesce(nullif(signal.zone, ''), scene_event.zone, '') AS zone,"
            " scene_event_id, value, pulse, least(signal.time, signal.received) AS time, signal.received, signal.why"
            " FROM (SELECT signal.* FROM signal LEFT JOIN rule ON code = rule_code AND rule.version = signal.rule_version"
            "  WHERE handled IS NULL ORDER BY (body->>'severity')::int, id LIMIT %s) AS signal"
            " LEFT JOIN device ON device.id = device_id LEFT JOIN camera ON camera.id = signal.camera_id"
            " LEFT JOIN scene_event ON scene_event.id = scene_event_id"
            " LEFT JOIN rule ON rule.code = rule_code AND rule.version = signal.rule_version"
            " ORDER BY (rule.body->>'severity')::int, signal.id",
            (limit,),
        )
        return await cursor.fetchall()


async def settle(connection: Connection, signal: int, outcome: str) -> None:
    """Mark a signal as handled, with the named reason of what became of it."""
    await connection.execute("UPDATE signal SET handled = now(), outcome = %s WHERE id = %s", (outcome, signal))


async def others_last(connection: Connection, scene_event: UUID) -> bool:
    """True while another scene event of the same camera, scene and zone has not ended (a second person, say).

    One that began more than a day ago and never ended was forgotten by its edge, and does not count.
    """
    cursor = await connection.execute(
        "SELECT EXISTS (SELECT FROM scene_event AS ended JOIN scene_event AS other"
        " ON (other.camera_id, other.scene, other.zone) = (ended.camera_id, ended.scene, ended.zone)"
        " WHERE ended.id = %s AND other.id <> ended.id AND other.ended IS NULL"
        " AND other.received > now() - interval '24 hours')",
        (scene_event,),
    )
    row = await cursor.fetchone()
    return row is not None and bool(row[0])
