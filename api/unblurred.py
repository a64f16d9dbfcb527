"""Asking to see faces: a purpose is stated, the grant and its end are written down (ADR 20)."""

from api.desk import Desk
from api.problem import ProblemError, not_found
from domain.permission import Permission
from domain.purpose import GRANTED, RIGHT, Purpose, purposes
from store import live, people, queue, unblurred
from store.people import Person
from store.unblurred import Grant, Statement


async def alert(at: Desk, person: Person, alert_id: int, purpose: str, words: str) -> Grant:
    """A grant on the alert's evidence; raises ProblemError 404, 403 or 422."""
    async with at.scoped(person) as connection:
        if await queue.one(connection, alert_id) is None:
            raise not_found()
    return await _granted(at, person, _statement(at, person, purpose, words, alert=alert_id))


async def camera(at: Desk, person: Person, camera_id: int, purpose: str, words: str) -> Grant:
    """A grant on the camera's live view; raises ProblemError 404, 403 or 422."""
    async with at.scoped(person) as connection:
        if await live.camera(connection, camera_id) is None:
            raise not_found()
    return await _granted(at, person, _statement(at, person, purpose, words, camera=camera_id))


def _statement(
    at: Desk, person: Person, purpose: str, words: str, *, alert: int | None = None, camera: int | None = None
) -> Statement:
    may = stateable(person)
    if not may:
        raise ProblemError(403, "role")
    chosen = next((known for known in may if known == purpose), None)
    if chosen is None:
        raise ProblemError(422, "purpose")
    said = " ".join(words.split())
    if chosen is Purpose.OTHER and not said:
        raise ProblemError(422, "purpose_words")
    now = at.clock()
    return Statement(chosen, said, now, now + GRANTED, alert, camera)


async def _granted(at: Desk, person: Person, said: Statement) -> Grant:
    async with at.scoped(person) as connection:
        grant = await unblurred.grant(connection, person.id, said)
        detail = {"right": RIGHT, "grant": grant.id, "alert": said.alert, "camera": said.camera,
                  "purpose": said.purpose, "words": said.words, "until": said.until.isoformat()}  # fmt: skip
        await people.audit(connection, person, "unblurred_granted", detail)
    return grant


def stateable(person: Person) -> tuple[Purpose, ...]:
    """The purposes that the person may state; none without the right."""
    return purposes(person.role) if person.may(Permission.EVIDENCE_UNBLURRED) else ()


def needed(person: Person) -> ProblemError:
    """Faces are not shown yet: the person must state a purpose, or is of a role that has none."""
    return ProblemError(403, "purpose_needed" if stateable(person) else "unblurred")
