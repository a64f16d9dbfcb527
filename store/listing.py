"""The registry as the command line lists it: cameras and devices, a line each. Needs the owner's rights."""

from dataclasses import dataclass

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class CameraLine:
    """One camera in a list."""

    code: str
    site: str
    edge: str
    zh: str
    health: str
    zones: int
    mode: str
    weight: int


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """One device in a list."""

    site: str
    code: str
    profile: str
    zh: str
    online: bool
    revoked: bool


async def cameras(connection: Connection) -> list[CameraLine]:
    async with connection.cursor(row_factory=class_row(CameraLine)) as cursor:
        await cursor.execute(
            "SELECT camera.code, site.code AS site, edge.code AS edge, camera.zh, camera.health,"
            " jsonb_array_length(camera.zones) AS zones, camera.mode, camera.weight"
            " FROM camera JOIN site ON site.id = camera.site_id"
            " JOIN edge ON edge.id = camera.edge_id WHERE camera.removed IS NULL ORDER BY camera.code"
        )
        return await cursor.fetchall()


async def devices(connection: Connection) -> list[DeviceLine]:
    async with connection.cursor(row_factory=class_row(DeviceLine)) as cursor:
        await cursor.execute(
            "SELECT site.code AS site, device.code, device.profile_code AS profile, device.zh, device.online,"
            " device.revoked IS NOT NULL AS revoked FROM device JOIN site ON site.id = device.site_id"
            " ORDER BY site.code, device.code"
        )
        return await cursor.fetchall()
