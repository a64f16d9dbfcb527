"""What a signal or a passed due time means for one rule and one subject: pure decisions with named reasons.

The engine loads the subject's state, asks here, and writes the answer in the same transaction.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.alert import Condition
from domain.rule import Hours, Rule, RuleKind
from domain.severity import DEADLINES

# A signal older than this when it arrived was spooled somewhere: what cancels it is probably right behind.
LATE = timedelta(seconds=30)
GRACE = timedelta(seconds=10)
# The last measurement of a duration lies so near its end: devices report every few seconds.
NEAR = timedelta(seconds=12)
# What was over before so long is history, not news (PROMISES R6).
STALE = timedelta(hours=12)


class Reason(StrEnum):
    """Why the engine did what it did; kept with the signal."""

    RAISED = "raised"
    RAISED_OVER = "raised-over"  # it held long enough, but was over before we knew
    RECURRED = "recurred"
    REPEATED = "repeated"
    CLEARED = "cleared"
    WAITING = "waiting"
    ALREADY_WAITING = "already-waiting"
    ALREADY_ACTIVE = "already-active"
    TOO_SHORT = "too-short"  # over before the rule's duration
    NOTHING_OPEN = "nothing-open"
    STALE = "stale"
    OTHERS_REMAIN = "others-remain"  # one of several scene events of the zone, or rules of the incident, has ended
    JOINED = "joined"  # another rule of the same incident
    TOO_FEW = "too-few"  # the predicate held on too few of the samples
    EXCUSED = "excused"  # a guard of the rule held
    OUT_OF_SCOPE = "out-of-scope"  # not a site or zone that the rule is for
    OUT_OF_HOURS = "out-of-hours"
    NO_RULE = "no-rule"
    UNREADABLE = "unreadable"  # the signal, or its rule, could not be handled


@dataclass(frozen=True, slots=True)
class Observation:
    """A signal as the decision needs it: `time` on the subject's clock, `received` on ours."""

    value: bool
    pulse: bool
    time: datetime
    received: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A condition that is true and waits for the rule's duration."""

    since: datetime
    due: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Open:
    """The subject's unfinished alert. `ours`: this rule keeps it active; `others`: another one of the incident does."""

    condition: Condition
    cleared: datetime | None
    ours: bool = True
    others: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """All that is remembered of one rule and subject."""

    waiting: Waiting | None = None
    open: Open | None = None
    excused: timedelta = timedelta(0)  # of the time that the waiting condition has lasted (domain.rule.Guard)


class Step(StrEnum):
    """What happens to the alert; also the action's name in its history."""

    RAISE = "raised"
    RECUR = "recurred"
    REPEAT = "repeated"
    JOIN = "joined"
    CLEAR = "cleared"


@dataclass(frozen=True, slots=True)
class Change:
    """One step: when it began (raise, recur, repeat), and when it was over, if it is."""

    step: Step
    at: datetime
    cleared: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The waiting row as it must be from now on, and at most one change to the alert."""

    reason: Reason
    waiting: Waiting | None = None
    change: Change | None = None

    def apply(self, state: State) -> State:
        """The state after this decision."""
        if self.change is None:
            return State(self.waiting, state.open)
        return State(self.waiting, Open(Condition.of(self.change.cleared), self.change.cleared))


_ALREADY = Decision(Reason.ALREADY_ACTIVE)


def due(rule: Rule, seen: Observation) -> datetime:
    """When a condition that began with `seen` has lasted long enough; never later than our clock plus the duration."""
    lasting = timedelta(seconds=rule.for_s)
    if seen.received - seen.time > LATE:
        return max(seen.time + lasting, seen.received + GRACE)
    return min(seen.time, seen.received) + lasting


def deadline(rule: Rule) -> timedelta:
    """How long people have got to act: the rule's own deadline, or its class's (DOMAIN §6)."""
    return DEADLINES[rule.severity] if rule.deadline_s is None else timedelta(seconds=rule.deadline_s)


def judge(rule: Rule, state: State, seen: Observation) -> Decision:
    """Decide on one signal."""
    if seen.pulse:
        return Decision(Reason.EXCUSED, state.waiting) if state.excused else _pulse(state, seen)
    return _began(rule, state, seen) if seen.value else _ended(rule, state, seen)


def judge_due(state: State) -> Decision:
    """Decide on a waiting condition whose due time has passed."""
    if state.waiting is None:
        return Decision(Reason.NOTHING_OPEN)
    return _begin(state, state.waiting.since, state.waiting.why)


def postponed(rule: Rule, *, is_open: bool) -> bool:
    """Whether the rule does not count at this hour of its site."""
    return rule.counts is not Hours.ALWAYS and (rule.counts is Hours.OPEN) is not is_open


def short_by(rule: Rule, lasted: timedelta, excused: timedelta) -> timedelta:
    """How long a condition must go on to count; zero or less: it counts. What is excused altogether never does."""
    left = timedelta(seconds=rule.for_s) - (lasted - excused)
    return max(left, GRACE) if excused and lasted <= excused else left


@dataclass(frozen=True, slots=True)
class Contact:
    """How a device was heard of last: its newest reading's own time, our clock at its last message, and now.

    `owed`: a signal of the condition has come and is not handled yet.
    """

    measured: datetime | None
    heard: datetime | None
    online: bool
    now: datetime
    owed: bool = False


def unproven(rule: Rule, waiting: Waiting, contact: Contact) -> bool:
    """Whether nobody knows how a condition went on, so that its duration has to be told first.

    A device that fell silent with its door open proves nothing about the door: its silence is an alert of its own. One
    that is telling what it kept meanwhile proves a duration only when it has told all of it. One that is there and has
    nothing new to say stands by what it said.
    """
    if contact.owed:
        return True
    if rule.kind is not RuleKind.THRESHOLD or contact.measured is None or contact.heard is None:
        return False
    end, near = waiting.since + timedelta(seconds=rule.for_s), min(NEAR, timedelta(seconds=rule.for_s / 2))
    if contact.heard - contact.measured > NEAR and contact.now - contact.heard < LATE:  # it tells what it kept
        return contact.measured < end
    return not contact.online and contact.now - contact.heard > NEAR and contact.measured < end - near


def waits(rule: Rule) -> bool:
    """Silence has lasted when it is noticed; what has its hours or guards waits for them, whatever its duration."""
    if rule.kind in (RuleKind.SILENCE, RuleKind.OUTAGE):
        return False
    return rule.for_s > 0 or bool(rule.guards) or rule.counts is not Hours.ALWAYS


def _began(rule: Rule, state: State, seen: Observation) -> Decision:
    if state.open is not None and state.open.condition is Condition.ACTIVE and state.open.ours:
        return Decision(Reason.ALREADY_ACTIVE)
    if state.waiting is not None:
        return Decision(Reason.ALREADY_WAITING, state.waiting)
    if waits(rule):
        return Decision(Reason.WAITING, Waiting(seen.time, due(rule, seen), seen.why))
    return _begin(state, seen.time, seen.why)


def _begin(state: State, since: datetime, why: str) -> Decision:
    if state.open is None:
        return Decision(Reason.RAISED, change=Change(Step.RAISE, since, None, why))
    if state.open.condition is Condition.ACTIVE:
        joins = not state.open.ours
        return Decision(Reason.JOINED, change=Change(Step.JOIN, since, None, why)) if joins else _ALREADY
    return Decision(Reason.RECURRED, change=Change(Step.RECUR, since, None, why))


def _ended(rule: Rule, state: State, seen: Observation) -> Decision:
    if state.open is not None and state.open.condition is Condition.ACTIVE and state.open.ours:
        if state.open.others:
            return Decision(Reason.OTHERS_REMAIN)
        return Decision(Reason.CLEARED, change=Change(Step.CLEAR, seen.time, seen.time, seen.why))
    if state.waiting is None:
        return Decision(Reason.NOTHING_OPEN)
    if rule.share < 1:  # it is told by all the samples of its time
        return Decision(Reason.ALREADY_WAITING, state.waiting)
    lasted = seen.time - state.waiting.since
    if rule.counts is not Hours.ALWAYS or short_by(rule, lasted, state.excused) > timedelta(0):
        return Decision(Reason.EXCUSED if state.excused else Reason.TOO_SHORT)
    # By the subject's clock it lasted long enough; that we hear of begin and end together changes nothing.
    return _over(state, state.waiting.since, seen, state.waiting.why)


def _pulse(state: State, seen: Observation) -> Decision:
    return _over(state, seen.time, seen, seen.why)


def _over(state: State, since: datetime, seen: Observation, why: str) -> Decision:
    """Something that has been and is over: an alert whose condition is CLEARED already."""
    if state.open is not None:
        still = state.open.condition is Condition.ACTIVE
        cleared = None if still else max(seen.time, state.open.cleared or seen.time)
        return Decision(Reason.REPEATED, change=Change(Step.REPEAT, since, cleared, why))
    if seen.received - seen.time > STALE:
        return Decision(Reason.STALE)
    reason = Reason.RAISED if seen.pulse else Reason.RAISED_OVER
    return Decision(reason, change=Change(Step.RAISE, since, seen.time, why))
