"""A token bucket: lets bytes through at a rate, so that uploads leave room on a site's line."""

import time
from collections.abc import Callable

_BURST_S = 1.0


class Bucket:
    """`rate`: bytes a second, 0 for no limit. One thread's."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._tokens = rate * _BURST_S
        self._at = clock()

    def take(self, size: int) -> float:
        """Take tokens for `size` bytes; returns how many seconds to wait before they are sent."""
        if not self._rate:
            return 0.0
        now = self._clock()
        self._tokens = min(self._tokens + (now - self._at) * self._rate, self._rate * _BURST_S) - size
        self._at = now
        return max(0.0, -self._tokens / self._rate)
