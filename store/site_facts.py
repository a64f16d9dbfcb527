"""What people write down of a site (where it is, its licences), and its month."""

from dataclasses import dataclass
from datetime import date
from typing import LiteralString

from psycopg.rows import class_row

from domain.coordinates import Coordinates
from store.connection import Connection

DUE_DAYS = 60  # a licence that ends within so many is due

# Days are the site's own: the session's are UTC's, which in China's night are yesterday's.
_LICENCES: LiteralString = """
    SELECT licence.id, licence.kind, number, valid_until,
        valid_until - (now() AT TIME ZONE coalesce(site.schedule ->> 'timezone', 'Asia/Shanghai'))::date AS days,
        site.id AS site_id, site.code AS site_code, site.zh AS site_zh, site.en AS site_en
    FROM licence JOIN site ON site.id = site_id
"""
_DUE: LiteralString = """
    WHERE valid_until < (now() AT TIME ZONE coalesce(site.schedule ->> 'timezone', 'Asia/Shanghai'))::date + %s
        AND (valid_until, licence.id) > (%s, %s) ORDER BY valid_until, licence.id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class LicenceRow:
    """A licence and whose it is; `days` are left until it ends, negative after that."""

    id: int
    kind: str
    number: str
    valid_until: date
    days: int
    site_id: int
    site_code: str
    site_zh: str
    site_en: str


@dataclass(frozen=True, slots=True)
class DayCount:
    """Alerts of one class that were raised on one day, in the site's time zone."""

    day: date
    severity: int
    n: int


async def coordinates(connection: Connection, site: int) -> Coordinates | None:
    """Where a site is, None where nobody has said."""
    cursor = await connection.execute("SELECT longitude, latitude FROM site WHERE id = %s", (site,))
    row = await cursor.fetchone()
    return None if row is None or row[0] is None else Coordinates(float(str(row[0])), float(str(row[1])))


async def place(connection: Connection, site: int, where: Coordinates | None) -> bool:
    """Say where a site is; False where the person may not."""
    cursor = await connection.execute(
        "UPDATE site SET longitude = %s, latitude = %s WHERE id = %s",
        (where.longitude if where else None, where.latitude if where else None, site),
    )
    return cursor.rowcount == 1


async def place_by_code(connection: Connection, code: str, where: Coordinates | None) -> bool:
    """The same by the site's code."""
    cursor = await connection.execute(
        "UPDATE site SET longitude = %s, latitude = %s WHERE code = %s",
        (where.longitude if where else None, where.latitude if where else None, code),
    )
    return cursor.rowcount == 1


async def schedule(connection: Connection, site: int) -> str | None:
    """A site's opening hours as JSON text (domain.schedule), or None where the person sees no such site."""
    cursor = await connection.execute("SELECT schedule::text FROM site WHERE id = %s", (site,))
    row = await cursor.fetchone()
    return None if row is None else str(row[0])


async def licences(connection: Connection, site: int) -> list[LicenceRow]:
    """A site's licences, those that end first first."""
    async with connection.cursor(row_factory=class_row(LicenceRow)) as cursor:
        await cursor.execute(_LICENCES + " WHERE site_id = %s ORDER BY valid_until, licence.id", (site,))
        return await cursor.fetchall()


async def due_licences(
    connection: Connection, limit: int = 200, after: tuple[date, int] = (date.min, 0)
) -> list[LicenceRow]:
    """All licences that have ended or end within DUE_DAYS."""
    async with connection.cursor(row_factory=class_row(LicenceRow)) as cursor:
        await cursor.execute(
            _LICENCES + _DUE,
            (DUE_DAYS, *after, limit),
        )
        return await cursor.fetchall()


async def put_licence(connection: Connection, site: int, kind: str, number: str, valid_until: date) -> None:
    """Write a licence down; the same number again changes its end."""
    await connection.execute(
        "INSERT INTO licence (site_id, kind, number, valid_until) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (site_id, kind, number) DO UPDATE SET valid_until = excluded.valid_until",
        (site, kind, number, valid_until),
    )


async def drop_licence(connection: Connection, site: int, licence: int) -> str | None:
    """Strike a licence out; its number, or None where the site has no such one."""
    cursor = await connection.execute(
        "DELETE FROM licence WHERE id = %s AND site_id = %s RETURNING number", (licence, site)
    )
    row = await cursor.fetchone()
    return None if row is None else str(row[0])


async def month(connection: Connection, site: int, timezone: str) -> list[DayCount]:
    """The last 30 days' alerts by day and class; days without any are left out."""
    async with connection.cursor(row_factory=class_row(DayCount)) as cursor:
        await cursor.execute(
            "SELECT (raised AT TIME ZONE %(zone)s)::date AS day, severity::int, count(*)::int AS n FROM alert"
            " WHERE site_id = %(site)s AND raised >= date_trunc('day', now(), %(zone)s) - interval '29 days'"
            " GROUP BY 1, 2 ORDER BY 1, 2",
            {"site": site, "zone": timezone},
        )
        return await cursor.fetchall()
