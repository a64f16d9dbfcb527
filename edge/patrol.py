"""The patrol: visits many cameras in turn, a bounded number at once, and says in which something was found."""

import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import structlog

from domain.camera import Camera
from edge.counters import Counters
from edge.round import Round
from edge.visit import Outcome, Visitor

log = structlog.get_logger(__name__)

_IDLE_S = 1.0
AGAIN_S = 10.0  # a camera with something in it for which there is no watch now


class Patrol:
    """Opens, is given cameras, closes: waits for the visits under way. `add` to `paused` are for one thread."""

    def __init__(self, period_s: float, connections: int, counters: Counters) -> None:
        self._counters = counters
        self._round = Round(period_s, connections)
        self._visitors: dict[str, Visitor] = {}
        self._turned = threading.Condition()  # guards the two, and wakes the dispatcher
        self._doubts: queue.SimpleQueue[Visitor] = queue.SimpleQueue()
        self._pool = ThreadPoolExecutor(connections, thread_name_prefix="visit")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="patrol", daemon=True)

    def open(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """No visit begins any more; waits for those under way."""
        with self._turned:
            self._stop.set()
            self._turned.notify_all()
        self._thread.join()
        self._pool.shutdown()
        while (found := self.doubt()) is not None:
            found.take().close()

    @property
    def stopping(self) -> threading.Event:
        """Set once it closes: visits end early."""
        return self._stop

    def __len__(self) -> int:
        with self._turned:
            return len(self._round)

    @property
    def missed(self) -> int:
        """Periods missed since the beginning."""
        with self._turned:
            return self._round.missed

    @property
    def lag(self) -> float:
        """How late the visits are, in periods."""
        with self._turned:
            return self._round.lag(time.monotonic())

    def interval(self, camera: Camera) -> float:
        """Seconds between two visits of a camera when all is well."""
        return self._round.period_s / camera.weight

    def add(self, visitor: Visitor) -> None:
        """Visit this camera from now on."""
        watcher = visitor.watcher
        with self._turned:
            self._visitors[watcher.camera.code] = visitor
            self._round.add(watcher.camera.code, watcher.camera.weight, urgent=watcher.urgent, now=time.monotonic())
            self._turned.notify_all()

    def remove(self, code: str) -> None:
        """Visit it no more; harmless for one that was not."""
        with self._turned:
            self._visitors.pop(code, None)
            self._round.remove(code)

    def pause(self, code: str) -> None:
        """It is watched for a while."""
        with self._turned:
            self._round.pause(code)

    def resume(self, code: str) -> None:
        """It is visited again."""
        with self._turned:
            self._round.resume(code, time.monotonic())
            self._turned.notify_all()

    def stretch(self, ordinary: float, urgent: float) -> None:
        """Make periods so many times as long."""
        with self._turned:
            self._round.stretch(ordinary, urgent, time.monotonic())
            self._turned.notify_all()

    def doubt(self) -> Visitor | None:
        """The next visitor that found something and waits with its connection open, if there is one."""
        while True:
            try:
                visitor = self._doubts.get_nowait()
            except queue.Empty:
                return None
            with self._turned:
                known = self._visitors.get(visitor.watcher.camera.code) is visitor
            if known:
                return visitor
            visitor.take().close()  # the camera was removed meanwhile

    def refuse(self, visitor: Visitor) -> None:
        """There is no watch for what it found: it leaves, and comes again soon."""
        visitor.take().close()
        self._done(visitor, failed=False, again_s=AGAIN_S)

    def _run(self) -> None:
        while not self._stop.is_set():
            with self._turned:
                now = time.monotonic()
                code = self._round.take(now)
                if code is None:
                    wait = self._round.wait(now)
                    self._turned.wait(_IDLE_S if wait is None else min(max(wait, 0.001), _IDLE_S))
                    continue
                visitor = self._visitors[code]
            self._pool.submit(self._visit, visitor)

    def _visit(self, visitor: Visitor) -> None:
        outcome = Outcome.FAILED
        try:
            outcome = visitor.visit()
        except Exception:
            self._counters.add("visits_failed")
            log.exception("a visit failed", camera=visitor.watcher.camera.code)
        if outcome is Outcome.DOUBTFUL:
            self._doubts.put(visitor)
        else:
            self._done(visitor, failed=outcome is Outcome.FAILED)

    def _done(self, visitor: Visitor, *, failed: bool, again_s: float | None = None) -> None:
        with self._turned:
            missed = self._round.missed
            self._round.done(visitor.watcher.camera.code, time.monotonic(), failed=failed, again_s=again_s)
            missed = self._round.missed - missed
            self._turned.notify_all()
        if missed:
            self._counters.add("periods_missed", missed)
