"""One timer for everything that is due again and again: a loop's wake-ups stay few however many streams there are."""

import asyncio
import heapq
import itertools
import math
from collections.abc import Callable
from typing import Protocol

import structlog

log = structlog.get_logger(__name__)

RETRY_S = 1.0


class Turning(Protocol):
    """Something that says when it is due and runs then."""

    def due(self) -> float: ...
    def run(self, now: float) -> None: ...


class Wheel:
    """Runs what is due at the next tick after its time; between, nothing happens. Times are the event loop's."""

    def __init__(self, tick_s: float) -> None:
        self.errors = 0
        self._tick_s = tick_s
        self._loop = asyncio.get_running_loop()
        self._heap: list[tuple[float, int, Turning]] = []
        self._latest: dict[Turning, int] = {}  # only an item's latest entry counts
        self._pumps: dict[Callable[[], bool], None] = {}
        self._order = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    def put(self, item: Turning) -> None:
        """Take up an item, or look again at one whose due time changed."""
        self._push(item, item.due())
        self._arm()

    def pump(self, work: Callable[[], bool]) -> None:
        """Call `work` each tick for as long as it returns True."""
        self._pumps[work] = None
        self._arm()

    def close(self) -> None:
        """Forget all items."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._heap.clear()
        self._latest.clear()
        self._pumps.clear()

    def _push(self, item: Turning, due: float) -> None:
        order = next(self._order)
        self._latest[item] = order
        heapq.heappush(self._heap, (due, order, item))

    def _arm(self) -> None:
        now = self._loop.time()
        due = self._heap[0][0] if self._heap else math.inf
        due = min(due, now + self._tick_s) if self._pumps else due
        if due == math.inf:
            return
        at = math.ceil(max(due, now) / self._tick_s) * self._tick_s
        if self._timer is not None:
            if self._timer.when() <= at:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(at, self._turn)

    def _turn(self) -> None:
        self._timer = None
        now = self._loop.time()
        for work in list(self._pumps):
            if not work():
                self._pumps.pop(work, None)
        while self._heap and self._heap[0][0] <= now:
            _, order, item = heapq.heappop(self._heap)
            if self._latest.get(item) == order:
                self._run(item, now)
        self._arm()

    def _run(self, item: Turning, now: float) -> None:
        try:
            item.run(now)
            due = item.due()
        except Exception:  # one broken stream must not stop the others
            self.errors += 1
            log.exception("stream_failed")
            due = now + RETRY_S
        if item in self._latest:  # it may have been put again, or all forgotten, while it ran
            self._push(item, due)
