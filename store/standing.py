"""How every site stands, in one statement: what the map shows, and what is added up along the authorities' tree."""

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg.rows import args_row, class_row

from domain.standing import Standing
from store.connection import Connection

# Each is read once, off an index that holds all that is asked, whatever else the table has. They are not one statement:
# row-level security hides from the planner how many sites there are, and it would join them in loops.
_OPEN: LiteralString = """
    SELECT site_id, count(*) FILTER (WHERE severity = 1), count(*) FILTER (WHERE severity = 2),
        count(*) FILTER (WHERE severity = 3), count(*) FILTER (WHERE severity = 4), count(*) FILTER (WHERE late),
        count(*) FILTER (WHERE late AND due >= now() - interval '30 days')
    FROM (SELECT site_id, severity, due,
            due < now() AND (status = 'open' OR status = 'acknowledged' AND severity > 1) AS late
        FROM alert WHERE status IN ('open', 'acknowledged', 'rectified')) AS unfinished GROUP BY site_id
"""
# Of them: whose time an appeal has stopped (ADR 46). By itself, since the index above does not hold the alert's number.
_STOPPED: LiteralString = """
    SELECT site_id, count(*), count(*) FILTER (WHERE alert.due >= now() - interval '30 days')
    FROM appeal JOIN alert ON alert.id = alert_id
    WHERE decided IS NULL AND alert.due < now() AND severity > 1 AND status IN ('open', 'acknowledged') GROUP BY site_id
"""
_TOLD: LiteralString = """
    SELECT site_id, count(*) FILTER (WHERE met), count(*) FROM alert
    WHERE met IS NOT NULL AND status <> 'dismissed' AND due >= now() - interval '30 days' AND due < now()
    GROUP BY site_id
"""
_CAMERAS: LiteralString = """
    SELECT site_id, count(*), count(*) FILTER (WHERE health = 'OK') FROM camera WHERE removed IS NULL GROUP BY site_id
"""
_DEVICES: LiteralString = """
    SELECT site_id, count(*), count(*) FILTER (WHERE online) FROM device GROUP BY site_id
"""


@dataclass(frozen=True, slots=True)
class _SiteRow:
    id: int
    code: str
    kind: str
    zh: str
    en: str
    authority: str
    longitude: float | None
    latitude: float | None


@dataclass(frozen=True, slots=True)
class SiteStanding:
    """One site with its place, where it is known, and its counts."""

    id: int
    code: str
    kind: str
    zh: str
    en: str
    authority: str
    longitude: float | None
    latitude: float | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class AuthorityName:
    """A node of the regulators' tree."""

    path: str
    zh: str
    en: str


async def sites(connection: Connection) -> list[SiteStanding]:
    """Every site that the person may see, by code."""
    async with connection.cursor(row_factory=class_row(_SiteRow)) as cursor:
        await cursor.execute(
            "SELECT id, code, kind, zh, en, authority::text, longitude, latitude FROM site ORDER BY code"
        )
        rows = await cursor.fetchall()
    open_, told = await _counts(connection, _OPEN), await _counts(connection, _TOLD)
    stopped = await _counts(connection, _STOPPED)
    cameras, devices = await _counts(connection, _CAMERAS), await _counts(connection, _DEVICES)
    return [
        SiteStanding(
            *(row.id, row.code, row.kind, row.zh, row.en, row.authority, row.longitude, row.latitude),
            standing=_standing(
                open_.get(row.id, (0,) * 6), stopped.get(row.id, (0, 0)), told.get(row.id, (0, 0)),
                cameras.get(row.id, (0, 0)), devices.get(row.id, (0, 0)),
            ),
        )
        for row in rows
    ]  # fmt: skip


async def _counts(connection: Connection, query: LiteralString) -> dict[int, tuple[int, ...]]:
    """What a statement counts, by site."""
    async with connection.cursor(row_factory=args_row(_counted)) as cursor:
        await cursor.execute(query)
        return dict(await cursor.fetchall())


def _counted(site: int, *counts: int) -> tuple[int, tuple[int, ...]]:
    return site, counts


def _standing(
    open_: tuple[int, ...], stopped: tuple[int, ...], told: tuple[int, ...], *things: tuple[int, ...]
) -> Standing:
    first, second, third, fourth, overdue, missed = open_
    met, taken = told
    cameras, devices = things
    late, lately = overdue - stopped[0], missed - stopped[1]
    return Standing(1, first, second, third, fourth, late, met, taken + lately, *cameras, *devices)


async def authorities(connection: Connection) -> list[AuthorityName]:
    """The person's own authority and all below it, by path; none for an operator."""
    async with connection.cursor(row_factory=class_row(AuthorityName)) as cursor:
        await cursor.execute("SELECT path::text, zh, en FROM authority WHERE path <@ scope_authority() ORDER BY path")
        return await cursor.fetchall()


@dataclass(frozen=True, slots=True)
class Today:
    """What has happened since a moment: alerts raised, and alerts finished."""

    raised: int
    finished: int


async def today(connection: Connection, since: datetime) -> Today:
    """Counts since `since`."""
    async with connection.cursor(row_factory=class_row(Today)) as cursor:
        await cursor.execute(
            "SELECT (count(*) FILTER (WHERE raised >= %(since)s))::int AS raised,"
            " (count(*) FILTER (WHERE status IN ('closed', 'dismissed')))::int AS finished"
            " FROM alert WHERE changed >= %(since)s",
            {"since": since},
        )
        row = await cursor.fetchone()
    assert row is not None
    return row
