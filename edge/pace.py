"""Pace: how many packets a second a camera sends, against what it usually sends."""

from collections import deque

WINDOW_S = 4  # whole seconds
SETTLED_S = 1.0  # servers begin with what they have kept since the last keyframe: that is not counted
LEAST_USUAL = 5.0  # packets a second: a camera set to fewer is not judged
SLOW, ENOUGH = 0.4, 0.5  # of the usual: cameras halve their rate by themselves in the dark
PAUSE_S = 10.0  # after so long a silence the rate is measured anew
_LEARN = 1 / 120  # weight of one second in the usual rate


class Pace:
    """One camera's. Times in seconds of one clock."""

    def __init__(self) -> None:
        self._second = float("-inf")
        self._count = 0
        self._counts: deque[int] = deque(maxlen=WINDOW_S)
        self._usual: float | None = None
        self._slow = False

    def arrived(self, now: float) -> None:
        """A packet arrived."""
        if now - self._second >= PAUSE_S:
            self.interrupted()
            self._second = now + SETTLED_S
        while now >= self._second + 1:
            self._close_second()
        self._count += now >= self._second

    def interrupted(self) -> None:
        """The connection was lost: what comes next is measured by itself."""
        self._second, self._count, self._slow = float("-inf"), 0, False
        self._counts.clear()

    def slow(self) -> str | None:
        """A sentence while clearly less arrives than usual."""
        if not self._slow or self._usual is None:
            return None
        return f"{self._rate:.1f} pictures a second arrive, usually {self._usual:.0f}"

    @property
    def _rate(self) -> float:
        return sum(self._counts) / max(len(self._counts), 1)

    def _close_second(self) -> None:
        self._counts.append(self._count)
        self._second, self._count = self._second + 1, 0
        if len(self._counts) < WINDOW_S:
            return
        usual = self._rate if self._usual is None else self._usual
        self._slow = usual >= LEAST_USUAL and self._rate < usual * (ENOUGH if self._slow else SLOW)
        self._usual = usual if self._slow else usual + _LEARN * (self._rate - usual)
