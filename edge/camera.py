"""One watched camera: a thread that keeps a connection, fills the ring and passes on the pictures to look at."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from edge.address import redacted
from edge.counters import Counters
from edge.hardware import Hardware
from edge.health import HealthMonitor
from edge.picture import Picture
from edge.ring import Ring
from edge.sampler import Sampler
from edge.source import Source, SourceError, SourceOptions

log = structlog.get_logger(__name__)

LEAST_WAIT_S = 0.5
MOST_WAIT_S = 4.0  # PROMISES R9: back within ten seconds of the camera
GULP_S = 0.2  # an idle camera's packets gather so long: one awakening for five of them costs a third of five
CAUGHT_UP_S = 0.04  # a packet that came so soon after its capture is the newest that there is
SOUND_S = 10.0  # a connection that lasted so long was a good one: the next failure waits little again


@dataclass(frozen=True, slots=True)
class WatchPorts:
    """Where a watch takes its orders from, and where it puts what it sees."""

    put: Callable[[Picture], None]
    wanted_fps: Callable[[], float]
    health: HealthMonitor
    ring: Ring
    counters: Counters
    hardware: Hardware | None = None


class CameraWatch:
    """Supervises the connections of one camera: a source fails, this waits and opens the next one."""

    def __init__(
        self, code: str, url: str, options: SourceOptions, ports: WatchPorts, opened: Source | None = None
    ) -> None:
        """`opened`: a connection that is there already, whose newest keyframe lies in the ring."""
        self._opened = opened
        self.code, self._url, self._options, self._ports = code, url, options, ports
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"camera {code}", daemon=True)
        self._sampler = Sampler(code, ports.ring.group, ports.counters, ports.hardware)
        self._wait = LEAST_WAIT_S
        self._told = ""

    def open(self) -> None:
        self._thread.start()

    def halt(self) -> None:
        """Ask the thread to end, without waiting."""
        self._stop.set()

    def close(self) -> None:
        """End the thread; waits, at most for the read time-out."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self._session()
            except SourceError as error:
                self._failed(str(error), definite=error.definite)
            except Exception as error:
                log.exception("a camera's thread failed", camera=self.code)
                self._failed(f"the edge failed on this camera's stream ({type(error).__name__})", definite=False)
            self._back_off(time.monotonic() - began)

    def _session(self) -> None:
        """One connection, from open to close."""
        source, self._opened = self._opened or self._connected(), None
        try:
            log.info("camera connected", camera=self.code, address=redacted(self._url), codec=source.format.codec)
            self._read(source)
        finally:
            source.close()

    def _connected(self) -> Source:
        source = Source(self._url, self._options, self._ports.counters)
        self._ports.ring.break_off()
        self._sampler.restart()
        source.open()
        return source

    def _read(self, source: Source) -> None:
        ports = self._ports
        for packet in source.packets(self._stop):
            self._told = ""
            ports.health.arrived(time.monotonic())
            ports.counters.add("packets")
            if not ports.ring.append(source.format, packet):
                continue
            wanted = ports.wanted_fps()
            picture = self._sampler.take(source.format, packet, wanted)
            if picture is not None:
                ports.put(picture)
            if source.lag < CAUGHT_UP_S and wanted == 0 and not ports.ring.is_followed:
                time.sleep(GULP_S)

    def _failed(self, why: str, *, definite: bool) -> None:
        self._ports.counters.add("connections_failed")
        self._ports.health.failed(time.monotonic(), why, definite=definite)
        if why != self._told:  # the same sentence once, not at each attempt
            self._told = why
            log.warning("camera not readable, trying again", camera=self.code, why=why)

    def _back_off(self, lasted: float) -> None:
        self._wait = LEAST_WAIT_S if lasted >= SOUND_S else min(self._wait * 2, MOST_WAIT_S)
        self._stop.wait(self._wait)
