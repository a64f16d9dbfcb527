"""What pages and REST do with equipment: read, change, import, write inspections down; audited, in one transaction."""

from collections import Counter
from datetime import date
from typing import Literal

import psycopg

from api.alert_model import Named, Names
from api.camera_desk import must_configure
from api.desk import Desk
from api.equipment_list import ListError, ListLine, read, wording
from api.equipment_model import Equipment, EquipmentOrder, ImportLine, Record, RecordOrder
from api.paging import Paging
from api.problem import ProblemError, not_found
from domain.alert import Role
from domain.equipment import Kind, standing
from store import equipment, people, upkeep
from store.connection import Connection
from store.equipment import EquipmentRow, NewEquipment, NewRecord, RecordRow
from store.people import Person

Result = Literal["added", "changed", "same"]


def view(at: Desk, row: EquipmentRow) -> Equipment:
    """One piece as REST says it."""
    return Equipment(
        id=row.id,
        code=row.code,
        zh=row.zh,
        en=row.en,
        site=Named(id=row.site_id, code=row.site, zh=row.site_zh, en=row.site_en),
        kind=Kind(row.kind),
        registration=row.registration,
        use_unit=row.use_unit,
        maintainer=row.maintainer,
        hotline=row.hotline,
        last_inspection=row.last_inspection,
        next_inspection=row.next_inspection,
        last_maintenance=row.last_maintenance,
        standing=standing(row.next_inspection, row.failed, row.today),
        days=None if row.next_inspection is None else (row.next_inspection - row.today).days,
        device_id=row.device_id,
        device=row.device,
        public=f"{at.config.console_url.rstrip('/')}/p/e/{row.token}",
    )


def record(row: RecordRow) -> Record:
    """One record as REST says it."""
    return Record.model_validate(row, from_attributes=True)


async def listed(
    at: Desk, person: Person, *, site: int | None = None, search: str = "", limit: int = 200, offset: int = 0
) -> list[Equipment]:
    """Equipment that the person may see, what is due first."""
    async with at.scoped(person) as connection:
        rows = await equipment.page(
            connection, at.clock(), site=site, search=search.strip(), limit=limit, offset=offset
        )
    return [view(at, row) for row in rows]


async def page(at: Desk, person: Person, paging: Paging, *, site: int | None, search: str) -> list[Equipment]:
    """The same by cursor."""
    async with at.scoped(person) as connection:
        rows = await equipment.page(
            connection, at.clock(), site=site, search=search.strip(), limit=paging.wanted,
            after=paging.after(equipment.FIRST),
        )  # fmt: skip
    return [view(at, row) for row in paging.page(rows, equipment.place_of)]


async def due(at: Desk, person: Person, days: int, paging: Paging | None = None) -> list[Equipment]:
    """What failed, is overdue, or is due within so many days; at most 1,000, or a page."""
    async with at.scoped(person) as connection:
        if paging is None:
            return [view(at, row) for row in await equipment.due(connection, at.clock(), days)]
        after = paging.after(equipment.FIRST)
        rows = await equipment.due(connection, at.clock(), days, paging.wanted, after)
    return [view(at, row) for row in paging.page(rows, equipment.place_of)]


async def read_one(at: Desk, person: Person, identity: int) -> Equipment:
    """One piece; 404 where it is not the person's to see."""
    async with at.scoped(person) as connection:
        return view(at, await _row(at, connection, identity))


async def records(
    at: Desk, person: Person, identity: int, before: tuple[date, int] = (date.max, 0), limit: int = 200
) -> list[Record]:
    """Its inspections and maintenance, the newest first."""
    async with at.scoped(person) as connection:
        await _row(at, connection, identity)
        return [record(row) for row in await equipment.records(connection, identity, limit, before)]


async def put(at: Desk, person: Person, order: EquipmentOrder) -> Equipment:
    """Add it, or change what is said of it."""
    async with at.scoped(person) as connection:
        if (await equipment.place(connection, order.site, None))[0] is None:
            raise not_found()
        must_configure(person)
        try:
            result, identity = await _put(connection, order)
        except _LineError as error:
            raise ProblemError(422, "equipment_device", {"device": order.device or ""}) from error
        if result != "same":
            detail = {"site": order.site, "code": order.code}
            await people.audit(connection, person, f"equipment_{result}", detail)
        return view(at, await _row(at, connection, identity))


async def remove(at: Desk, person: Person, identity: int) -> None:
    """Take it out of the registry: its public page ends, its records stay."""
    async with at.scoped(person) as connection:
        row = await _row(at, connection, identity)
        must_configure(person)
        await equipment.remove(connection, identity)
        await people.audit(connection, person, "equipment_removed", {"site": row.site, "code": row.code})


async def set_firm(at: Desk, person: Person, identity: int, firm: int | None) -> None:
    """Which firm looks after a piece, and sees it: it says nothing about a lift's alarms."""
    async with at.scoped(person) as connection:
        row = await _row(at, connection, identity)
        must_configure(person)
        try:
            await upkeep.set_firm(connection, identity, firm)
        except (psycopg.errors.ForeignKeyViolation, psycopg.errors.NumericValueOutOfRange) as error:
            raise not_found() from error
        await people.audit(connection, person, "equipment_firm", {"site": row.site, "code": row.code, "firm": firm})


async def write_down(at: Desk, person: Person, identity: int, order: RecordOrder) -> None:
    """An inspection (the authority's) or a maintenance (the use unit's too) that was done."""
    async with at.scoped(person) as connection:
        row = await _row(at, connection, identity)
        if order.kind == "inspection" and person.role is Role.OPERATOR:
            raise ProblemError(403, "role")
        if order.day > row.today:
            raise ProblemError(422, "equipment_future")
        new = NewRecord(order.kind, order.day, order.done_by, order.result, order.next_inspection, order.note)
        await equipment.add_record(connection, identity, person.id, new)
        detail = {"site": row.site, "code": row.code, "kind": order.kind, "day": order.day.isoformat(),
                  "result": order.result}  # fmt: skip
        await people.audit(connection, person, "equipment_record", detail)


async def take(at: Desk, person: Person, data: bytes) -> list[ImportLine]:
    """Import a list; a bad line leaves the others alone. Raises ProblemError where the file is no list."""
    must_configure(person)
    try:
        lines = read(data)
    except ListError as error:
        texts = wording(error.reason, error.value)
        raise ProblemError(422, "equipment_list", texts={"zh": texts.zh, "en": texts.en}) from error
    async with at.scoped(person) as connection:
        outcomes = [await _take(connection, line) for line in lines]
        counts = Counter(outcome.result for outcome in outcomes)
        await people.audit(
            connection, person, "equipment_imported", {str(result): count for result, count in counts.items()}
        )
    return outcomes


class _LineError(Exception):
    """A line that cannot be; its text is a key of the texts' section `equipment`."""


async def _take(connection: Connection, line: ListLine) -> ImportLine:
    if line.order is None:
        return _refused(line, line.reason)
    try:
        async with connection.transaction():
            result, _ = await _put(connection, line.order)
    except _LineError as error:
        return _refused(line, wording(str(error), line.order.device or line.site))
    except psycopg.errors.InsufficientPrivilege:
        return _refused(line, wording("line_site", line.site))
    return ImportLine(line=line.number, site=line.site, code=line.code, result=result)


def _refused(line: ListLine, reason: Names | None) -> ImportLine:
    return ImportLine(line=line.number, site=line.site, code=line.code, result="refused", reason=reason)


async def _put(connection: Connection, order: EquipmentOrder) -> tuple[Result, int]:
    site, device = await equipment.place(connection, order.site, order.device)
    if site is None:
        raise _LineError("line_site")
    if order.device and device is None:
        raise _LineError("line_device")
    fields = order.model_dump() | {"kind": order.kind.value, "en": order.en or order.zh, "device": order.device or None}
    wanted = NewEquipment(**fields)
    known = await equipment.known(connection, order.site, order.code)
    identity = await equipment.put(connection, site, device, wanted)
    return "same" if known == wanted else "changed" if known else "added", identity


async def _row(at: Desk, connection: Connection, identity: int) -> EquipmentRow:
    row = await equipment.one(connection, at.clock(), identity)
    if row is None:
        raise not_found()
    return row
