"""Scenes that go on at devices' sites now, as the cameras' edges told."""

from collections.abc import Collection
from dataclasses import dataclass

from psycopg.rows import tuple_row

from domain.scene import Scene
from store.connection import Connection


@dataclass(frozen=True, slots=True)
class Sight:
    """A scene event that has not ended. `event` in 32 hex digits; `sure`: its edge is there to tell its end."""

    event: str
    camera: str
    sure: bool


async def going_on(
    connection: Connection, scene: Scene, zones: Collection[str], profiles: Collection[str]
) -> dict[int, Sight]:
    """By device of these profiles, or built on them: that scene at its site, in one of the zones (none: in any).

    The longest one that is sure. One that began more than a day ago and never ended was forgotten by its edge.
    """
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            "SELECT DISTINCT ON (scope.id) scope.id, replace(seen.id::text, '-', ''), camera.code, edge.online"
            " FROM scene_event AS seen JOIN camera ON camera.id = seen.camera_id JOIN edge ON edge.id = camera.edge_id"
            " JOIN device_scope AS scope ON scope.site_id = camera.site_id"
            " WHERE seen.scene = %(scene)s AND seen.ended IS NULL AND seen.received > now() - interval '24 hours'"
            " AND (%(zones)s::text[] = '{}' OR seen.zone = ANY(%(zones)s)) AND scope.profiles && %(profiles)s::text[]"
            " ORDER BY scope.id, edge.online DESC, seen.first, seen.id",
            {"scene": scene, "zones": list(zones), "profiles": list(profiles)},
        )
        return {device: Sight(*found) for device, *found in await cursor.fetchall()}
