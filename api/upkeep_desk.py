"""What pages and REST do for a maintenance firm: what is due, maintenance done, reports about trapped people."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from alerts import rescue as rescues
from alerts.rescue import Position, Said
from api.desk import Desk
from api.problem import ProblemError, not_found
from domain import rescue as links
from domain.equipment import SOON, Kind, Standing, maintenance_due, standing
from domain.rescue import RescueAction
from store import equipment, people, rescue, upkeep
from store.connection import Connection
from store.equipment import NewRecord, RecordRow
from store.people import Person
from store.upkeep import CallRow, UpkeptRow


@dataclass(frozen=True, slots=True)
class Upkept:
    """One piece, when its maintenance is due, and how it stands with its inspection."""

    row: UpkeptRow
    kind: Kind
    due: date | None
    days: int | None
    standing: Standing

    @property
    def is_due(self) -> bool:
        """It belongs on the list."""
        return (self.days is not None and self.days <= SOON / timedelta(days=1)) or self.standing in (
            Standing.FAILED, Standing.OVERDUE, Standing.DUE,
        )  # fmt: skip


def upkept(row: UpkeptRow) -> Upkept:
    """The piece with what its dates come to."""
    kind = Kind(row.kind)
    due = maintenance_due(kind, row.last_maintenance, row.today)
    stands = standing(row.next_inspection, row.failed, row.today)
    return Upkept(row, kind, due, None if due is None else (due - row.today).days, stands)


async def one(at: Desk, connection: Connection, identity: int) -> UpkeptRow:
    """One piece; 404 where the firm does not look after it."""
    row = await upkeep.one(connection, at.clock(), identity)
    if row is None:
        raise not_found()
    return row


async def write_down(at: Desk, person: Person, identity: int, new: NewRecord | None) -> RecordRow:
    """Maintenance that was done; None: what was typed is none. Raises ProblemError 404 or 422."""
    async with at.scoped(person) as connection:
        row = await one(at, connection, identity)
        if new is None:
            raise ProblemError(422, "upkeep_record")
        if new.day > row.today:
            raise ProblemError(422, "equipment_future")
        made = await equipment.add_record(connection, identity, person.id, new)
        detail = {"equipment": identity, "code": row.code, "kind": new.kind, "day": new.day.isoformat()}
        await people.audit(connection, person, "equipment_record", detail)
        (record,) = await equipment.records(connection, identity, 1, (new.day, made + 1))
        return record


async def report(
    at: Desk, person: Person, alert: int, action: RescueAction, *, claimed: datetime | None, position: Position | None
) -> tuple[Said, CallRow]:
    """The firm's report about people who are trapped: as by the link in the push, and with who it was."""
    async with at.scoped(person) as connection:
        called = await upkeep.calls(connection, 1, alert)
        if not called:
            raise not_found()
        link = links.link(alert, called[0].role, at.clock())
        await rescue.enter(connection, alert)
        said = await rescues.report(connection, link, action, claimed=claimed, position=position)
        if said is Said.DONE:
            await people.audit(connection, person, f"rescue_{action}", {"alert": alert, "role": link.role})
    return said, called[0]
