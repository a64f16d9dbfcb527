"""The rectification workflow: who may move an alert how, and everything that a move brings with it, at once."""

from dataclasses import dataclass
from datetime import datetime

from alerts.audience import OF_ACTION, Audience, Turn, audiences
from alerts.clockwork import Clockwork
from alerts.refusal import (
    TEXTS,
    ConflictError,
    GateError,
    MoveError,
    NotFoundError,
    Refusal,
    RoleError,
    WorkflowError,
)
from domain import ladder
from domain.alert import (
    STANDING,
    TRANSITIONS,
    Action,
    Appeal,
    Condition,
    Gate,
    Recheck,
    Role,
    Side,
    Status,
    Transition,
    transition,
)
from domain.authority import covers
from store import alerts, pushes, workflow
from store.alerts import HistoryEntry
from store.connection import Connection
from store.people import Person
from store.pushes import News
from store.workflow import Case, Photo

__all__ = [
    "TEXTS",
    "Assign",
    "Case",
    "Comment",
    "ConflictError",
    "Detail",
    "GateError",
    "MoveError",
    "Moved",
    "NotFoundError",
    "Person",
    "Photo",
    "Refusal",
    "Report",
    "Request",
    "RoleError",
    "Supervise",
    "Transfer",
    "WorkflowError",
    "act",
    "decide",
    "offered",
    "settle",
]


@dataclass(frozen=True, slots=True)
class Report:
    """The operator's rectification report, or his appeal."""

    text: str
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True, slots=True)
class Assign:
    """To whom; None: to nobody any more."""

    person: int | None


@dataclass(frozen=True, slots=True)
class Comment:
    """For whose eyes."""

    side: Side


@dataclass(frozen=True, slots=True)
class Transfer:
    """To which authority, as its path in the tree."""

    authority: str


@dataclass(frozen=True, slots=True)
class Supervise:
    """Until when; an aware time."""

    until: datetime


Detail = Assign | Comment | Transfer | Supervise


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asks for; the machine has no role. `authority` is the person's, '' for an operator's."""

    action: Action
    role: Role | None
    reason: str = ""
    report: Report | None = None
    authority: str = ""
    detail: Detail | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """An alert after a move."""

    alert_id: int
    status: Status
    version: int


def decide(case: Case, request: Request) -> Transition | Refusal:
    """The move that `request` makes, or the first reason against it. Pure."""
    move = transition(request.action, case.status, request.role)
    if move is None:
        return Refusal.MOVE
    if not move.open_to(request.role):
        return Refusal.ROLE
    closed = (_closed(gate, case, request) for gate in Gate if gate in move.gates)
    return next((refusal for refusal in closed if refusal is not None), move)


def offered(case: Case, role: Role, authority: str | None) -> tuple[Action, ...]:
    """What such a person may do now, in the table's order: all but what is still to be typed stands open."""
    moves = (move for move in TRANSITIONS if move.source is case.status and move.open_to(role))
    return tuple(
        move.action
        for move in moves
        if not any(
            _closed(gate, case, Request(move.action, role, authority=authority or "")) for gate in move.gates & STANDING
        )
    )


def _closed(gate: Gate, case: Case, request: Request) -> Refusal | None:
    """Why a gate is closed, or None when it is open."""
    if gate in STANDING:
        return _standing(gate, case, request.authority)
    report = request.report or Report("")
    is_open = {
        Gate.DRAWN: case.human is False,
        Gate.REASON: bool(request.reason.strip()),
        Gate.TEXT: bool(report.text.strip()),
        Gate.PHOTO: any(one.kind == "photo" for one in report.photos),
        Gate.ASSIGNEE: isinstance(request.detail, Assign),
        Gate.TARGET: isinstance(request.detail, Transfer) and _reaches(case.authority, request.detail.authority),
        Gate.UNTIL: isinstance(request.detail, Supervise) and request.detail.until > case.now,
    }
    if gate is Gate.CLEARED:
        return _recheck(case, request)
    return None if is_open[gate] else _REFUSALS[gate]


def _standing(gate: Gate, case: Case, authority: str) -> Refusal | None:
    is_open = {
        Gate.RESPONSIBLE: covers(authority, case.authority),
        Gate.ABOVE: covers(authority, case.authority) and authority != case.authority,
        Gate.UNSUPERVISED: case.supervised is None,
        Gate.LIFTER: case.supervised is not None and covers(authority, case.supervised),
        Gate.APPEALABLE: case.appeal is Appeal.NONE,
        Gate.APPEALED: case.appeal is Appeal.WAITING,
        Gate.SETTLED: case.appeal is not Appeal.WAITING,
    }
    return None if is_open[gate] else _REFUSALS[gate]


_REFUSALS: dict[Gate, Refusal] = {
    Gate.RESPONSIBLE: Refusal.RESPONSIBLE,
    Gate.ABOVE: Refusal.ABOVE,
    Gate.UNSUPERVISED: Refusal.SUPERVISED,
    Gate.LIFTER: Refusal.LIFTER,
    Gate.APPEALABLE: Refusal.APPEALED,
    Gate.APPEALED: Refusal.NO_APPEAL,
    Gate.SETTLED: Refusal.APPEAL_WAITS,
    Gate.DRAWN: Refusal.HUMAN,
    Gate.REASON: Refusal.REASON,
    Gate.TEXT: Refusal.TEXT,
    Gate.PHOTO: Refusal.PHOTO,
    Gate.ASSIGNEE: Refusal.ASSIGNEE,
    Gate.TARGET: Refusal.TARGET,
    Gate.UNTIL: Refusal.UNTIL,
}


def _reaches(responsible: str, target: str) -> bool:
    """Up and down the tree, not across it: a neighbour's alert comes from the one above both."""
    return target != responsible and (covers(target, responsible) or covers(responsible, target))


def _recheck(case: Case, request: Request) -> Refusal | None:
    """The machine's word; where it could not look, a human's in its place."""
    if case.recheck is Recheck.UNJUDGED and request.role is not None:
        return None if request.reason.strip() else Refusal.UNJUDGED
    if case.condition is not Condition.CLEARED or case.cleared_s is None:
        return Refusal.ACTIVE
    return None if case.cleared_s >= case.recheck_s else Refusal.RECHECK


_ERRORS: dict[Refusal, type[WorkflowError]] = {Refusal.MOVE: MoveError, Refusal.ROLE: RoleError}


async def act(
    connection: Connection,
    person: Person,
    alert_id: int,
    action: Action,
    version: int,
    *,
    reason: str = "",
    report: Report | None = None,
    detail: Detail | None = None,
) -> Moved:
    """Move an alert, with history, papers and pushes, in one transaction (or in the caller's own).

    `connection` works as mingchu_api within the person's scope (store.people.scoped): row-level security decides what
    he sees. `version` is the one that he has looked at. Raises NotFoundError, ConflictError, MoveError, RoleError or
    GateError; nothing is written then.
    """
    async with connection.transaction():
        case = await workflow.lock(connection, alert_id)
        if case is None:
            raise NotFoundError
        if case.version != version:
            raise ConflictError
        request = Request(action, person.role, reason.strip(), report, person.authority or "", detail)
        move = _decided(case, request)
        await _check(connection, case, request)
        return await _move(connection, person, case, move, request)


async def settle(connection: Connection, alert_id: int) -> Moved | Refusal:
    """Close an alert by the machine's re-check alone, where its rule and the draw leave it to the machine.

    `connection` is the alert engine's, within its transaction.
    """
    case = await workflow.lock(connection, alert_id)
    if case is None:
        return Refusal.NOT_FOUND
    request = Request(Action.SETTLE, None)
    decision = decide(case, request)
    return decision if isinstance(decision, Refusal) else await _move(connection, None, case, decision, request)


def _decided(case: Case, request: Request) -> Transition:
    decision = decide(case, request)
    if isinstance(decision, Refusal):
        raise _ERRORS.get(decision, GateError)(decision)
    return decision


async def _check(connection: Connection, case: Case, request: Request) -> None:
    """What only the database knows of a detail: whether there is such a person, such an authority."""
    match request.detail:
        case Assign(person=int() as person):
            if not await workflow.assignable(connection, case.id, person):
                raise GateError(Refusal.ASSIGNEE)
        case Transfer(authority=path):
            if not await workflow.is_authority(connection, path):
                raise GateError(Refusal.TARGET)
        case _:
            pass


async def _move(connection: Connection, person: Person | None, case: Case, move: Transition, request: Request) -> Moved:
    version = await workflow.move(connection, case.id, move.target)
    if person is not None:
        await _enclose(connection, person, case, request)
    remark, actor = _remark(request), None if person is None else person.id
    await alerts.add_history(
        connection,
        [HistoryEntry(case.id, move.action, move.source, move.target, case.condition, remark, actor)],
    )
    mark = ladder.OF_ACTION.get(move.action) or ladder.mark_of(move.source, move.target)
    if mark is not None:
        await Clockwork().moved(connection, case.id, mark)
    turn = OF_ACTION.get(move.action)
    if turn is not None:
        await pushes.enqueue(connection, _news(case, turn, request))
    await alerts.announce(connection, [case.id])
    return Moved(case.id, move.target, version)


def _news(case: Case, turn: Turn, request: Request) -> list[News]:
    """Who is told of a turn; of a transfer those whom the alert leaves as well: their work on it is over."""
    told = [News(case.id, case.site_id, turn, audience) for audience in audiences(turn, case.severity)]
    left = isinstance(request.detail, Transfer)
    return [*told, News(case.id, case.site_id, turn, Audience.AUTHORITY, case.authority)] if left else told


def _remark(request: Request) -> str:
    """What history keeps of a move beside who and when. A first line names to whom, or until when."""
    said = (request.report or Report("")).text.strip() or request.reason
    match request.detail:
        case Assign(person=person):
            return "\n".join(filter(None, ("" if person is None else str(person), said)))
        case Transfer(authority=path):
            return f"{path}\n{said}"
        case Supervise(until=until):
            return f"{until.isoformat(timespec='seconds')}\n{said}"
        case Comment(side=side) if side is not Side.BOTH:
            return ""  # history is for both sides
        case _:
            return said


async def _enclose(connection: Connection, person: Person, case: Case, request: Request) -> None:
    """The papers that belong to a move: reports, verdicts, appeals, comments; and to whom it goes."""
    report, said = request.report or Report(""), request.reason
    match request.action:
        case Action.REPORT:
            await workflow.add_rectification(
                connection, case.id, person.id, report.text.strip(), report.photos, watch_s=case.recheck_s
            )
        case Action.ACCEPT | Action.REJECT | Action.DISMISS:
            await workflow.add_review(connection, case.id, person.id, request.action, said)
        case Action.APPEAL:
            await workflow.add_appeal(
                connection, case.id, person.id, report.text.strip(), report.photos, answer_s=case.appeal_s
            )
        case Action.UPHOLD:
            await workflow.decide_appeal(connection, case.id, person.id, "upheld", said)
            await workflow.add_review(connection, case.id, person.id, Action.DISMISS, said)
        case Action.DENY:
            await workflow.decide_appeal(connection, case.id, person.id, "rejected", said)
        case Action.COMMENT:
            await _comment(connection, person, case, request)
        case Action.LIFT:
            await workflow.supervise(connection, case.id, None, None, "")
        case _:
            await _direct(connection, person, case, request)


async def _comment(connection: Connection, person: Person, case: Case, request: Request) -> None:
    """A side's own words are for the side of who says them, whatever he asked for."""
    asked = request.detail.side if isinstance(request.detail, Comment) else Side.BOTH
    own = Side.OPERATOR if person.role is Role.OPERATOR else Side.AUTHORITY
    side = Side.BOTH if asked is Side.BOTH else own
    await workflow.add_comment(connection, case.id, person.id, side, request.reason)


async def _direct(connection: Connection, person: Person, case: Case, request: Request) -> None:
    """To whom an alert goes from here."""
    match request.detail:
        case Assign(person=chosen):
            await workflow.assign(connection, case.id, chosen)
        case Transfer(authority=path):
            await workflow.transfer(connection, case.id, path, person.id)
        case Supervise(until=until):
            await workflow.supervise(connection, case.id, person.authority, until, request.reason)
        case _:
            pass
