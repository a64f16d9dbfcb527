"""Mailbox: the newest picture of each camera that waits for the one inference thread."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from edge.counters import Counters
from edge.picture import Picture

PAST_S = 1.1  # what has waited so long is not looked at: a look shall show what was two seconds ago at most (R10) …
STARVED_S = 60.0  # … unless its camera has waited so long: it may be one whose pictures always come at a bad moment
PATIENCE_S = 2.0  # an ordinary camera that waited so long goes first, so that urgent ones cannot starve it


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    picture: Picture
    urgent: bool
    awaited: bool
    put: float
    since: float  # when the first of the pictures that it replaced was put


class Mailbox:
    """Bounded by the number of cameras: a newer picture replaces the older one, which is counted as dropped."""

    def __init__(
        self, counters: Counters, patience_s: float = PATIENCE_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._counters, self._patience_s, self._clock = counters, patience_s, clock
        self._ready = threading.Condition()
        self._waiting: dict[str, _Waiting] = {}
        self._closed = False

    def put(self, picture: Picture, *, urgent: bool, awaited: bool = False) -> None:
        """`urgent`: the camera watches for class I scenes, and goes first.

        `awaited`: no other comes before this one was looked at, so it is, however late.
        """
        with self._ready:
            older, now = self._waiting.get(picture.camera), self._clock()
            if older is not None:
                self._counters.add("frames_dropped")
            since = now if older is None else older.since
            self._waiting[picture.camera] = _Waiting(picture, urgent, awaited, now, since)
            self._ready.notify()

    def take(self) -> Picture | None:
        """Wait for the next picture; None once closed."""
        with self._ready:
            while not self._closed:
                picture = self._next()
                if picture is not None:
                    return picture
                self._ready.wait()  # what is past is replaced by a newer one soon
            return None

    def poll(self) -> Picture | None:
        """The next picture; None when none is to be looked at now."""
        with self._ready:
            return self._next()

    def _next(self) -> Picture | None:
        now = self._clock()
        present = (entry for entry in self._waiting.values() if self._is_present(entry, now))
        first = min(present, key=lambda entry: self._rank(entry, now), default=None)
        if first is None:
            return None
        del self._waiting[first.picture.camera]
        return first.picture

    def _is_present(self, entry: _Waiting, now: float) -> bool:
        return entry.awaited or now - entry.put <= PAST_S or now - entry.since >= STARVED_S

    def _rank(self, entry: _Waiting, now: float) -> tuple[bool, float]:
        late = now - entry.since >= self._patience_s
        return not (entry.urgent or late), entry.since

    def close(self) -> None:
        with self._ready:
            self._closed = True
            self._waiting.clear()
            self._ready.notify_all()
