"""Sales of scales, rolled up by stall, site, authority and day of the site's own time zone."""

from dataclasses import dataclass
from datetime import date, datetime

from psycopg.rows import class_row

from store.connection import Connection

MOST_STALLS = 5000


@dataclass(frozen=True, slots=True)
class StallRow:
    """One scale's day: sales, mass in g, amount in fen, first and last sale."""

    device_id: int
    code: str
    zh: str
    en: str
    n: int
    net_g: float
    amount: float
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class SalesRow:
    """One authority's day: how many scales sold, sales, mass in g, amount in fen."""

    path: str
    day: date
    scales: int
    n: int
    net_g: float
    amount: float


async def market_day(connection: Connection, site: int, day: date) -> list[StallRow]:
    """What each scale of a site sold on a day, the greatest amount first."""
    async with connection.cursor(row_factory=class_row(StallRow)) as cursor:
        await cursor.execute(
            "SELECT device.id AS device_id, device.code, device.zh, device.en, n, net_g, amount, first, last"
            " FROM transaction_1d JOIN device ON device.id = transaction_1d.device_id"
            " WHERE device.site_id = %s AND day = %s ORDER BY amount DESC, device.id LIMIT %s",
            (site, day, MOST_STALLS),
        )
        return await cursor.fetchall()


async def by_authority(
    connection: Connection, depth: int, begin: date, end: date, *, after: tuple[date, str], limit: int
) -> list[SalesRow]:
    """Sales of the days [begin, end) by the authority at `depth` (1: the root) at or above the site's own."""
    async with connection.cursor(row_factory=class_row(SalesRow)) as cursor:
        await cursor.execute(
            "SELECT path, day, scales, n, net_g, amount FROM ("
            "SELECT subpath(site.authority, 0, least(%s, nlevel(site.authority)))::text AS path, day,"
            " count(*)::int AS scales, sum(n)::bigint AS n, sum(net_g) AS net_g, sum(amount) AS amount"
            " FROM transaction_1d JOIN device ON device.id = transaction_1d.device_id"
            " JOIN site ON site.id = device.site_id WHERE day >= greatest(%s, %s) AND day < %s GROUP BY 1, 2) AS summed"
            " WHERE (day, path) > (%s, %s) ORDER BY day, path LIMIT %s",
            (depth, begin, after[0], end, *after, limit),
        )
        return await cursor.fetchall()
