"""What a maintenance firm sees and does: the equipment it looks after, and people trapped in its lifts (ADR 45)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class UpkeptRow:
    """One piece of equipment, where it stands; `today` is the date at its site, `online` that of its device."""

    id: int
    site_zh: str
    site_en: str
    address: str
    code: str
    kind: str
    zh: str
    en: str
    registration: str
    use_unit: str
    next_inspection: date | None
    last_inspection: date | None
    last_maintenance: date | None
    failed: bool
    today: date
    online: bool | None


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call to one of the firm's lifts in one role: people are trapped since `trapped`, called since `began`."""

    alert_id: int
    role: str
    site_zh: str
    site_en: str
    address: str
    lift_zh: str
    lift_en: str
    lift_code: str
    status: str
    condition: str
    trapped: datetime
    began: datetime
    answered: datetime | None
    arrived: datetime | None
    released: datetime | None


@dataclass(frozen=True, slots=True)
class FirmRow:
    """A firm that may look after equipment: one of the rescuers."""

    id: int
    zh: str
    en: str


_ROWS: LiteralString = (
    "SELECT id, site_zh, site_en, address, code, kind, zh, en, registration, use_unit, next_inspection,"
    " last_inspection, last_maintenance, failed, (%(now)s AT TIME ZONE timezone)::date AS today, online"
    " FROM firm_equipment"
)


async def equipment(
    connection: Connection, now: datetime, limit: int, after: tuple[date, int] = (date.min, 0)
) -> list[UpkeptRow]:
    """What the firm looks after; what was maintained longest ago first, after the (day, id) of `after` (see place)."""
    async with connection.cursor(row_factory=class_row(UpkeptRow)) as cursor:
        await cursor.execute(
            _ROWS + " WHERE (coalesce(last_maintenance, '0001-01-01'), id) > (%(day)s, %(id)s)"
            " ORDER BY coalesce(last_maintenance, '0001-01-01'), id LIMIT %(limit)s",
            {"now": now, "limit": limit, "day": after[0], "id": after[1]},
        )
        return await cursor.fetchall()


def place(row: UpkeptRow) -> tuple[date, int]:
    """Where a piece stands in that order; what was never maintained stands first."""
    return row.last_maintenance or date.min, row.id


async def one(connection: Connection, now: datetime, identity: int) -> UpkeptRow | None:
    """One piece that the firm looks after, or None."""
    async with connection.cursor(row_factory=class_row(UpkeptRow)) as cursor:
        await cursor.execute(_ROWS + " WHERE id = %(id)s", {"now": now, "id": identity})
        return await cursor.fetchone()


_CALLS: LiteralString = (
    "SELECT one.id AS alert_id, one.role, site_zh, site_en, address, lift_zh, lift_en, lift_code, status,"
    " condition, trapped, one.began, said.answered, said.arrived, said.released FROM firm_rescue AS one"
    " CROSS JOIN LATERAL (SELECT min(at) FILTER (WHERE action = 'answered') AS answered,"
    "  min(at) FILTER (WHERE action = 'arrived') AS arrived,"
    "  min(at) FILTER (WHERE action = 'released') AS released FROM firm_rescue_step AS step"
    "  WHERE step.alert_id = one.id AND step.began = one.began AND step.role = one.role) AS said"
)


async def calls(connection: Connection, limit: int = 30, alert: int | None = None) -> list[CallRow]:
    """Calls to the firm's lifts, or of one alert; those that are not over first, then the newest."""
    async with connection.cursor(row_factory=class_row(CallRow)) as cursor:
        await cursor.execute(
            _CALLS + " WHERE %(alert)s::bigint IS NULL OR one.id = %(alert)s"
            " ORDER BY status IN ('closed', 'dismissed'), one.began DESC, one.role LIMIT %(limit)s",
            {"alert": alert, "limit": limit},
        )
        return await cursor.fetchall()


async def walk_calls(
    connection: Connection, limit: int, before: tuple[int, str], *, unfinished: bool = False
) -> list[CallRow]:
    """The same by alert, the newest first, those before the (alert, role) of `before`."""
    async with connection.cursor(row_factory=class_row(CallRow)) as cursor:
        await cursor.execute(
            _CALLS + " WHERE (one.id, one.role) < (%(alert)s, %(role)s)"
            " AND (NOT %(unfinished)s OR status NOT IN ('closed', 'dismissed'))"
            " ORDER BY one.id DESC, one.role DESC LIMIT %(limit)s",
            {"alert": before[0], "role": before[1], "unfinished": unfinished, "limit": limit},
        )
        return await cursor.fetchall()


async def firms(connection: Connection, *, governed: bool = False) -> list[FirmRow]:
    """The firms that the scope may choose from, by name; `governed`: whose people it may manage."""
    async with connection.cursor(row_factory=class_row(FirmRow)) as cursor:
        await cursor.execute(
            "SELECT id, zh, en FROM rescuer WHERE NOT %s OR governed(NULL, NULL, NULL, id) ORDER BY zh LIMIT 500",
            (governed,),
        )
        return await cursor.fetchall()


async def set_firm(connection: Connection, equipment: int, firm: int | None) -> None:
    """Which firm looks after a piece that no device of ours watches; None: nobody that we know."""
    await connection.execute("UPDATE equipment SET firm_id = %s WHERE id = %s", (firm, equipment))


async def firm_of(connection: Connection, equipment: int) -> int | None:
    """Which firm that is."""
    row = await (await connection.execute("SELECT firm_id FROM equipment WHERE id = %s", (equipment,))).fetchone()
    return None if row is None or row[0] is None else int(str(row[0]))
