"""Gaps: which minutes of a device are missing, and the named cause of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Cause(StrEnum):
    """Why minutes of a device are missing, or were missing for a while."""

    REJECTED = "rejected"  # it spoke, and what it said was refused: see the dead letters
    CLOCK = "clock"  # it spoke with a wrong clock: what it said is stored under our own time
    LOST = "lost"  # its sequence goes on behind a hole: it sent what never arrived
    OFFLINE = "offline"  # it was not connected
    NEVER_SENT = "never_sent"  # it was connected, or nobody knows, and said nothing
    LATE = "late"  # there by now, but only long after it was measured


LATE_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Silence:
    """Two neighbouring messages further apart than the profile allows, or a bound of what was asked (`seq` None)."""

    begin: datetime
    end: datetime
    seq_before: int | None = None
    seq_after: int | None = None

    @property
    def lost(self) -> int:
        """How many sequence numbers are missing between the two; 0: unknown, or the count began anew."""
        if self.seq_before is None or self.seq_after is None:
            return 0
        return max(0, self.seq_after - self.seq_before - 1)


@dataclass(frozen=True, slots=True)
class Spell:
    """A time in which something was so; `end` None: it still is."""

    begin: datetime
    end: datetime | None

    def within(self, begin: datetime, end: datetime) -> timedelta:
        """How much of [begin, end) it covers."""
        return max(timedelta(0), min(end, self.end or end) - max(begin, self.begin))


@dataclass(frozen=True, slots=True)
class Gap:
    """[begin, end) with its cause. `messages`: how many were rejected, mistimed, lost or late; 0 unknown."""

    begin: datetime
    end: datetime
    cause: Cause
    messages: int = 0

    @property
    def minutes(self) -> int:
        """Begun minutes."""
        return -(-int((self.end - self.begin).total_seconds()) // 60)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known besides the silences. Times are the server's, in any order."""

    rejected: Sequence[datetime] = ()
    mistimed: Sequence[datetime] = ()
    offline: Sequence[Spell] = ()
    late: Sequence[tuple[datetime, int]] = ()  # (minute measured, messages)


def explain(silences: Sequence[Silence], facts: Facts) -> list[Gap]:
    """Each silence with its cause, and the stretches that arrived late, in order of time."""
    gaps = [_explain(silence, facts) for silence in silences] + _late(facts.late)
    return sorted(gaps, key=lambda gap: (gap.begin, gap.end))


def _explain(silence: Silence, facts: Facts) -> Gap:
    begin, end = silence.begin, silence.end
    for cause, times in ((Cause.REJECTED, facts.rejected), (Cause.CLOCK, facts.mistimed)):
        count = sum(begin <= time < end for time in times)
        if count:
            return Gap(begin, end, cause, count)
    if silence.lost:
        return Gap(begin, end, Cause.LOST, silence.lost)
    away = sum((spell.within(begin, end) for spell in facts.offline), timedelta(0))
    return Gap(begin, end, Cause.OFFLINE if away * 2 >= end - begin else Cause.NEVER_SENT)


def _late(minutes: Sequence[tuple[datetime, int]]) -> list[Gap]:
    """Neighbouring late minutes are one stretch."""
    found: list[Gap] = []
    for minute, count in sorted(minutes):
        after = minute + timedelta(minutes=1)
        if found and found[-1].end == minute:
            last = found.pop()
            found.append(Gap(last.begin, after, Cause.LATE, last.messages + count))
        else:
            found.append(Gap(minute, after, Cause.LATE, count))
    return found
