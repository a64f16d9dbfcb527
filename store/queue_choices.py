"""What the queue's filters offer: rules, and the cameras and devices of a site."""

from dataclasses import dataclass

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class RuleChoice:
    """A rule by its names of now; also one that is off, whose alerts are still there."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Thing:
    """A camera or a device."""

    kind: str
    id: int
    zh: str
    en: str


async def rules(connection: Connection) -> list[RuleChoice]:
    """Every rule that there ever was, by code."""
    async with connection.cursor(row_factory=class_row(RuleChoice)) as cursor:
        await cursor.execute(
            "SELECT DISTINCT ON (code) code, body->>'zh' AS zh, body->>'en' AS en FROM rule ORDER BY code, version DESC"
        )
        return await cursor.fetchall()


async def things(
    connection: Connection, site: int | None, camera: int | None, device: int | None, limit: int = 500
) -> list[Thing]:
    """The cameras and devices of a site, and those that are named; as far as the person may see them."""
    async with connection.cursor(row_factory=class_row(Thing)) as cursor:
        await cursor.execute(
            "SELECT 'camera' AS kind, id, zh, en FROM camera WHERE site_id = %(site)s::bigint AND removed IS NULL"
            "  OR id = %(camera)s::bigint"
            " UNION ALL SELECT 'device', id, zh, en FROM device WHERE site_id = %(site)s::bigint"
            "  OR id = %(device)s::bigint ORDER BY kind, zh, id LIMIT %(limit)s",
            {"site": site, "camera": camera, "device": device, "limit": limit},
        )
        return await cursor.fetchall()
