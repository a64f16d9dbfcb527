"""Frame ages: how old pictures were when they were looked at."""

import threading


class FrameAges:
    """How old frames were when they were looked at, since the last time that somebody asked. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ages: list[float] = []

    def add(self, seconds: float) -> None:
        with self._lock:
            self._ages.append(seconds)

    def p95(self) -> float:
        """What 95 % of them did not exceed; 0 when there were none. They are forgotten."""
        with self._lock:
            ages, self._ages = sorted(self._ages), []
        return ages[(len(ages) - 1) * 95 // 100] if ages else 0.0
