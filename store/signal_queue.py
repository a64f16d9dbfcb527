"""The signal table as a queue: what the alert engine has not handled yet, and what it made of the rest."""

from collections.abc import Collection, Mapping
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
    site_kind: str
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
            "SELECT signal.id, rule_code, signal.rule_version, site.id AS site_id,"
            " site.kind AS site_kind, device_id, signal.camera_id,"
            " coalesce(nullif(signal.zone, ''), scene_event.zone, '') AS zone,"
            " scene_event_id, value, pulse, least(signal.time, signal.received) AS time, signal.received, signal.why"
            " FROM (SELECT * FROM signal WHERE handled IS NULL ORDER BY severity, id LIMIT %s) AS signal"
            " LEFT JOIN device ON device.id = device_id LEFT JOIN camera ON camera.id = signal.camera_id"
            " JOIN site ON site.id = coalesce(device.site_id, camera.site_id)"
            " LEFT JOIN scene_event ON scene_event.id = scene_event_id ORDER BY signal.severity, signal.id",
            (limit,),
        )
        return await cursor.fetchall()


async def settle(connection: Connection, outcomes: Mapping[int, str]) -> None:
    """Mark signals as handled, each with the named reason of what became of it."""
    if outcomes:
        await connection.execute(
            "UPDATE signal SET handled = now(), outcome = said.outcome"
            " FROM unnest(%s::bigint[], %s::text[]) AS said (signal, outcome) WHERE id = said.signal",
            (list(outcomes), list(outcomes.values())),
        )


async def others_last(connection: Connection, scene_events: Collection[UUID]) -> set[UUID]:
    """Those beside which another scene event of the same camera, scene and zone has not ended (a second person, say).

    One that began more than a day ago and never ended was forgotten by its edge, and does not count.
    """
    if not scene_events:
        return set()
    cursor = await connection.execute(
        "SELECT ended.id FROM scene_event AS ended WHERE ended.id = ANY(%s) AND EXISTS ("
        "  SELECT FROM scene_event AS other"
        "  WHERE (other.camera_id, other.scene, other.zone) = (ended.camera_id, ended.scene, ended.zone)"
        " AND other.id <> ended.id AND other.ended IS NULL AND other.received > now() - interval '24 hours')",
        (list(scene_events),),
    )
    return {row[0] for row in await cursor.fetchall() if isinstance(row[0], UUID)}
