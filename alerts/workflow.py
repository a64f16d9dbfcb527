"""The rectification workflow: who may move an alert how, and everything that a move brings with it, at once."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from alerts.audience import OF_ACTION, audiences
from alerts.clockwork import Clockwork
from domain.alert import Action, Condition, Gate, Role, Status, Transition, transition
from domain.ladder import mark_of
from store import alerts, pushes, workflow
from store.alerts import HistoryEntry
from store.connection import Connection
from store.people import Person
from store.pushes import News
from store.workflow import Case, Photo

__all__ = [
    "Case",
    "ConflictError",
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
    "WorkflowError",
    "act",
    "decide",
]


class Refusal(StrEnum):
    """Why a move is refused; also the key of its text."""

    NOT_FOUND = "not-found"
    CONFLICT = "conflict"
    MOVE = "no-such-move"
    ROLE = "wrong-role"
    REASON = "reason-missing"
    TEXT = "text-missing"
    PHOTO = "photo-missing"
    ACTIVE = "still-active"
    RECHECK = "recheck-running"


TEXTS: dict[Refusal, dict[str, str]] = {
    Refusal.NOT_FOUND: {"zh": "没有这条告警。", "en": "There is no such alert."},
    Refusal.CONFLICT: {
        "zh": "这条告警刚刚已被他人处理，请刷新后再试。",
        "en": "Somebody else has just changed this alert; reload it and try again.",
    },
    Refusal.MOVE: {
        "zh": "告警在当前状态下不能执行此操作。",
        "en": "This cannot be done to an alert in its present status.",
    },
    Refusal.ROLE: {"zh": "您的角色不能执行此操作。", "en": "Your role may not do this."},
    Refusal.REASON: {"zh": "请填写理由。", "en": "Give a reason."},
    Refusal.TEXT: {"zh": "请填写整改说明。", "en": "Describe the rectification."},
    Refusal.PHOTO: {"zh": "请至少上传一张整改照片。", "en": "Attach at least one photo of the rectification."},
    Refusal.ACTIVE: {
        "zh": "系统检测到问题仍然存在，暂不能办结。",
        "en": "The problem is still being detected, so the alert cannot be closed yet.",
    },
    Refusal.RECHECK: {
        "zh": "系统复核时间未到，请稍后再办结。",
        "en": "The automatic re-check is still running; close the alert when it is over.",
    },
}


class WorkflowError(Exception):
    """A move was refused; `refusal` names why."""

    key: ClassVar[Refusal | None] = None

    def __init__(self, refusal: Refusal | None = None) -> None:
        refused = refusal or self.key
        assert refused is not None
        self.refusal: Refusal = refused
        super().__init__(TEXTS[refused]["en"])

    def text(self, lang: str) -> str:
        """The sentence for the person, in 'zh' or 'en'."""
        return TEXTS[self.refusal]["en" if lang == "en" else "zh"]


class NotFoundError(WorkflowError):
    """There is no such alert (or none of this person's)."""

    key = Refusal.NOT_FOUND


class ConflictError(WorkflowError):
    """Somebody else has just changed this alert; reload it and try again."""

    key = Refusal.CONFLICT


class MoveError(WorkflowError):
    """This cannot be done to an alert in its present status."""

    key = Refusal.MOVE


class RoleError(WorkflowError):
    """Your role may not do this."""

    key = Refusal.ROLE


class GateError(WorkflowError):
    """Something that this move needs is missing: a reason, a text, a photo, or the machine's re-check."""


@dataclass(frozen=True, slots=True)
class Report:
    """The operator's rectification report."""

    text: str
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asks for."""

    action: Action
    role: Role
    reason: str = ""
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """An alert after a move."""

    alert_id: int
    status: Status
    version: int


def decide(case: Case, request: Request) -> Transition | Refusal:
    """The move that `request` makes, or the first reason against it. Pure."""
    move = transition(request.action, case.status)
    if move is None:
        return Refusal.MOVE
    if request.role not in move.roles:
        return Refusal.ROLE
    closed = (_closed(gate, case, request) for gate in Gate if gate in move.gates)
    return next((refusal for refusal in closed if refusal is not None), move)


def _closed(gate: Gate, case: Case, request: Request) -> Refusal | None:
    """Why a gate is closed, or None when it is open."""
    report = request.report or Report("")
    match gate:
        case Gate.REASON:
            return None if request.reason.strip() else Refusal.REASON
        case Gate.TEXT:
            return None if report.text.strip() else Refusal.TEXT
        case Gate.PHOTO:
            return None if report.photos else Refusal.PHOTO
        case Gate.CLEARED:
            return _recheck(case)


def _recheck(case: Case) -> Refusal | None:
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
) -> Moved:
    """Move an alert, with history, report or review, and pushes, in one transaction (or in the caller's own).

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
        request = Request(action, person.role, reason.strip(), report)
        decision = decide(case, request)
        if isinstance(decision, Refusal):
            raise _ERRORS.get(decision, GateError)(decision)
        return await _move(connection, person, case, decision, request)


async def _move(connection: Connection, person: Person, case: Case, move: Transition, request: Request) -> Moved:
    version = await workflow.move(connection, case.id, move.target)
    report = request.report or Report("")
    remark = report.text.strip() if move.action is Action.REPORT else request.reason
    await _enclose(connection, person, case, request, remark)
    await alerts.add_history(
        connection,
        [HistoryEntry(case.id, move.action, move.source, move.target, case.condition, remark, person.id)],
    )
    mark = mark_of(move.source, move.target)
    if mark is not None:
        await Clockwork().moved(connection, case.id, mark)
    turn = OF_ACTION.get(move.action)
    if turn is not None:
        reached = audiences(turn, case.severity)
        await pushes.enqueue(connection, [News(case.id, case.site_id, turn, audience) for audience in reached])
    await alerts.announce(connection, [case.id])
    return Moved(case.id, move.target, version)


async def _enclose(connection: Connection, person: Person, case: Case, request: Request, remark: str) -> None:
    """The papers that belong to a move: the operator's report, the regulator's verdict."""
    match request.action:
        case Action.REPORT:
            photos = request.report.photos if request.report else ()
            await workflow.add_rectification(connection, case.id, person.id, remark, photos)
        case Action.ACCEPT | Action.REJECT | Action.DISMISS:
            await workflow.add_review(connection, case.id, person.id, request.action, remark)
        case Action.ACKNOWLEDGE:
            pass
