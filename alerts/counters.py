"""What the alerts process has done, counted, and logged as one line at most every ten seconds."""

import time
from collections import Counter
from collections.abc import Callable

import structlog

log = structlog.get_logger("alerts")

EVERY_S = 10.0


class Counters:
    """Totals since the start, by name."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._totals: Counter[str] = Counter()
        self._logged: dict[str, int] = {}
        self._at = clock()

    def add(self, name: str, n: int = 1) -> None:
        """Count `n` more of `name`."""
        self._totals[name] += n

    def totals(self) -> dict[str, int]:
        """All of them now."""
        return dict(self._totals)

    def report(self) -> bool:
        """Log the totals when they have changed and the last line is old enough; True when it did."""
        if self._clock() - self._at < EVERY_S or self._totals == self._logged:
            return False
        self._at, self._logged = self._clock(), dict(self._totals)
        log.info("alerts.counters", **{name: self._totals[name] for name in sorted(self._totals)})
        return True
