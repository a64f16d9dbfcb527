"""The tap: one viewer's bounded queue between a camera's thread and the live loop."""

import asyncio
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass

from edge.counters import Counters
from edge.ring import EncodedPacket, StreamFormat, Stretch

MOST_BYTES = 4 * 1024 * 1024  # that wait for one viewer: some ten seconds of video
CATCH_UP_BYTES = 2 * 1024 * 1024  # of a longer group only the keyframe is shown, and the next one awaited


@dataclass(frozen=True, slots=True)
class Poured:
    """One packet on its way to a viewer. `past`: it is sent to decode what follows, its own moment is over."""

    format: StreamFormat
    packet: EncodedPacket
    past: bool = False


class Tap:
    """Filled by the camera's thread, which it never blocks; emptied in the loop that made it.

    When the viewer is too slow all that waits is dropped, and counted, up to the next keyframe.
    """

    def __init__(self, counters: Counters, most_bytes: int = MOST_BYTES) -> None:
        self._counters, self._most = counters, most_bytes
        self._loop = asyncio.get_running_loop()
        self._filled = asyncio.Event()
        self._lock = threading.Lock()
        self._queue: deque[Poured] = deque()
        self._size = 0
        self._dry = True  # the next packet must be a keyframe
        self._ended = False
        self._woken = False  # the loop has been told, and has not looked yet

    def begin(self, stretch: Stretch) -> None:
        """Take what came since the newest keyframe, or of a long group the keyframe alone, for what waited before."""
        if not stretch.packets:
            return
        whole = sum(len(packet.data) for packet in stretch.packets) <= CATCH_UP_BYTES
        taken = stretch.packets if whole else stretch.packets[:1]
        with self._lock:
            self._queue = deque(Poured(stretch.format, packet, past=True) for packet in taken)
            self._size = sum(len(packet.data) for packet in taken)
            self._dry = not whole
        self._wake()

    def put(self, form: StreamFormat, packet: EncodedPacket) -> None:
        """Add the next packet; on the camera's thread."""
        with self._lock:
            if self._size + len(packet.data) > self._most:
                self._drop(len(self._queue))
            if self._dry and not packet.keyframe:
                self._counters.add("live_dropped")
                return
            self._dry = False
            self._queue.append(Poured(form, packet))
            self._size += len(packet.data)
        self._wake()

    def end(self) -> None:
        """No more will come, and what waits is of no use."""
        with self._lock:
            self._ended = True
        self._wake()

    async def get(self) -> Poured | None:
        """The next packet; None at the end."""
        while True:
            with self._lock:
                if self._ended:
                    return None
                if self._queue:
                    poured = self._queue.popleft()
                    self._size -= len(poured.packet.data)
                    return poured
                self._filled.clear()
                self._woken = False
            await self._filled.wait()

    def _drop(self, waiting: int) -> None:
        self._counters.add("live_dropped", waiting)
        self._queue.clear()
        self._size = 0
        self._dry = True

    def _wake(self) -> None:
        with self._lock:
            if self._woken:
                return
            self._woken = True
        with suppress(RuntimeError):  # a closed loop has no viewer that could be woken
            self._loop.call_soon_threadsafe(self._filled.set)
