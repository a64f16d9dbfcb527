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
    """What a person does to an alert."""

    ACKNOWLEDGE = "acknowledge"
    REPORT = "report"
    ACCEPT = "accept"
    REJECT = "reject"
    DISMISS = "dismiss"


class Role(StrEnum):
    """Who a person is. An admin keeps the registry and the people; workflow is for the other two."""

    OPERATOR = "operator"
    REGULATOR = "regulator"
    ADMIN = "admin"


class Gate(StrEnum):
    """What must be there before a transition (a missing step makes closing impossible)."""

    REASON = "reason"  # a text from the person
    TEXT = "text"  # the report's text
    PHOTO = "photo"  # at least one photo
    CLEARED = "cleared"  # the machine's re-check: condition CLEARED for the rule's recheck_s


@dataclass(frozen=True, slots=True)
class Transition:
    """One legal move."""

    action: Action
    source: Status
    target: Status
    roles: frozenset[Role]
    gates: frozenset[Gate] = frozenset()


_OPERATOR = frozenset({Role.OPERATOR})
_REGULATOR = frozenset({Role.REGULATOR})

TRANSITIONS: tuple[Transition, ...] = (
    Transition(Action.ACKNOWLEDGE, Status.OPEN, Status.ACKNOWLEDGED, _OPERATOR),
    Transition(Action.REPORT, Status.ACKNOWLEDGED, Status.RECTIFIED, _OPERATOR, frozenset({Gate.TEXT, Gate.PHOTO})),
    Transition(Action.ACCEPT, Status.RECTIFIED, Status.CLOSED, _REGULATOR, frozenset({Gate.CLEARED})),
    Transition(Action.REJECT, Status.RECTIFIED, Status.ACKNOWLEDGED, _REGULATOR, frozenset({Gate.REASON})),
    *(
        Transition(Action.DISMISS, source, Status.DISMISSED, _REGULATOR, frozenset({Gate.REASON}))
        for source in Status
        if source not in FINISHED
    ),
)


def transition(action: Action, source: Status) -> Transition | None:
    """The legal move for `action` from `source`, or None."""
    return next((move for move in TRANSITIONS if move.action is action and move.source is source), None)


def actions(source: Status, role: Role) -> tuple[Action, ...]:
    """What `role` may do to an alert in `source`, in the table's order."""
    return tuple(move.action for move in TRANSITIONS if move.source is source and role in move.roles)
