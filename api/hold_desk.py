"""What pages and REST do with legal holds: list, place on an alert's or a site's evidence, lift."""

from datetime import date, datetime

from api.desk import Desk
from api.problem import ProblemError, not_found
from domain import period
from domain.alert import Role
from store import holds, places, queue
from store.connection import Connection
from store.holds import HoldRow
from store.people import Person

LISTED = 200


def may_hold(person: Person) -> bool:
    """Holding evidence is the regulators' matter."""
    return person.role is Role.REGULATOR and person.authority is not None and person.may_act


async def in_force(
    connection: Connection, now: datetime, *, alert: int | None = None, site: int | None = None
) -> list[HoldRow]:
    """What holds an alert's evidence, or a site's."""
    rows = await holds.page(connection, LISTED, alert=alert, site=site)
    return [row for row in rows if row.in_force(now)]


async def on_alert(at: Desk, person: Person, alert: int, why: str, until: date | None) -> int:
    """Hold an alert's evidence; returns the hold's id. Raises ProblemError."""
    async with at.scoped(person) as connection:
        if await queue.one(connection, alert) is None:
            raise not_found()
        _refuse_others(person)
        return await holds.place(connection, person, _words(why), _end(at, until), alert=alert)


async def on_site(at: Desk, person: Person, site: int, why: str, until: date | None) -> int:
    """Hold the evidence of all of a site's alerts; returns the hold's id. Raises ProblemError."""
    async with at.scoped(person) as connection:
        if await places.site(connection, site) is None:
            raise not_found()
        _refuse_others(person)
        return await holds.place(connection, person, _words(why), _end(at, until), site=site)


async def lift(at: Desk, person: Person, hold: int, why: str) -> None:
    """Let the evidence expire again. Raises ProblemError."""
    async with at.scoped(person) as connection:
        if not await holds.exists(connection, hold):
            raise not_found()
        _refuse_others(person)
        if not await holds.lift(connection, person, hold, _words(why)):
            raise ProblemError(409, "hold_lifted")


async def one(at: Desk, person: Person, hold: int) -> HoldRow:
    """One hold; 404 where it is not the person's to see."""
    async with at.scoped(person) as connection:
        found = await holds.walk(connection, 1, hold + 1)
    if not found or found[0].id != hold:
        raise not_found()
    return found[0]


def _refuse_others(person: Person) -> None:
    if not may_hold(person):
        raise ProblemError(403, "role")


def _words(why: str) -> str:
    said = " ".join(why.split())
    if not said:
        raise ProblemError(422, "reason")
    return said


def _end(at: Desk, until: date | None) -> datetime | None:
    """The end of a day that is not over; None: until it is lifted."""
    if until is None:
        return None
    try:
        end = period.holding(period.Span.DAY, until).end
    except (ValueError, OverflowError) as error:
        raise ProblemError(422, "invalid") from error
    if end <= at.clock():
        raise ProblemError(422, "hold_until")
    return end
