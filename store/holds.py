"""Legal holds: evidence of an alert or a site that must stay, whatever its time; placed and lifted in the audit log."""

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg.rows import class_row

from store import people
from store.connection import Connection
from store.people import Person


@dataclass(frozen=True, slots=True)
class HoldRow:
    """One hold; of an alert or of a site. `until` None: until it is lifted."""

    id: int
    alert_id: int | None
    site_id: int
    site_code: str
    site_zh: str
    site_en: str
    person: str
    placed: datetime
    until: datetime | None
    why: str
    lifted: datetime | None
    lifted_by: str | None
    lifted_why: str

    def in_force(self, now: datetime) -> bool:
        """Whether it keeps anything."""
        return self.lifted is None and (self.until is None or self.until > now)


async def place(
    connection: Connection, person: Person, why: str, until: datetime | None, *,
    alert: int | None = None, site: int | None = None,
) -> int:  # fmt: skip
    """Hold the evidence of an alert or a site that the person may see; returns its id."""
    cursor = await connection.execute(
        "INSERT INTO legal_hold (alert_id, site_id, person_id, until, why) VALUES (%s, %s, %s, %s, %s) RETURNING id",
        (alert, site, person.id, until, why),
    )
    row = await cursor.fetchone()
    assert row is not None
    detail = {"hold": row[0], "alert": alert, "site": site, "why": why, "until": until and until.isoformat()}
    await people.audit(connection, person, "hold_placed", detail)
    return int(str(row[0]))


async def exists(connection: Connection, hold: int) -> bool:
    """Whether there is such a hold that the person may see."""
    return await (await connection.execute("SELECT 1 FROM legal_hold WHERE id = %s", (hold,))).fetchone() is not None


async def lift(connection: Connection, person: Person, hold: int, why: str) -> bool:
    """Let its evidence expire again; False where there is no such hold, or it is lifted already."""
    cursor = await connection.execute(
        "UPDATE legal_hold SET lifted = clock_timestamp(), lifted_by = %s, lifted_why = %s"
        " WHERE id = %s AND lifted IS NULL",
        (person.id, why, hold),
    )
    if cursor.rowcount == 0:
        return False
    await people.audit(connection, person, "hold_lifted", {"hold": hold, "why": why})
    return True


_HOLDS: LiteralString = (
    "SELECT hold.id, hold.alert_id, site.id AS site_id, site.code AS site_code, site.zh AS site_zh,"
    " site.en AS site_en, coalesce(placer.name, '–') AS person, placed, until, hold.why, lifted,"
    " lifter.name AS lifted_by, lifted_why FROM legal_hold AS hold LEFT JOIN alert ON alert.id = hold.alert_id"
    " JOIN site ON site.id = coalesce(hold.site_id, alert.site_id)"
    " LEFT JOIN person AS placer ON placer.id = hold.person_id"
    " LEFT JOIN person AS lifter ON lifter.id = hold.lifted_by"
    " WHERE (%(alert)s::bigint IS NULL OR hold.alert_id = %(alert)s"
    "  OR hold.site_id = (SELECT site_id FROM alert WHERE id = %(alert)s))"
    " AND (%(site)s::bigint IS NULL OR hold.site_id = %(site)s)"
)


async def page(
    connection: Connection, limit: int, *, alert: int | None = None, site: int | None = None
) -> list[HoldRow]:
    """The newest holds, those not lifted first; of one alert (its site's too), of one site, or all that one may see."""
    async with connection.cursor(row_factory=class_row(HoldRow)) as cursor:
        await cursor.execute(
            _HOLDS + " ORDER BY hold.lifted IS NOT NULL, hold.id DESC LIMIT %(limit)s",
            {"alert": alert, "site": site, "limit": limit},
        )
        return await cursor.fetchall()


async def walk(
    connection: Connection, limit: int, before: int, *, alert: int | None = None, site: int | None = None
) -> list[HoldRow]:
    """The same in the order in which they were placed, the newest first, of lower ids than `before`."""
    async with connection.cursor(row_factory=class_row(HoldRow)) as cursor:
        await cursor.execute(
            _HOLDS + " AND hold.id < %(before)s ORDER BY hold.id DESC LIMIT %(limit)s",
            {"alert": alert, "site": site, "before": before, "limit": limit},
        )
        return await cursor.fetchall()
