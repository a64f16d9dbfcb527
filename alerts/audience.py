"""Who is told what: which side's channels get a push about which turn of an alert."""

from enum import StrEnum

from domain.alert import Action
from domain.ladder import Kind
from domain.severity import Severity


class Audience(StrEnum):
    """A side of the workflow: the site's operator, or the authorities at and above the one that is responsible."""

    OPERATOR = "operator"
    AUTHORITY = "authority"


class Turn(StrEnum):
    """What a push reports."""

    RAISED = "raised"
    RECTIFIED = "rectified"
    REJECTED = "rejected"
    CLOSED = "closed"
    DISMISSED = "dismissed"
    REMINDER = "reminder"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    YELLOW_CARD = "yellow_card"
    RED_CARD = "red_card"
    RESCUE = "rescue"
    APPEALED = "appealed"
    APPEAL_DENIED = "appeal_denied"
    SUPERVISED = "supervised"
    TRANSFERRED = "transferred"
    APPEAL_OVERDUE = "appeal_overdue"


_OPERATOR = (Audience.OPERATOR,)
_BOTH = (Audience.OPERATOR, Audience.AUTHORITY)

OF_ACTION: dict[Action, Turn] = {
    Action.REPORT: Turn.RECTIFIED,
    Action.REJECT: Turn.REJECTED,
    Action.ACCEPT: Turn.CLOSED,
    Action.DISMISS: Turn.DISMISSED,
    Action.UPHOLD: Turn.DISMISSED,
    Action.SETTLE: Turn.CLOSED,
    Action.APPEAL: Turn.APPEALED,
    Action.DENY: Turn.APPEAL_DENIED,
    Action.SUPERVISE: Turn.SUPERVISED,
    Action.TRANSFER: Turn.TRANSFERRED,
}
_FOR_AUTHORITY = (Turn.RECTIFIED, Turn.APPEALED, Turn.TRANSFERRED)

# What those hear whom a clock's rung names, when it runs out.
OF_CLOCK: dict[Kind, Turn] = {
    Kind.ACKNOWLEDGE: Turn.OVERDUE,
    Kind.RECTIFY: Turn.OVERDUE,
    Kind.REMIND: Turn.REMINDER,
    Kind.ESCALATE: Turn.ESCALATED,
    Kind.YELLOW: Turn.YELLOW_CARD,
    Kind.RED: Turn.RED_CARD,
    Kind.CALL: Turn.RESCUE,
    Kind.ANSWER: Turn.RESCUE,
    Kind.ARRIVE: Turn.RESCUE,
    Kind.RELEASE: Turn.RESCUE,
    Kind.APPEAL: Turn.APPEAL_OVERDUE,
}


def audiences(turn: Turn, severity: Severity) -> tuple[Audience, ...]:
    """The operator hears what to do and what became of it; the authority what is grave, and what to review."""
    if turn in _FOR_AUTHORITY:
        return (Audience.AUTHORITY,)
    if turn is Turn.SUPERVISED or (turn is Turn.RAISED and severity <= Severity.II):
        return _BOTH
    return _OPERATOR
