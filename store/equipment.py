"""Special equipment: the registry, its inspections and maintenance, and what is due by the site's own calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class NewEquipment:
    """What the registry says of one piece. `device`: the code of ours that watches it, at the same site."""

    site: str
    code: str
    kind: str
    zh: str
    en: str
    registration: str = ""
    use_unit: str = ""
    maintainer: str = ""
    hotline: str = ""
    next_inspection: date | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True)
class EquipmentRow:
    """One piece as it stands; `today` is the date at its site. `token` leads to its public page."""

    id: int
    site_id: int
    site: str
    site_zh: str
    site_en: str
    code: str
    kind: str
    zh: str
    en: str
    registration: str
    use_unit: str
    maintainer: str
    hotline: str
    next_inspection: date | None
    last_inspection: date | None
    last_maintenance: date | None
    failed: bool
    today: date
    device_id: int | None
    device: str | None
    token: str


@dataclass(frozen=True, slots=True)
class NewRecord:
    """An inspection or a maintenance; `next_inspection` only of an inspection that was passed."""

    kind: str
    day: date
    done_by: str
    result: str
    next_inspection: date | None
    note: str


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record, and who wrote it down when."""

    id: int
    kind: str
    day: date
    done_by: str
    result: str
    next_inspection: date | None
    note: str
    by: str
    at: datetime


_ROWS: LiteralString = (
    "SELECT id, site_id, site_code AS site, site_zh, site_en, code, kind, zh, en, registration, use_unit, maintainer,"
    " hotline, next_inspection, last_inspection, last_maintenance, failed,"
    " (%(now)s AT TIME ZONE timezone)::date AS today, device_id, device, token"
    " FROM equipment_standing WHERE removed IS NULL"
)


# The order of lists: what failed first, then by the next inspection, what has none last.
_AFTER: LiteralString = """
    AND ((NOT failed)::int, coalesce(next_inspection, '9999-12-31'), site_code, code)
        > (%(passed)s, %(day)s, %(of)s, %(code)s)
    ORDER BY (NOT failed)::int, coalesce(next_inspection, '9999-12-31'), site_code, code LIMIT %(limit)s
"""
Place = tuple[int, date, str, str]
FIRST: Place = (-1, date.min, "", "")


def place_of(row: EquipmentRow) -> Place:
    """Where a piece stands in the lists."""
    return int(not row.failed), row.next_inspection or date(9999, 12, 31), row.site, row.code


def _names(place: Place) -> dict[str, object]:
    return dict(zip(("passed", "day", "of", "code"), place, strict=True))


async def page(
    connection: Connection,
    now: datetime,
    *,
    site: int | None = None,
    search: str = "",
    limit: int = 200,
    offset: int = 0,
    after: Place = FIRST,
) -> list[EquipmentRow]:
    """Equipment whose names, numbers or units contain `search`, what is due first, from after a place on."""
    async with connection.cursor(row_factory=class_row(EquipmentRow)) as cursor:
        await cursor.execute(
            _ROWS + " AND (%(site)s::bigint IS NULL OR site_id = %(site)s) AND position(lower(%(search)s) IN"
            " lower(concat_ws(' ', code, zh, en, registration, use_unit, maintainer, site_zh, site_en))) > 0"
            + _AFTER
            + " OFFSET %(offset)s",
            {"now": now, "site": site, "search": search, "limit": limit, "offset": offset, **_names(after)},
        )
        return await cursor.fetchall()


async def due(
    connection: Connection, now: datetime, days: int, limit: int = 1000, after: Place = FIRST
) -> list[EquipmentRow]:
    """What failed its inspection, is overdue, or is due within `days` of today at its site; the earliest first."""
    async with connection.cursor(row_factory=class_row(EquipmentRow)) as cursor:
        await cursor.execute(
            _ROWS + " AND (failed OR next_inspection <= (%(now)s AT TIME ZONE timezone)::date + %(days)s)" + _AFTER,
            {"now": now, "days": days, "limit": limit, **_names(after)},
        )
        return await cursor.fetchall()


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is registered, and of that, without the day of its next inspection."""

    registered: int
    undated: int


async def counts(connection: Connection) -> Counts:
    """As far as the person may see."""
    async with connection.cursor(row_factory=class_row(Counts)) as cursor:
        await cursor.execute(
            "SELECT count(*) AS registered, count(*) FILTER (WHERE next_inspection IS NULL) AS undated"
            " FROM equipment_standing WHERE removed IS NULL"
        )
        found = await cursor.fetchone()
        assert found is not None
        return found


async def chosen(connection: Connection, now: datetime, identities: Sequence[int]) -> list[EquipmentRow]:
    """Those of them that the person may see."""
    async with connection.cursor(row_factory=class_row(EquipmentRow)) as cursor:
        await cursor.execute(
            _ROWS + " AND id = ANY(%(ids)s) ORDER BY site_code, code", {"now": now, "ids": list(identities)}
        )
        return await cursor.fetchall()


async def one(connection: Connection, now: datetime, identity: int) -> EquipmentRow | None:
    """One piece, or None where there is none or it is another tenant's."""
    found = await chosen(connection, now, [identity])
    return found[0] if found else None


async def records(
    connection: Connection, identity: int, limit: int = 200, before: tuple[date, int] = (date.max, 0)
) -> list[RecordRow]:
    """Its inspections and maintenance, the newest first."""
    async with connection.cursor(row_factory=class_row(RecordRow)) as cursor:
        await cursor.execute(
            "SELECT record.id, kind, day, done_by, result, next_inspection, note, coalesce(person.name, '—') AS by, at"
            " FROM equipment_record AS record LEFT JOIN person ON person.id = record.person_id"
            " WHERE equipment_id = %s AND (day, record.id) < (%s, %s) ORDER BY day DESC, record.id DESC LIMIT %s",
            (identity, *before, limit),
        )
        return await cursor.fetchall()


async def place(connection: Connection, site: str, device: str | None) -> tuple[int | None, int | None]:
    """The ids of a site and of its device, by their codes; None for what the person does not see."""
    cursor = await connection.execute(
        "SELECT site.id, device.id FROM site LEFT JOIN device ON device.site_id = site.id AND device.code = %s"
        " WHERE site.code = %s",
        (device, site),
    )
    row = await cursor.fetchone()
    if row is None:
        return None, None
    return int(str(row[0])), None if row[1] is None else int(str(row[1]))


async def known(connection: Connection, site: str, code: str) -> NewEquipment | None:
    """What the registry says of it now; None where it says nothing, or has removed it."""
    async with connection.cursor(row_factory=class_row(NewEquipment)) as cursor:
        await cursor.execute(
            "SELECT site_code AS site, code, kind, zh, en, registration, use_unit, maintainer, hotline,"
            " next_inspection, device FROM equipment_standing WHERE site_code = %s AND code = %s AND removed IS NULL",
            (site, code),
        )
        return await cursor.fetchone()


async def put(connection: Connection, site: int, device: int | None, wanted: NewEquipment) -> int:
    """Add it, or change what is said of it; one that was removed comes back. It keeps its public address."""
    cursor = await connection.execute(
        "INSERT INTO equipment (site_id, code, kind, zh, en, registration, use_unit, maintainer, hotline,"
        " next_inspection, device_id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (site_id, code) DO UPDATE SET kind = excluded.kind, zh = excluded.zh, en = excluded.en,"
        "  registration = excluded.registration, use_unit = excluded.use_unit, maintainer = excluded.maintainer,"
        "  hotline = excluded.hotline, next_inspection = excluded.next_inspection, device_id = excluded.device_id,"
        "  removed = NULL RETURNING id",
        (
            *(site, wanted.code, wanted.kind, wanted.zh, wanted.en, wanted.registration, wanted.use_unit),
            *(wanted.maintainer, wanted.hotline, wanted.next_inspection, device),
        ),
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(str(row[0]))


async def remove(connection: Connection, identity: int) -> None:
    """Take it out of the registry; its records stay, its public page ends."""
    await connection.execute("UPDATE equipment SET removed = now() WHERE id = %s", (identity,))


async def add_record(connection: Connection, identity: int, person: int, record: NewRecord) -> int:
    """Write an inspection or a maintenance down; returns the record's id."""
    cursor = await connection.execute(
        "INSERT INTO equipment_record (equipment_id, kind, day, done_by, result, next_inspection, note, person_id)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        (
            *(identity, record.kind, record.day, record.done_by, record.result, record.next_inspection, record.note),
            person,
        ),
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(str(row[0]))
