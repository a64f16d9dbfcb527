"""Ladders and working calendars: versions of each, of which the highest is active."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import LiteralString

import msgspec
from psycopg.types.json import Jsonb

from domain.calendar import Calendar
from domain.ladder import Ladder
from store.connection import Connection

DEFAULT_CALENDAR = "china"


@dataclass(frozen=True, slots=True)
class Known:
    """All ladders that ever were in force, by code and version, and the codes' active versions."""

    ladders: dict[tuple[str, int], Ladder]
    active: tuple[Ladder, ...]


async def install(connection: Connection, ladders: Iterable[Ladder], calendars: Iterable[Calendar]) -> int:
    """Add the versions that are not there yet and return how many; a version once installed never changes.

    Needs the owner's rights.
    """
    added = 0
    async with connection.transaction():
        for ladder in ladders:
            added += await _add(connection, _LADDER, ladder)
        for calendar in calendars:
            added += await _add(connection, _CALENDAR, calendar)
    return added


_LADDER: tuple[LiteralString, LiteralString] = (
    "UPDATE ladder SET active = false WHERE code = %(code)s AND active AND version < %(version)s",
    "INSERT INTO ladder (code, version, body, active) SELECT %(code)s, %(version)s, %(body)s,"
    " NOT EXISTS (SELECT FROM ladder WHERE code = %(code)s AND active) ON CONFLICT (code, version) DO NOTHING",
)
_CALENDAR: tuple[LiteralString, LiteralString] = (
    "UPDATE calendar SET active = false WHERE code = %(code)s AND active AND version < %(version)s",
    "INSERT INTO calendar (code, version, body, active) SELECT %(code)s, %(version)s, %(body)s,"
    " NOT EXISTS (SELECT FROM calendar WHERE code = %(code)s AND active) ON CONFLICT (code, version) DO NOTHING",
)


async def _add(connection: Connection, queries: tuple[LiteralString, LiteralString], what: Ladder | Calendar) -> int:
    values = {"code": what.code, "version": what.version, "body": Jsonb(msgspec.to_builtins(what))}
    retire, insert = queries
    await connection.execute(retire, values)
    return (await connection.execute(insert, values)).rowcount


async def known(connection: Connection) -> Known:
    """The ladders, of every version."""
    cursor = await connection.execute("SELECT code, version, active, body FROM ladder ORDER BY code, version")
    rows = [(active, msgspec.convert(body, Ladder)) for _, _, active, body in await cursor.fetchall()]
    return Known({(one.code, one.version): one for _, one in rows}, tuple(one for active, one in rows if active))


async def calendars(connection: Connection) -> list[Calendar]:
    """The calendars in force, by code."""
    cursor = await connection.execute("SELECT body FROM calendar WHERE active ORDER BY code")
    return [msgspec.convert(row[0], Calendar) for row in await cursor.fetchall()]


async def of_sites(connection: Connection, sites: Iterable[int]) -> dict[int, Calendar]:
    """The calendar of each site's authority: its own, or the nearest superior's. Sites without any are left out."""
    cursor = await connection.execute(
        "SELECT site.id, calendar.body FROM site CROSS JOIN LATERAL (SELECT coalesce((SELECT above.calendar"
        "  FROM authority AS above WHERE above.path @> site.authority AND above.calendar IS NOT NULL"
        "  ORDER BY nlevel(above.path) DESC LIMIT 1), %s) AS code) AS chosen"
        " JOIN calendar ON calendar.code = chosen.code AND calendar.active WHERE site.id = ANY(%s)",
        (DEFAULT_CALENDAR, list(sites)),
    )
    return {int(str(row[0])): msgspec.convert(row[1], Calendar) for row in await cursor.fetchall()}


async def choose(connection: Connection, authority: str, calendar: str | None) -> bool:
    """Which calendar an authority keeps, and those below it that choose none; False where there is no such authority.

    Needs the owner's rights.
    """
    cursor = await connection.execute(
        "UPDATE authority SET calendar = %s WHERE path = %s::ltree", (calendar, authority)
    )
    return cursor.rowcount == 1
