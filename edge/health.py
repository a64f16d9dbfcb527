"""Camera health: from when packets came, what went wrong and what pictures look like, to one named state."""

import threading
from dataclasses import dataclass

import numpy as np

from domain.wire import Health
from edge.picture import Grey, digest


@dataclass(frozen=True, slots=True)
class HealthTimes:
    """After how many seconds a state is named. OFFLINE: DOMAIN §1; the others: within 15 s (PROMISES R9)."""

    stalled_s: float = 10.0
    offline_s: float = 60.0
    black_s: float = 6.0
    frozen_s: float = 12.0
    good_s: float = 3.0  # pictures must be good for so long before BLACK or FROZEN is over


@dataclass(frozen=True, slots=True)
class Change:
    """A camera's state became another one. `why` is a sentence."""

    state: Health
    why: str


BLACK_MEAN = 30  # grey levels of 255; video black is 16
BLACK_SPREAD = 4.0  # even a dark kitchen at night has lamps, windows and noise
LEAST_LOOKS = 3
_GOOD = Change(Health.OK, "pictures arrive and are alive")


class HealthMonitor:
    """One camera's. All times in seconds of one monotonic clock that the caller reads. Thread-safe."""

    def __init__(self, times: HealthTimes) -> None:
        self._times = times
        self._lock = threading.Lock()
        self._state: Health | None = None
        self._told = ""
        self._packet: float | None = None
        self._began: float | None = None
        self._failure: Change | None = None
        self._definite = False
        self._why = "no picture has arrived"
        self._black = _Spell()
        self._frozen = _Spell()
        self._good = _Spell()
        self._digest: int | None = None

    def arrived(self, now: float) -> None:
        """A packet arrived."""
        with self._lock:
            self._packet = now
            self._failure = None

    def failed(self, now: float, why: str, *, definite: bool) -> None:
        """The connection failed. It counts at once when waiting will not heal it, or when there never was a picture."""
        with self._lock:
            self._why = why
            self._good.end()
            if definite or self._packet is None:
                self._failure, self._definite = Change(Health.OFFLINE, why), definite

    def looked(self, now: float, thumb: Grey) -> None:
        """A picture was decoded."""
        with self._lock:
            mark = digest(thumb)
            black = float(thumb.mean()) < BLACK_MEAN and float(np.std(thumb)) < BLACK_SPREAD
            frozen = mark == self._digest
            self._digest = mark
            self._black.set(black, now)
            self._frozen.set(frozen, now)
            self._good.set(not black and not frozen, now)

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
        assert self._began is not None
        silent = now - (self._packet if self._packet is not None else self._began)
        if silent >= self._times.offline_s:
            return Change(Health.OFFLINE, f"no picture for {self._times.offline_s:.0f} s: {self._why}")
        if silent >= self._times.stalled_s:
            return self._unless_offline(Change(Health.STALLED, f"no picture for {silent:.0f} s: {self._why}"))
        if self._black.lasts(now, self._times.black_s):
            return Change(Health.BLACK, f"the picture has been black for {self._times.black_s:.0f} s")
        if self._frozen.lasts(now, self._times.frozen_s):
            return Change(Health.FROZEN, f"pictures have been identical for {self._times.frozen_s:.0f} s")
        was_away = self._state in (None, Health.STALLED, Health.OFFLINE)
        good = self._good.looks > 0 if was_away else self._good.lasts(now, self._times.good_s, least=2)
        return _GOOD if good else None

    def _unless_offline(self, change: Change) -> Change | None:
        return None if self._state is Health.OFFLINE else change


class _Spell:
    """Since when, and in how many looks on end, something has been so."""

    def __init__(self) -> None:
        self.since, self.looks = 0.0, 0

    def set(self, so: bool, now: float) -> None:
        if not so:
            self.end()
            return
        self.since = now if self.looks == 0 else self.since
        self.looks += 1

    def end(self) -> None:
        self.looks = 0

    def lasts(self, now: float, seconds: float, least: int = LEAST_LOOKS) -> bool:
        return self.looks >= least and now - self.since >= seconds
