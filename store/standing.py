"""How every site stands, in one statement: what the map shows, and what is added up along the authorities' tree."""

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg.rows import class_row

from domain.standing import Standing
from store.connection import Connection

# The unfinished and the month's deadlines are each read once, off their indexes, whatever else the table holds.
_STANDING: LiteralString = """
    WITH open AS (SELECT site_id, count(*) FILTER (WHERE severity = 1) AS class_1,
            count(*) FILTER (WHERE severity = 2) AS class_2, count(*) FILTER (WHERE severity = 3) AS class_3,
            count(*) FILTER (WHERE severity = 4) AS class_4, count(*) FILTER (WHERE late) AS overdue,
            count(*) FILTER (WHERE late AND due >= now() - interval '30 days') AS missed
        FROM (SELECT site_id, severity, due, due < now()
                AND (status = 'open' OR status = 'acknowledged' AND severity > 1) AS late
            FROM alert WHERE status IN ('open', 'acknowledged', 'rectified')) AS unfinished GROUP BY site_id),
    told AS (SELECT site_id, count(*) FILTER (WHERE met) AS met, count(*) AS told FROM alert
        WHERE met IS NOT NULL AND status <> 'dismissed' AND due >= now() - interval '30 days' AND due < now()
        GROUP BY site_id),
    watched AS (SELECT site_id, count(*) AS cameras, count(*) FILTER (WHERE health = 'OK') AS cameras_ok
        FROM camera WHERE removed IS NULL GROUP BY site_id),
    measured AS (SELECT site_id, count(*) AS devices, count(*) FILTER (WHERE online) AS devices_online
        FROM device GROUP BY site_id)
    SELECT site.id, site.code, site.kind, site.zh, site.en, site.authority::text, longitude, latitude,
        coalesce(class_1, 0)::int AS class_1, coalesce(class_2, 0)::int AS class_2,
        coalesce(class_3, 0)::int AS class_3, coalesce(class_4, 0)::int AS class_4,
        coalesce(overdue, 0)::int AS overdue, coalesce(met, 0)::int AS met,
        (coalesce(told, 0) + coalesce(missed, 0))::int AS told, coalesce(cameras, 0)::int AS cameras,
        coalesce(cameras_ok, 0)::int AS cameras_ok, coalesce(devices, 0)::int AS devices,
        coalesce(devices_online, 0)::int AS devices_online
    FROM site LEFT JOIN open ON open.site_id = site.id LEFT JOIN told ON told.site_id = site.id
    LEFT JOIN watched ON watched.site_id = site.id LEFT JOIN measured ON measured.site_id = site.id
    ORDER BY site.code
"""


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
    class_1: int
    class_2: int
    class_3: int
    class_4: int
    overdue: int
    met: int
    told: int
    cameras: int
    cameras_ok: int
    devices: int
    devices_online: int

    @property
    def standing(self) -> Standing:
        return Standing(
            *(1, self.class_1, self.class_2, self.class_3, self.class_4, self.overdue, self.met, self.told),
            *(self.cameras, self.cameras_ok, self.devices, self.devices_online),
        )


@dataclass(frozen=True, slots=True)
class AuthorityName:
    """A node of the regulators' tree."""

    path: str
    zh: str
    en: str


async def sites(connection: Connection) -> list[SiteStanding]:
    """Every site that the person may see, by code."""
    async with connection.cursor(row_factory=class_row(SiteStanding)) as cursor:
        await cursor.execute(_STANDING)
        return await cursor.fetchall()


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
