"""Camera health: from when packets came, what went wrong and what pictures look like, to one named state."""

import threading
from dataclasses import dataclass

import numpy as np

from domain.wire import Health
from edge.lens import Lens
from edge.pace import Pace
from edge.picture import Grey, digest
from edge.replay import ReplayWatch


@dataclass(frozen=True, slots=True)
class HealthTimes:
    """After how many seconds a state is named. OFFLINE: DOMAIN §1; the others: within 15 s (PROMISES R9)."""

    stalled_s: float = 10.0
    offline_s: float = 60.0
    black_s: float = 6.0
    frozen_s: float = 12.0
    flawed_s: float = 8.0  # OCCLUDED, BLURRED
    moved_s: float = 5.0  # one picture more has gone by before a new view is known to be steady
    slow_s: float = 6.0  # LOW_FPS: the pace has taken some seconds already
    good_s: float = 3.0  # pictures must be good for so long before what was wrong with them is over

    def of(self, state: Health) -> float:
        """How long pictures must show a state. A replay has shown itself often enough already."""
        named = {
            Health.BLACK: self.black_s,
            Health.FROZEN: self.frozen_s,
            Health.LOW_FPS: self.slow_s,
            Health.MOVED: self.moved_s,
        }
        return 0.0 if state is Health.REPLAYED else named.get(state, self.flawed_s)


@dataclass(frozen=True, slots=True)
class Change:
    """A camera's state became another one. `why` is a sentence."""

    state: Health
    why: str


BLACK_MEAN = 30  # grey levels of 255; video black is 16
BLACK_SPREAD = 4.0  # even a dark kitchen at night has lamps, windows and noise
LEAST_LOOKS = 3
_SHOWN = tuple(Health)[tuple(Health).index(Health.BLACK) :]  # states that pictures show; the first one hides the others
_GOOD = Change(Health.OK, "pictures arrive and are alive")


class HealthMonitor:
    """One camera's. All times in seconds of one monotonic clock that the caller reads. Thread-safe."""

    def __init__(self, times: HealthTimes, lens: Lens | None = None, replay: ReplayWatch | None = None) -> None:
        """Without a `lens` or a `replay` watch, what they tell is not judged."""
        self._times, self._lens, self._replay, self._pace = times, lens, replay, Pace()
        self._lock = threading.Lock()
        self._state: Health | None = None
        self._told = ""
        self._packet: float | None = None
        self._began: float | None = None
        self._failure: Change | None = None
        self._definite = False
        self._why = "no picture has arrived"
        self._spells = {state: _Spell() for state in _SHOWN}
        self._good = _Spell()
        self._digest: int | None = None
        self._visits = False
        self._failing: tuple[float, float] | None = None  # the first and the latest of the visits that failed on end

    def visit(self, now: float, *, on: bool) -> None:
        """From now on the camera is visited from time to time, or (not `on`) its packets come again."""
        with self._lock:
            self._visits, self._failing = on, None
            self._pace.interrupted()
            self._packet = now if self._packet is not None else None

    def visited(self, now: float) -> None:
        """A visit brought a picture."""
        with self._lock:
            self._packet, self._failure, self._failing = now, None, None

    def arrived(self, now: float) -> None:
        """A packet arrived."""
        with self._lock:
            self._packet = now
            self._pace.arrived(now)
            self._failure = None

    def failed(self, now: float, why: str, *, definite: bool) -> None:
        """The connection failed. It counts at once when waiting will not heal it, or when there never was a picture."""
        with self._lock:
            self._why = why
            self._good.end()
            self._pace.interrupted()
            self._failing = (now if self._failing is None else self._failing[0], now)
            if definite or (self._packet is None and not self._visits):
                self._failure, self._definite = Change(Health.OFFLINE, why), definite

    def looked(self, now: float, thumb: Grey) -> None:
        """A picture was decoded."""
        flaws = self._flaws(now, thumb)
        with self._lock:
            slow = self._pace.slow()
            if slow is not None and not flaws:  # a hung sensor's encoder often sends less, too
                flaws[Health.LOW_FPS] = slow
            for state, spell in self._spells.items():
                spell.set(state in flaws, now, flaws.get(state, ""))
            self._good.set(not flaws, now)

    def _flaws(self, now: float, thumb: Grey) -> dict[Health, str]:
        """What this picture shows to be wrong, each with a sentence. Only the thread that looks comes here."""
        flaws: dict[Health, str] = {}
        mark = digest(thumb)
        if mark == self._digest:
            flaws[Health.FROZEN] = self._how_long("pictures have been identical", self._times.frozen_s)
        self._digest = mark
        if float(thumb.mean()) < BLACK_MEAN and float(np.std(thumb)) < BLACK_SPREAD:
            return flaws | {Health.BLACK: self._how_long("the picture has been black", self._times.black_s)}
        flaw = self._lens.look(now, thumb) if self._lens is not None else None
        if flaw is not None:
            flaws[flaw.state] = flaw.why
        again = self._replay.look(now, mark, thumb) if self._replay is not None and not self._visits else None
        return flaws if again is None else flaws | {Health.REPLAYED: again}

    def _how_long(self, what: str, seconds: float) -> str:
        return f"{what} in {LEAST_LOOKS} visits on end" if self._visits else f"{what} for {seconds:.0f} s"

    def tick(self, now: float) -> Change | None:
        """The new state, when it is another one than at the last tick, or a fault of another kind to be corrected."""
        with self._lock:
            if self._began is None:
                self._began = now
            change = self._judge(now)
            if change is None or not self._is_news(change):
                return None
            self._state, self._told = change.state, change.why
            return change

    def _is_news(self, change: Change) -> bool:
        return change.state is not self._state or (
            change is self._failure and self._definite and change.why != self._told
        )

    def _judge(self, now: float) -> Change | None:
        if self._failure is not None:
            return self._failure
        away = self._unreached() if self._visits else self._silent(now)
        return away or self._looks(now)

    def _unreached(self) -> Change | None:
        """Between two visits nothing is known: only visits that failed count, and only over time."""
        if self._failing is None or self._failing[1] - self._failing[0] < self._times.offline_s:
            return None
        return Change(Health.OFFLINE, f"no visit has succeeded for {self._times.offline_s:.0f} s: {self._why}")

    def _silent(self, now: float) -> Change | None:
        assert self._began is not None
        silent = now - (self._packet if self._packet is not None else self._began)
        if silent >= self._times.offline_s:
            return Change(Health.OFFLINE, f"no picture for {self._times.offline_s:.0f} s: {self._why}")
        if silent >= self._times.stalled_s:
            stalled = Change(Health.STALLED, f"no picture for {silent:.0f} s: {self._why}")
            return stalled if self._state is not Health.OFFLINE else Change(Health.OFFLINE, self._told)
        return None

    def _looks(self, now: float) -> Change | None:
        """What the pictures show."""
        for state, spell in self._spells.items():
            if spell.lasts(now, self._times.of(state), least=1 if state is Health.REPLAYED else LEAST_LOOKS):
                return Change(state, spell.why)
        was_away = self._state in (None, Health.STALLED, Health.OFFLINE)
        good = self._good.looks > 0 if was_away else self._good.lasts(now, self._times.good_s, least=2)
        return _GOOD if good else None


class _Spell:
    """Since when, and in how many looks on end, something has been so; and the latest sentence about it."""

    def __init__(self) -> None:
        self.since, self.looks, self.why = 0.0, 0, ""

    def set(self, so: bool, now: float, why: str = "") -> None:
        if not so:
            self.end()
            return
        self.since = now if self.looks == 0 else self.since
        self.looks, self.why = self.looks + 1, why

    def end(self) -> None:
        self.looks = 0

    def lasts(self, now: float, seconds: float, least: int = LEAST_LOOKS) -> bool:
        return self.looks >= least and now - self.since >= seconds
