"""Bounded attempts: at most so many per key within a sliding window."""

from collections import OrderedDict, deque
from collections.abc import Callable
from time import monotonic


class Limiter:
    """Counts attempts per key; remembers at most `capacity` keys, the least recently used go first."""

    def __init__(
        self, limit: int, window_s: float, *, capacity: int = 10_000, clock: Callable[[], float] = monotonic
    ) -> None:
        self._limit = limit
        self._window_s = window_s
        self._capacity = capacity
        self._clock = clock
        self._attempts: OrderedDict[str, deque[float]] = OrderedDict()

    def attempt(self, key: str) -> float:
        """Count one attempt; return 0 when it is allowed, else the seconds to wait (and count nothing)."""
        now = self._clock()
        attempts = self._attempts.setdefault(key, deque())
        self._attempts.move_to_end(key)
        while attempts and attempts[0] <= now - self._window_s:
            attempts.popleft()
        if len(attempts) >= self._limit:
            return attempts[0] + self._window_s - now
        attempts.append(now)
        while len(self._attempts) > self._capacity:
            self._attempts.popitem(last=False)
        return 0.0

    def forgive(self, key: str) -> None:
        """Forget a key's attempts: the last one was right."""
        self._attempts.pop(key, None)
