"""A regulator makes an alert of what he found on a tour or an inspection; audited, in one transaction."""

from psycopg import errors

from alerts import by_hand as alerts
from api.desk import Desk
from api.problem import ProblemError, not_found
from domain.alert import Role
from domain.by_hand import allowed
from domain.severity import Severity
from store import by_hand, people
from store.by_hand import Origin
from store.connection import Connection
from store.people import Person


def may_make(person: Person) -> bool:
    """Making alerts is the side's that reviews them."""
    return person.role is Role.REGULATOR and person.authority is not None and person.may_act


async def of_finding(at: Desk, person: Person, tour: int, finding: int, wanted: dict[str, str]) -> int:
    """An alert of a tour's finding, about its camera; returns its id. Raises ProblemError."""
    async with at.scoped(person) as connection:
        return await _make(connection, person, await by_hand.finding(connection, tour, finding), wanted)


async def of_item(at: Desk, person: Person, inspection: int, item: str, wanted: dict[str, str]) -> int:
    """An alert of an inspection's failed item, about its site; returns its id. Raises ProblemError."""
    async with at.scoped(person) as connection:
        return await _make(connection, person, await by_hand.item(connection, inspection, item), wanted)


async def _make(connection: Connection, person: Person, origin: Origin | None, wanted: dict[str, str]) -> int:
    if origin is None:
        raise not_found()
    if not may_make(person):
        raise ProblemError(403, "role", {"role": Role.REGULATOR})
    if origin.alert_id is not None:
        raise ProblemError(409, "by_hand_twice", {"alert": origin.alert_id})
    try:
        made = await alerts.make(connection, person, origin, _order(origin, wanted))
    except (errors.UniqueViolation, errors.InsufficientPrivilege) as error:  # at the same moment; passed on, not ours
        raise ProblemError(409, "by_hand_twice", {"alert": "—"}) from error
    detail = {"alert": made, "finding": origin.finding_id, "inspection": origin.inspection_id, "item": origin.item}
    await people.audit(connection, person, "alert_by_hand", detail)
    return made


def _order(origin: Origin, wanted: dict[str, str]) -> alerts.Order:
    """What was typed, within the bounds; raises ProblemError 422."""
    try:
        severity = Severity(int(wanted.get("severity", "")))
        hours = float(wanted["hours"]) if wanted.get("hours") else None
    except ValueError as error:
        raise ProblemError(422, "by_hand") from error
    span, words = allowed(severity, hours), wanted.get("words", "").strip() or origin.words.strip()
    if span is None or not words:
        raise ProblemError(422, "by_hand")
    return alerts.Order(severity, span, words[:2000])
