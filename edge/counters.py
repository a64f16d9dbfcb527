"""Counters of the whole agent: cheap to add to from any thread, read all at once."""

import threading
from collections import Counter

from edge.ages import Ages


class Counters:
    """Names and how often. A frame that was dropped, a packet that was corrupt: nothing vanishes uncounted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self.ages = Ages()

    def add(self, name: str, n: int = 1) -> None:
        with self._lock:
            self._counts[name] += n

    def snapshot(self) -> dict[str, int]:
        """All counts since the start, by name."""
        with self._lock:
            return dict(sorted(self._counts.items()))
