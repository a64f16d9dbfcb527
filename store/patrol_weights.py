"""How often patrolled cameras are visited, and the scores of their sites."""

from dataclasses import dataclass
from datetime import date

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class Patrolled:
    """One patrolled camera; `scores` of its site's last whole days, the newest first."""

    id: int
    code: str
    zh: str
    en: str
    site_id: int
    site_zh: str
    site_en: str
    weight: int
    scores: list[int]


async def patrolled(connection: Connection, last: date, days: int) -> list[Patrolled]:
    """The patrolled cameras with their sites' scores of the `days` up to `last`."""
    async with connection.cursor(row_factory=class_row(Patrolled)) as cursor:
        await cursor.execute(
            "SELECT camera.id, camera.code, camera.zh, camera.en, site.id AS site_id, site.zh AS site_zh,"
            " site.en AS site_en, weight, scores FROM camera JOIN site ON site.id = camera.site_id"
            " JOIN (SELECT site_id, array_agg(score::int ORDER BY day DESC) AS scores FROM risk_score"
            "  WHERE device_id = 0 AND day > %(last)s::date - %(days)s::int AND day <= %(last)s GROUP BY site_id)"
            "  AS told ON told.site_id = site.id"
            " WHERE mode = 'patrol' AND removed IS NULL ORDER BY camera.id",
            {"last": last, "days": days},
        )
        return await cursor.fetchall()


async def weigh(connection: Connection, camera: int, before: int, after: int) -> bool:
    """Visit it so often from now on; False where somebody has changed it meanwhile. Its edge is told by the trigger."""
    async with connection.transaction():
        await connection.execute("SELECT lock_edge_of_camera(%s)", (camera,))
        cursor = await connection.execute(
            "UPDATE camera SET weight = %s WHERE id = %s AND weight = %s AND mode = 'patrol' AND removed IS NULL",
            (after, camera, before),
        )
        return cursor.rowcount > 0
