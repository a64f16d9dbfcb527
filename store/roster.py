"""The registry as ingest needs it: who may speak for whom, what their numbers mean, which rules look at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """`enabled`: it has a credential of its own; `revoked`: nobody may speak for it."""

    id: int
    site: str
    code: str
    profile: str
    enabled: bool
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """`enabled`: its credential is not revoked. `sites`: whose devices it may relay."""

    id: int
    code: str
    enabled: bool
    config_version: int
    sites: Sequence[str]


@dataclass(frozen=True, slots=True)
class CameraRow:
    """`zones` and `schedule` are JSON texts (domain.camera.Zone, domain.schedule.Schedule).

    What its edge still has to say of a `removed` camera lands; the edge itself is not told of it any more.
    """

    id: int
    code: str
    site: str
    edge: int
    url: str
    zones: str
    schedule: str
    view: int
    turns: bool
    replay: bool
    live_url: str
    removed: bool
    mode: str
    weight: int
    model: str | None
    model_sha256: str | None


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A metric's id within its profile."""

    id: int
    profile: str
    name: str


@dataclass(frozen=True, slots=True)
class RosterRows:
    """All of it; `profiles` and `rules` are JSON texts (domain.profile.DeviceProfile, domain.rule.Rule)."""

    devices: Sequence[DeviceRow]
    edges: Sequence[EdgeRow]
    cameras: Sequence[CameraRow]
    metrics: Sequence[MetricRow]
    profiles: Sequence[str]
    rules: Sequence[str]


async def read(connection: Connection) -> RosterRows:
    """Read all, as of one moment. The connection is not within a transaction, and autocommits."""
    async with connection.transaction():
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return RosterRows(
            await _devices(connection),
            await _edges(connection),
            await _cameras(connection),
            await _metrics(connection),
            [str(row[0]) for row in await _rows(connection, "SELECT body::text FROM device_profile ORDER BY code")],
            [str(row[0]) for row in await _rows(connection, "SELECT body::text FROM rule WHERE active ORDER BY code")],
        )


async def _rows(connection: Connection, query: LiteralString) -> list[tuple[object, ...]]:
    cursor = await connection.execute(query)
    return await cursor.fetchall()


async def _devices(connection: Connection) -> list[DeviceRow]:
    async with connection.cursor(row_factory=class_row(DeviceRow)) as cursor:
        await cursor.execute(
            "SELECT device.id, site.code AS site, device.code, device.profile_code AS profile,"
            " device.credential IS NOT NULL AS enabled, device.revoked IS NOT NULL AS revoked"
            " FROM device JOIN site ON site.id = device.site_id"
        )
        return await cursor.fetchall()


async def _edges(connection: Connection) -> list[EdgeRow]:
    async with connection.cursor(row_factory=class_row(EdgeRow)) as cursor:
        await cursor.execute(
            "SELECT id, code, credential IS NOT NULL AS enabled, config_version,"
            " ARRAY(SELECT site.code FROM site WHERE site.id IN (SELECT site_id FROM camera WHERE edge_id = edge.id"
            "  AND removed IS NULL"
            "  UNION SELECT site_id FROM edge_site WHERE edge_id = edge.id) ORDER BY site.code) AS sites"
            " FROM edge ORDER BY id"
        )
        return await cursor.fetchall()


async def _cameras(connection: Connection) -> list[CameraRow]:
    async with connection.cursor(row_factory=class_row(CameraRow)) as cursor:
        await cursor.execute(
            "SELECT camera.id, camera.code, site.code AS site, camera.edge_id AS edge, camera.url,"
            " camera.zones::text AS zones, coalesce(camera.schedule, site.schedule)::text AS schedule,"
            " camera.view, camera.turns, camera.replay, camera.live_url, camera.removed IS NOT NULL AS removed,"
            " camera.mode, camera.weight, camera.model, model.sha256 AS model_sha256"
            " FROM camera JOIN site ON site.id = camera.site_id LEFT JOIN model ON model.release = camera.model"
            " ORDER BY camera.code"
        )
        return await cursor.fetchall()


async def _metrics(connection: Connection) -> list[MetricRow]:
    async with connection.cursor(row_factory=class_row(MetricRow)) as cursor:
        await cursor.execute("SELECT id, profile_code AS profile, name FROM metric ORDER BY id")
        return await cursor.fetchall()
