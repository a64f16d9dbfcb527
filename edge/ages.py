"""Ages: how old the latest pictures were when the analyst had done with them."""

import threading
import time
from collections import deque
from collections.abc import Callable

REMEMBERED = 2048


class Ages:
    """Seconds from capture to the end of the look. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._ages: deque[tuple[float, float]] = deque(maxlen=REMEMBERED)  # when, and how old

    def add(self, seconds: float) -> None:
        with self._lock:
            self._ages.append((self._clock(), seconds))

    def p95(self, within_s: float) -> float:
        """What 95 % of the last `within_s` seconds' did not exceed; 0 when there were none."""
        since = self._clock() - within_s
        with self._lock:
            ages = sorted(age for at, age in self._ages if at > since)
        return ages[(len(ages) - 1) * 95 // 100] if ages else 0.0
