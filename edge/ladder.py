"""The ladder: what is given up under overload, in which order, and when it is taken back (ADR 16). Pure.

First ordinary cameras are visited less often, then their candidates get fewer looks; cameras that watch for class I
scenes come last.
"""

from dataclasses import dataclass

LATE_S = 2.0  # PROMISES R10: older frames than that are overload …
EASY_S = 1.0  # … and below this there is none
LATE_LAG, EASY_LAG = 0.5, 0.2  # likewise of visits, in periods
LATE_SHARE, EASY_SHARE = 0.5, 0.2  # likewise of the pictures that came and were never looked at
UP_S = 10.0  # strain that lasts so long takes a step up
DOWN_S = 60.0  # ease that lasts so long takes one down


@dataclass(frozen=True, slots=True)
class Step:
    """Factors: on the periods of ordinary and of urgent cameras, and on the looks per second of their candidates."""

    periods: float = 1.0
    frames: float = 1.0
    urgent_periods: float = 1.0
    urgent_frames: float = 1.0


STEPS = (
    Step(),
    Step(1.5),
    Step(2.0),
    Step(3.0),
    Step(4.0),
    Step(4.0, 0.5),
    Step(4.0, 0.25),
    Step(4.0, 0.25, 2.0, 0.5),
)


@dataclass(frozen=True, slots=True)
class Strain:
    """What was seen since the last time: periods missed, and the age of frames when they were looked at (p95, s).

    `lag`: the share of its period that a camera on patrol has been due and not visited yet, at the worst. `dropped`:
    the share of pictures that were not looked at, since newer ones came: where those are many, no age tells it.
    """

    missed: int
    age_s: float
    lag: float = 0.0
    dropped: float = 0.0

    @property
    def is_late(self) -> bool:
        late = self.age_s > LATE_S or self.lag > LATE_LAG or self.dropped > LATE_SHARE
        return self.missed > 0 or late

    @property
    def is_easy(self) -> bool:
        easy = self.age_s < EASY_S and self.lag < EASY_LAG and self.dropped < EASY_SHARE
        return self.missed == 0 and easy


class Ladder:
    """Stands on a step. Times in seconds of one clock."""

    def __init__(self) -> None:
        self.number = 0
        self._late: float | None = None  # since when
        self._easy: float | None = None

    @property
    def step(self) -> Step:
        return STEPS[self.number]

    def judge(self, now: float, strain: Strain, *, patrols: bool) -> bool:
        """Take a step where it is time to; True when one was taken. Without patrols longer periods help nothing."""
        self._late = (self._late if self._late is not None else now) if strain.is_late else None
        self._easy = (self._easy if self._easy is not None else now) if strain.is_easy else None
        if self._late is not None and now - self._late >= UP_S:
            return self._move(now, +1, patrols=patrols)
        if self._easy is not None and now - self._easy >= DOWN_S:
            return self._move(now, -1, patrols=patrols)
        return False

    def _move(self, now: float, way: int, *, patrols: bool) -> bool:
        number = self.number + way
        while not patrols and 0 < number < len(STEPS) and STEPS[number].frames == 1.0:
            number += way
        if not 0 <= number < len(STEPS):
            return False
        self.number = number
        self._late = self._easy = None
        if way > 0:
            self._late = now
        else:
            self._easy = now
        return True
