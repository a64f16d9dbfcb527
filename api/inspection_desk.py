"""What people do to inspections: assign, plan, answer item by item, sign; and why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fastapi import UploadFile

from api import pictures
from api.checklist import checklists
from api.desk import Desk
from api.problem import ProblemError, not_found
from domain import checklist as domain
from domain.alert import Role
from domain.checklist import Answer, BadAnswerError, Checklist, Every, Side
from domain.period import ZONE
from store import inspections, places
from store.connection import Connection
from store.inspections import Task
from store.people import Person

_FARTHEST = timedelta(days=5 * 366)


@dataclass(frozen=True, slots=True)
class Given:
    """An item's answer as it was typed. `alert`: the unfinished alert that a failed item belongs to."""

    item: str
    value: str
    note: str
    alert: int | None
    files: Sequence[UploadFile]
    claims: Sequence[str]


def may_assign(person: Person) -> bool:
    """Assigning is a regulator's."""
    return person.role is Role.REGULATOR and person.authority is not None and person.may_act


async def assign(at: Desk, person: Person, site: int, code: str, day: date) -> int:
    """A task that is due at the end of a day; raises ProblemError."""
    wanted = await _wanted(at, person, site, code, day)
    async with at.scoped(person) as connection:
        return await inspections.assign(connection, person, site, wanted, domain.end_of(day))


async def plan(at: Desk, person: Person, site: int, code: str, day: date, *, every: Every) -> None:
    """A checklist that comes again; its first task is there at once where it has begun. Raises ProblemError."""
    wanted = await _wanted(at, person, site, code, day)
    async with at.scoped(person) as connection:
        await inspections.plan(connection, person, site, wanted, every=every, on=day)
        await inspections.come_due(connection, at.clock())


async def _wanted(at: Desk, person: Person, site: int, code: str, day: date) -> Checklist:
    async with at.scoped(person) as connection:
        if await places.site(connection, site) is None:
            raise not_found()
    if not may_assign(person):
        raise ProblemError(403, "role", {"role": Role.REGULATOR})
    found = checklists().get(code)
    if found is None:
        raise ProblemError(422, "invalid")
    today = at.clock().astimezone(ZONE).date()
    if not today <= day <= today + _FARTHEST:
        raise ProblemError(422, "inspection_day")
    return found


async def end_plan(at: Desk, person: Person, identity: int) -> None:
    """No further tasks; raises ProblemError."""
    async with at.scoped(person) as connection:
        if not await inspections.sees_plan(connection, identity):
            raise not_found()
        if not may_assign(person):
            raise ProblemError(403, "role", {"role": Role.REGULATOR})
        await inspections.end_plan(connection, person, identity)


async def task(connection: Connection, identity: int) -> Task:
    """One, or 404."""
    found = await inspections.one(connection, identity)
    if found is None:
        raise not_found()
    return found


async def answer(at: Desk, person: Person, identity: int, given: Given) -> None:
    """Keep an item's answer with its photos; raises ProblemError where it lacks something, or its turn has not come."""
    async with at.scoped(person) as connection:
        await _open(connection, person, identity)  # before photos are kept for it
    photos = await pictures.keep(at, given.files, given.claims)
    async with at.scoped(person) as connection:
        found = await _open(connection, person, identity)
        if not await inspections.lock(connection, identity):
            raise ProblemError(409, "inspection_done")
        so_far = await inspections.document(connection, found)
        codes = [item.code for item in found.checklist.items]
        place = codes.index(given.item) if given.item in codes else len(codes)
        if place > found.checklist.reached({one.item for one in so_far.answers}):
            raise ProblemError(422, "inspection_order")
        if place == len(codes):
            raise not_found()
        kept = sum(one.kind == "photo" and one.item == given.item for one in so_far.papers)
        failed = _judged(found.checklist.items[place], given, kept + len(photos))
        tied = await _tied(connection, found, given.alert) if failed else None
        told = Answer(given.item, given.value.strip(), failed, given.note.strip(), tied, person.login, at.clock())
        await inspections.answer(connection, person, identity, told)
        for photo in photos:
            await inspections.put_paper(connection, person, identity, given.item, photo)


def _judged(item: domain.Item, given: Given, photos: int) -> bool:
    try:
        return domain.check(item, given.value.strip(), given.note, photos)
    except BadAnswerError as error:
        raise ProblemError(422, error.code) from error


async def _tied(connection: Connection, found: Task, alert: int | None) -> int | None:
    known = {one.id for one in await inspections.alerts(connection, found.site_id)}
    if alert is not None and alert not in known:
        raise not_found()
    return alert


async def sign(at: Desk, person: Person, identity: int, side: Side, *, name: str, file: UploadFile | None) -> bool:
    """Keep a side's signature; the last one that was needed closes the inspection, and is answered True."""
    async with at.scoped(person) as connection:
        await _open(connection, person, identity)
    drawn = await pictures.keep_signature(at, file)
    async with at.scoped(person) as connection:
        found = await _open(connection, person, identity)
        if not await inspections.lock(connection, identity):
            raise ProblemError(409, "inspection_done")
        if drawn is None or not name.strip() or side not in found.checklist.signatures:
            raise ProblemError(422, "signer")
        if found.answered < len(found.checklist.items):
            raise ProblemError(422, "inspection_order")
        await inspections.put_paper(connection, person, identity, side, drawn, name=name.strip())
        return await inspections.finish(connection, person, found) is not None


async def _open(connection: Connection, person: Person, identity: int) -> Task:
    found = await task(connection, identity)
    if not person.may_act:
        raise ProblemError(403, "role", {"role": Role.REGULATOR})
    if found.done is not None:
        raise ProblemError(409, "inspection_done")
    return found


def late(found: Task, now: datetime) -> bool:
    """Whether it should have been done."""
    return found.done is None and found.due < now
