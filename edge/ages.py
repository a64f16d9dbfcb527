"""Ages: how old the latest pictures were when the analyst had done with them."""

import threading
from collections import deque

REMEMBERED = 512


class Ages:
    """Seconds from capture to the end of the look. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ages: deque[float] = deque(maxlen=REMEMBERED)

    def add(self, seconds: float) -> None:
        with self._lock:
            self._ages.append(seconds)

    @property
    def p95(self) -> float:
        """What 95 % of them do not exceed; 0 before the first."""
        with self._lock:
            ages = sorted(self._ages)
        return ages[(len(ages) - 1) * 95 // 100] if ages else 0.0
