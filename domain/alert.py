"""The alert's state table (DESIGN, Vocabulary; DOMAIN §6): two independent facts, and who may move which."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Condition(StrEnum):
    """Is it still so?"""

    ACTIVE = "ACTIVE"
    CLEARED = "CLEARED"

    @classmethod
    def of(cls, cleared: datetime | None) -> "Condition":
        """By when it was over, None while it is still so."""
        return cls.ACTIVE if cleared is None else cls.CLEARED


class Status(StrEnum):
    """Where the people are."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RECTIFIED = "rectified"
    CLOSED = "closed"
    DISMISSED = "dismissed"


FINISHED = frozenset({Status.CLOSED, Status.DISMISSED})


class Action(StrEnum):
    """What is done to an alert: by a person, and `SETTLE` by the machine alone."""

    ACKNOWLEDGE = "acknowledge"
    REPORT = "report"
    ACCEPT = "accept"
    REJECT = "reject"
    DISMISS = "dismiss"
    SETTLE = "settle"  # closed by the machine's re-check, without a human verdict
    ASSIGN = "assign"
    COMMENT = "comment"
    TRANSFER = "transfer"
    SUPERVISE = "supervise"
    LIFT = "lift"
    APPEAL = "appeal"
    UPHOLD = "uphold"
    DENY = "deny"


class Role(StrEnum):
    """Who a person is. An admin keeps the registry and the people; workflow is for operators and regulators.

    Vendors and maintainers are outsiders: they have no scope, and see what is theirs on pages of their own (ADR 45).
    """

    OPERATOR = "operator"
    REGULATOR = "regulator"
    ADMIN = "admin"
    VENDOR = "vendor"
    MAINTAINER = "maintainer"


OUTSIDERS = frozenset({Role.VENDOR, Role.MAINTAINER})


class Side(StrEnum):
    """Whose eyes a comment is for."""

    BOTH = "both"
    OPERATOR = "operator"
    AUTHORITY = "authority"


class Appeal(StrEnum):
    """Where the operator's dispute stands; there is one an alert."""

    NONE = "none"
    WAITING = "waiting"
    DECIDED = "decided"


class Recheck(StrEnum):
    """What the machine saw after a report."""

    CLEAR = "clear"
    VIOLATING = "violating"
    UNJUDGED = "unjudged"  # it could not see, or the sensor was silent


class Gate(StrEnum):
    """What must be so before a transition (a missing step makes closing impossible). In the order of asking."""

    RESPONSIBLE = "responsible"  # the person's authority is the responsible one, or above it
    ABOVE = "above"  # it is above the responsible one
    UNSUPERVISED = "unsupervised"
    LIFTER = "lifter"  # it is the one that supervises, or above it
    APPEALABLE = "appealable"  # there was no appeal yet
    APPEALED = "appealed"  # one waits
    SETTLED = "settled"  # none waits
    DRAWN = "drawn"  # the rule lets the machine close it, and the draw has not given it to a human
    REASON = "reason"  # a text from the person
    TEXT = "text"  # the report's text
    PHOTO = "photo"  # at least one photo
    ASSIGNEE = "assignee"
    TARGET = "target"  # an authority above or below the responsible one
    UNTIL = "until"  # a deadline that lies ahead
    CLEARED = "cleared"  # the machine's re-check: condition CLEARED for the rule's recheck_s


# What stands open or closed before anything is typed: what a page offers follows from these.
STANDING = frozenset({
    Gate.RESPONSIBLE, Gate.ABOVE, Gate.UNSUPERVISED, Gate.LIFTER, Gate.APPEALABLE, Gate.APPEALED, Gate.SETTLED,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Transition:
    """One legal move. Without roles it is the machine's."""

    action: Action
    source: Status
    target: Status
    roles: frozenset[Role]
    gates: frozenset[Gate] = frozenset()

    def open_to(self, role: Role | None) -> bool:
        """Whether that role may; None is the machine."""
        return role in self.roles if self.roles else role is None


_OPERATOR = frozenset({Role.OPERATOR})
_REGULATOR = frozenset({Role.REGULATOR})
_BOTH = _OPERATOR | _REGULATOR
_MACHINE: frozenset[Role] = frozenset()
_UNFINISHED = tuple(status for status in Status if status not in FINISHED)
_APPEALABLE = (Status.OPEN, Status.ACKNOWLEDGED)  # who has reported a rectification has owned to the fault


def _at(
    action: Action, sources: tuple[Status, ...], roles: frozenset[Role], *gates: Gate, to: Status | None = None
) -> tuple[Transition, ...]:
    """The same move from each of `sources`; without `to` the status stays."""
    return tuple(Transition(action, source, to or source, roles, frozenset(gates)) for source in sources)


TRANSITIONS: tuple[Transition, ...] = (
    *_at(Action.ACKNOWLEDGE, (Status.OPEN,), _OPERATOR, to=Status.ACKNOWLEDGED),
    *_at(Action.REPORT, (Status.ACKNOWLEDGED,), _OPERATOR, Gate.TEXT, Gate.PHOTO, to=Status.RECTIFIED),
    *_at(
        Action.ACCEPT, (Status.RECTIFIED,), _REGULATOR, Gate.RESPONSIBLE, Gate.SETTLED, Gate.CLEARED, to=Status.CLOSED
    ),
    *_at(
        Action.REJECT,
        (Status.RECTIFIED,),
        _REGULATOR,
        Gate.RESPONSIBLE,
        Gate.SETTLED,
        Gate.REASON,
        to=Status.ACKNOWLEDGED,
    ),
    *_at(Action.SETTLE, (Status.RECTIFIED,), _MACHINE, Gate.SETTLED, Gate.DRAWN, Gate.CLEARED, to=Status.CLOSED),
    *_at(Action.UPHOLD, _UNFINISHED, _REGULATOR, Gate.RESPONSIBLE, Gate.APPEALED, Gate.REASON, to=Status.DISMISSED),
    *_at(Action.DENY, _UNFINISHED, _REGULATOR, Gate.RESPONSIBLE, Gate.APPEALED, Gate.REASON),
    *_at(Action.DISMISS, _UNFINISHED, _REGULATOR, Gate.RESPONSIBLE, Gate.SETTLED, Gate.REASON, to=Status.DISMISSED),
    *_at(Action.APPEAL, _APPEALABLE, _OPERATOR, Gate.APPEALABLE, Gate.TEXT),
    *_at(Action.ASSIGN, _UNFINISHED, _OPERATOR, Gate.ASSIGNEE),
    *_at(Action.ASSIGN, _UNFINISHED, _REGULATOR, Gate.RESPONSIBLE, Gate.ASSIGNEE),
    *_at(Action.COMMENT, _UNFINISHED, _BOTH, Gate.REASON),
    *_at(Action.TRANSFER, _UNFINISHED, _REGULATOR, Gate.RESPONSIBLE, Gate.REASON, Gate.TARGET),
    *_at(Action.SUPERVISE, _UNFINISHED, _REGULATOR, Gate.ABOVE, Gate.UNSUPERVISED, Gate.REASON, Gate.UNTIL),
    *_at(Action.LIFT, _UNFINISHED, _REGULATOR, Gate.LIFTER, Gate.REASON),
)


def transition(action: Action, source: Status, role: Role | None = None) -> Transition | None:
    """The legal move for `action` from `source`, or None; where roles have moves of their own, `role`'s."""
    moves = [move for move in TRANSITIONS if move.action is action and move.source is source]
    return next((move for move in moves if move.open_to(role)), moves[0] if moves else None)


def actions(source: Status, role: Role) -> tuple[Action, ...]:
    """What `role` may do to an alert in `source`, in the table's order."""
    return tuple(move.action for move in TRANSITIONS if move.source is source and move.open_to(role))
