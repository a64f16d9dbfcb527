"""Ladders: which clocks run for an alert, what starts and stops them, and who hears when one runs out. Versioned data.

A ladder is for severities or for rules; an alert climbs all that name it. Each rung is a clock: it starts at a mark of
the alert's life or when another rung has fired, and its own marks cancel it. Pure: instants come from the caller.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from domain.alert import FINISHED, Action, Status
from domain.code import Code
from domain.severity import Severity

# Who hears late still gets a moment before the next rung.
GRACE = timedelta(minutes=10)
LATE = timedelta(minutes=1)
_SHORTEST_S = 60.0

Count = Callable[[datetime, timedelta], datetime]


class BadLadderError(ValueError):
    """A ladder is for severities or for rules, and its rungs start at marks or at rungs before them."""


class Mark(StrEnum):
    """What happens to an alert, as far as clocks care."""

    RAISED = "raised"
    RECURRED = "recurred"
    CLEARED = "cleared"
    ACKNOWLEDGED = "acknowledged"
    RECTIFIED = "rectified"
    REJECTED = "rejected"
    FINISHED = "finished"
    ANSWERED = "answered"
    ARRIVED = "arrived"
    RELEASED = "released"
    APPEALED = "appealed"
    DECIDED = "decided"  # the appeal, which was rejected


OF_ACTION = {Action.APPEAL: Mark.APPEALED, Action.DENY: Mark.DECIDED}


class Kind(StrEnum):
    """What a clock is for; also the action's name in the alert's history when it runs out."""

    ACKNOWLEDGE = "ack_overdue"
    RECTIFY = "overdue"
    REMIND = "reminder"
    ESCALATE = "escalated"
    YELLOW = "yellow_card"
    RED = "red_card"
    CALL = "rescue_called"
    ANSWER = "rescue_unanswered"
    ARRIVE = "rescue_absent"
    RELEASE = "rescue_unfinished"
    APPEAL = "appeal_overdue"


RESCUE = frozenset({Kind.CALL, Kind.ANSWER, Kind.ARRIVE, Kind.RELEASE})
CARDS = frozenset({Kind.YELLOW, Kind.RED})
DUTIES = frozenset({Kind.ACKNOWLEDGE, Kind.RECTIFY})  # what the alert's own due time is about


class Recipient(StrEnum):
    """Who is told: the operator, the authority n levels above the responsible one, or a lift's rescuer."""

    OPERATOR = "operator"
    STATION = "level-0"
    DISTRICT = "level-1"
    CITY = "level-2"
    PROVINCE = "level-3"
    MAINTAINER = "maintainer"
    GRID = "grid"
    EMERGENCY = "emergency"


RESCUERS = (Recipient.MAINTAINER, Recipient.GRID, Recipient.EMERGENCY)


class Rung(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One clock. Times in seconds; without `after_s` it is what the alert's rule or class allows."""

    code: Code
    kind: Kind
    begins: tuple[str, ...]  # marks, or codes of rungs before this one
    ends: tuple[Mark, ...]
    after_s: float | None = None
    every_s: float = 0.0  # again and again after the first time
    tell: tuple[Recipient, ...] = ()


class Ladder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The clocks of some alerts. `working`: only the authority's working time counts (never for class I)."""

    code: Code
    version: int
    zh: str
    en: str
    source: str
    rungs: tuple[Rung, ...]
    severities: tuple[Severity, ...] = ()
    rules: tuple[Code, ...] = ()
    working: bool = False

    def covers(self, rule: str, severity: Severity) -> bool:
        """Whether an alert of that rule and severity climbs it."""
        return rule in self.rules or severity in self.severities

    def rung(self, code: str) -> Rung | None:
        return next((rung for rung in self.rungs if rung.code == code), None)


class LadderFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of ladders."""

    ladders: tuple[Ladder, ...]


@dataclass(frozen=True, slots=True)
class Start:
    """A clock to be started."""

    rung: Rung
    due: datetime


def at_mark(ladder: Ladder, mark: Mark, now: datetime, allowed: timedelta, count: Count) -> list[Start]:
    """The clocks that a mark starts at `now`. `allowed` is the alert's own deadline, or the appeal's; `count` adds a
    duration to an instant, in real or in working time."""
    return [Start(rung, count(now, _after(rung, allowed))) for rung in ladder.rungs if mark in rung.begins]


def at_fire(ladder: Ladder, fired: Rung, due: datetime, now: datetime, count: Count) -> list[Start]:
    """The clocks that start as one that was due at `due` fires at `now`: its own next time, and those that follow it.

    They keep to the schedule, but the next rung comes no sooner than GRACE (or its own time, if shorter) after one
    that fired late; what repeats counts from now: what was missed meanwhile is told once.
    """
    again = [Start(fired, count(now, timedelta(seconds=fired.every_s)))] if fired.every_s else []
    return again + [
        Start(rung, max(count(due, after), now + min(after, GRACE)))
        for rung in ladder.rungs
        if fired.code in rung.begins
        for after in [timedelta(seconds=rung.after_s or 0.0)]
    ]


def real(start: datetime, duration: timedelta) -> datetime:
    """Real time: every second counts."""
    return start + duration


def waiting(severity: Severity) -> frozenset[Kind]:
    """Which clocks stand still while an appeal waits: all of the ladder; of class I the cards alone (ADR 46).

    What is dangerous stays so while people argue about it; what punishes waits for the verdict.
    """
    return CARDS if severity is Severity.I else frozenset(Kind) - RESCUE - {Kind.APPEAL}


def mark_of(source: Status, target: Status) -> Mark | None:
    """What a move to another status means for the clocks; what else means something is in OF_ACTION."""
    if source is target:
        return None
    if target in FINISHED:
        return Mark.FINISHED
    if target is Status.RECTIFIED:
        return Mark.RECTIFIED
    if target is Status.ACKNOWLEDGED:
        return Mark.REJECTED if source is Status.RECTIFIED else Mark.ACKNOWLEDGED
    return None


def _after(rung: Rung, allowed: timedelta) -> timedelta:
    return allowed if rung.after_s is None else timedelta(seconds=rung.after_s)


def parse(text: str) -> tuple[Ladder, ...]:
    """Read ladders from TOML (`[[ladders]]`); raises BadLadderError with the exact fault."""
    try:
        ladders = msgspec.toml.decode(text, type=LadderFile).ladders
    except (msgspec.DecodeError, ValueError) as error:
        raise BadLadderError(str(error)) from error
    for ladder in ladders:
        check(ladder)
    return ladders


def check(ladder: Ladder) -> None:
    """Raise BadLadderError unless the ladder makes sense."""
    where = f"ladder {ladder.code}"
    if bool(ladder.severities) == bool(ladder.rules):
        raise BadLadderError(f"{where}: name severities or rules, not both")
    if ladder.working and (Severity.I in ladder.severities or ladder.rules):
        raise BadLadderError(f"{where}: class I and rules of their own always count real time")
    seen: set[str] = set(Mark)
    for rung in ladder.rungs:
        _check(f"{where}, rung {rung.code}", rung, seen)
        seen.add(rung.code)


def _check(where: str, rung: Rung, known: set[str]) -> None:
    if rung.code in known:
        raise BadLadderError(f"{where}: the code is taken")
    unknown = sorted(set(rung.begins) - known)
    if unknown or not rung.begins:
        wrong = ", ".join(unknown) or "nothing"
        raise BadLadderError(f"{where}: begins at a mark or at a rung before it, not at {wrong}")
    if set(rung.begins) & set(rung.ends):
        raise BadLadderError(f"{where}: what begins it cannot end it")
    if rung.after_s is None and not set(rung.begins) <= set(Mark):
        raise BadLadderError(f"{where}: after another rung it needs after_s")
    if (rung.after_s or 0.0) < 0 or (rung.every_s and rung.every_s < _SHORTEST_S):
        raise BadLadderError(f"{where}: after_s is not negative, every_s is 0 or at least {_SHORTEST_S:g}")
    if (rung.kind in RESCUE) != bool(set(rung.tell) & set(RESCUERS)):
        raise BadLadderError(f"{where}: rescuers are told by the rescue's clocks, and those tell a rescuer")
