"""A rule's signals told again over time that has passed: which alerts they make, by the code that decides live.

People are not replayed. An alert counts as closed once its deadline is over and its condition has been clear for the
rule's recheck; what comes later is another alert (ADR 30).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alerts import incident
from alerts.decider import POSTPONE_S
from alerts.incident import Change, Contact, Observation, State, Step
from domain.alert import Condition
from domain.rule import Rule, RuleKind
from domain.schedule import Schedule
from store.signals import Signal

_MOMENT = timedelta(microseconds=1)

Key = tuple[int | None, int | None, str]  # device, camera, zone


@dataclass(frozen=True, slots=True)
class Told:
    """A signal, and when it was received."""

    signal: Signal
    received: datetime


@dataclass(frozen=True, slots=True)
class Episode:
    """An alert that the rule makes. `end` None: the condition still holds."""

    begin: datetime
    end: datetime | None
    why: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert that was raised: from `begin` until its condition was clear and people were done; None: still."""

    id: int
    begin: datetime
    end: datetime | None


@dataclass(slots=True)
class Story:
    """One rule on one subject: told in order, then brought to its end."""

    rule: Rule
    schedule: Schedule
    state: State = field(default_factory=State)
    episodes: list[Episode] = field(default_factory=list)
    holding: set[str] = field(default_factory=set)  # scene events that have not ended

    def tell(self, told: Told) -> None:
        """What the engine makes of the next signal; due times that passed before it come first, not those of now."""
        signal = told.signal
        if not signal.value and self._others_remain(signal):
            return
        if signal.value and signal.scene_event is not None:
            self.holding.add(signal.scene_event)
        self._pass(told.received - _MOMENT)
        self._close(signal.time)
        seen = Observation(signal.value, signal.pulse, signal.time, told.received, signal.why)
        self._apply(incident.judge(self.rule, self.state, seen))

    def end(self, now: datetime, contact: Contact | None) -> list[Episode]:
        """All alerts by `now`. `contact`: how the device was heard last, where it is one."""
        waiting = self.state.waiting
        if waiting is None or contact is None or not incident.unproven(self.rule, waiting, contact):
            self._pass(now)
        return self.episodes

    def _others_remain(self, signal: Signal) -> bool:
        """A zone is clear when the last of its scene events has ended, as the decider asks the table."""
        if signal.scene_event is None:
            return False
        self.holding.discard(signal.scene_event)
        return bool(self.holding)

    def _pass(self, until: datetime) -> None:
        """Let time pass: a waiting condition becomes due, or waits for opening hours."""
        waiting = self.state.waiting
        while waiting is not None and waiting.due <= until:
            if incident.postponed(self.rule, is_open=self.schedule.is_open(waiting.due)):
                waiting = replace(waiting, due=waiting.due + timedelta(seconds=POSTPONE_S))
                self.state = replace(self.state, waiting=waiting)
                continue
            self._apply(incident.judge_due(self.state))
            return

    def _close(self, now: datetime) -> None:
        found = self.state.open
        if found is None or found.condition is not Condition.CLEARED or found.cleared is None:
            return
        done = max(
            self.episodes[-1].begin + incident.deadline(self.rule),
            found.cleared + timedelta(seconds=self.rule.recheck_s),
        )
        if now > done:
            self.state = replace(self.state, open=None)

    def _apply(self, decision: incident.Decision) -> None:
        if decision.change is not None:
            self._write(decision.change)
        self.state = decision.apply(self.state)

    def _write(self, change: Change) -> None:
        match change.step:
            case Step.RAISE:
                self.episodes.append(Episode(change.at, change.cleared, change.why))
            case Step.CLEAR:
                self.episodes[-1] = replace(self.episodes[-1], end=change.cleared)
            case Step.RECUR | Step.REPEAT:
                last = self.episodes[-1]
                self.episodes[-1] = replace(last, end=change.cleared, times=last.times + 1)


@dataclass(slots=True)
class Stories:
    """The stories of one device or camera, one for each subject that the engine tells apart."""

    rule: Rule
    schedule: Schedule
    found: dict[Key, Story] = field(default_factory=dict)

    def tell(self, told: Iterable[Told]) -> None:
        """Go on with signals in order of time."""
        for one in told:
            zone = one.signal.zone if self.rule.kind is RuleKind.SCENE else ""
            key = (one.signal.device, one.signal.camera, zone)
            self.found.setdefault(key, Story(self.rule, self.schedule)).tell(one)

    def end(self, now: datetime, contact: Contact | None) -> dict[Key, list[Episode]]:
        """Each subject's alerts."""
        return {key: story.end(now, contact) for key, story in self.found.items()}


@dataclass(frozen=True, slots=True)
class Compared:
    """Alerts side by side: what the replay makes, what was raised, or both. Episodes of one raised alert are one."""

    episode: Episode | None
    raised: Raised | None


def compare(episodes: Sequence[Episode], raised: Sequence[Raised], since: datetime) -> list[Compared]:
    """One subject's alerts, matched where their times meet. What was raised before `since` is no loss."""
    met: dict[int, Episode] = {}
    new: list[Compared] = []
    for one in episodes:
        found = next((old for old in raised if _meet(one, old)), None)
        if found is None:
            new.append(Compared(one, None))
        else:
            met[found.id] = _joined(met.get(found.id), one)
    same = [Compared(met[old.id], old) for old in raised if old.id in met]
    gone = [Compared(None, old) for old in raised if old.id not in met and old.begin >= since]
    return [*new, *gone, *same]


def _meet(one: Episode, old: Raised) -> bool:
    return (old.end is None or one.begin <= old.end) and (one.end is None or one.end >= old.begin)


def _joined(first: Episode | None, second: Episode) -> Episode:
    return second if first is None else Episode(first.begin, second.end, first.why, first.times + second.times)
