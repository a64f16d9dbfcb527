"""Complaints of the public, as the console shows them, and the authority's answers."""

from collections.abc import Sequence

from api.alert_model import Named, Names
from api.desk import Desk
from api.equipment_model import Answer, Complaint
from api.problem import ProblemError, not_found
from domain.alert import Role
from domain.complaint import Topic
from store import complaints, people
from store.complaints import AnswerRow, ComplaintRow
from store.connection import Connection
from store.people import Person


async def shown(connection: Connection, rows: Sequence[ComplaintRow]) -> list[Complaint]:
    """Complaints with their answers."""
    answers = await complaints.answers(connection, [row.id for row in rows])
    return [_complaint(row, [one for one in answers if one.complaint_id == row.id]) for row in rows]


def _complaint(row: ComplaintRow, answers: Sequence[AnswerRow]) -> Complaint:
    of = None if row.equipment_zh is None else Names(zh=row.equipment_zh, en=row.equipment_en or row.equipment_zh)
    return Complaint(
        id=row.id,
        at=row.at,
        site=Named(id=row.site_id, code=row.site_code, zh=row.site_zh, en=row.site_en),
        equipment_id=row.equipment_id,
        equipment=of,
        device_id=row.device_id,
        topic=Topic(row.topic),
        words=row.words,
        phone=row.phone,
        photos=row.photos,
        closed=row.closed,
        answers=[Answer(at=one.at, by=one.by, words=one.words, closes=one.closes) for one in answers],
    )


def photos(said: Sequence[Complaint]) -> list[str]:
    """The photos of them all."""
    return [sha256 for one in said for sha256 in one.photos]


async def listed(
    at: Desk, person: Person, *, unanswered: bool, before: int | None = None, limit: int = 100, site: int | None = None
) -> list[Complaint]:
    """The newest first."""
    async with at.scoped(person) as connection:
        rows = await complaints.page(connection, unanswered=unanswered, before=before, limit=limit, site=site)
        return await shown(connection, rows)


async def one(at: Desk, person: Person, identity: int) -> Complaint:
    """One; 404 where there is none or it is not the person's to see."""
    async with at.scoped(person) as connection:
        row = await complaints.one(connection, identity)
        if row is None:
            raise not_found()
        return (await shown(connection, [row]))[0]


async def answer(at: Desk, person: Person, identity: int, words: str, *, closes: bool) -> Complaint:
    """A regulator answers, and closes it where said so; audited. Raises ProblemError 404, 403 or 409."""
    async with at.scoped(person) as connection:
        if await complaints.one(connection, identity) is None:
            raise not_found()
        if person.role is not Role.REGULATOR or not person.may_act:
            raise ProblemError(403, "role", {"role": Role.REGULATOR})
        if not await complaints.answer(connection, identity, person.id, words, closes=closes):
            raise ProblemError(409, "complaint_closed")
        detail = {"complaint": identity, "closes": closes, "words": words}
        await people.audit(connection, person, "complaint_answered", detail)
        row = await complaints.one(connection, identity)
        assert row is not None
        return (await shown(connection, [row]))[0]
