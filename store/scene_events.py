"""Scene events with their evidence, and camera health, as edges report them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from psycopg.rows import class_row

from domain.wire import CameraHealth, EvidenceAdded, EvidenceItem, EvidenceMissing, SceneBegan, SceneEnded
from store.connection import Connection


@dataclass(frozen=True, slots=True)
class SceneRow:
    """What a scene event's followers (its end, later evidence) must match. `id` in 32 hex digits."""

    id: str
    camera: int
    scene: str
    zone: str
    ended: bool


@dataclass(frozen=True, slots=True)
class HealthRow:
    """A camera's last known health; `at` None: it was never reported."""

    camera: int
    state: str
    at: datetime | None


async def known(connection: Connection, events: Sequence[str]) -> list[SceneRow]:
    """Those of the events that are stored."""
    async with connection.cursor(row_factory=class_row(SceneRow)) as cursor:
        await cursor.execute(
            "SELECT replace(id::text, '-', '') AS id, camera_id AS camera, scene, zone, ended IS NOT NULL AS ended"
            " FROM scene_event WHERE id = ANY(%s::uuid[])",
            (list(events),),
        )
        return await cursor.fetchall()


async def begin(connection: Connection, camera: int, event: SceneBegan) -> bool:
    """Store the event with its evidence; False when it was there already."""
    cursor = await connection.execute(
        "INSERT INTO scene_event (id, camera_id, scene, zone, track, first, best, last, why, samples, model,"
        " rule_version) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s) ON CONFLICT DO NOTHING",
        (
            *(event.id, camera, event.scene, event.zone, event.track, event.first, event.best, event.last, event.why),
            *(msgspec.json.encode(event.samples).decode(), event.model, event.rule_version),
        ),
    )
    if cursor.rowcount != 1:
        return False
    for item in event.evidence:
        await add_evidence(connection, event.id, item)
    return True


async def end(connection: Connection, event: SceneEnded) -> bool:
    """Mark it ended; False when it was already."""
    cursor = await connection.execute(
        "UPDATE scene_event SET ended = %s, ended_why = %s WHERE id = %s AND ended IS NULL",
        (event.at, event.why, event.id),
    )
    return cursor.rowcount == 1


async def add(connection: Connection, event: EvidenceAdded) -> None:
    """Evidence that was ready later."""
    await add_evidence(connection, event.id, event.item)


async def miss(connection: Connection, event: EvidenceMissing) -> None:
    """Evidence that will never come."""
    await connection.execute(
        "INSERT INTO evidence_missing (scene_event_id, part, sha256, at, why) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (event.id, event.part, event.sha256 or "", event.at, event.why),
    )


async def add_evidence(connection: Connection, event: str, item: EvidenceItem) -> None:
    """One piece of evidence; the same bytes again change only what is said of their completeness."""
    await connection.execute(
        "INSERT INTO evidence (scene_event_id, kind, sha256, media_type, size, begin_at, end_at, complete, why,"
        " of_sha256) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (scene_event_id, kind, sha256)"
        " DO UPDATE SET complete = excluded.complete, why = excluded.why",
        (
            *(event, item.kind, item.sha256, item.media_type, item.size),
            *(item.begin, item.end, item.complete, item.why, item.of),
        ),
    )


async def healths(connection: Connection, cameras: Sequence[int]) -> list[HealthRow]:
    """The last known health of cameras, whose rows are locked in order of their ids."""
    async with connection.cursor(row_factory=class_row(HealthRow)) as cursor:
        await cursor.execute(
            "SELECT id AS camera, health AS state, health_at AS at FROM camera WHERE id = ANY(%s)"
            " ORDER BY id FOR NO KEY UPDATE",
            (list(cameras),),
        )
        return await cursor.fetchall()


async def add_health(connection: Connection, camera: int, health: CameraHealth, at: datetime) -> None:
    """Keep the change, and the newest one with the camera."""
    await connection.execute(
        "INSERT INTO camera_health (camera_id, state, at, why) VALUES (%s, %s, %s, %s)",
        (camera, health.state, at, health.why),
    )
    await connection.execute(
        "UPDATE camera SET health = %s, health_at = %s, health_why = %s"
        " WHERE id = %s AND (health_at IS NULL OR health_at <= %s)",
        (health.state, at, health.why, camera, at),
    )
