"""Whether a disk has lately refused to take what was written to it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

HOLDS_S = 120.0  # a disk that hovers between full and not quite is one time of want


@dataclass(slots=True)
class Fullness:
    """`refuse` notes a write that found no room; `now` is 1 until HOLDS_S after the last one, else 0."""

    clock: Callable[[], float] = time.monotonic
    _refused: float = float("-inf")

    def refuse(self) -> None:
        self._refused = self.clock()

    @property
    def now(self) -> int:
        """1 or 0, as processes count."""
        return int(self.clock() - self._refused < HOLDS_S)
