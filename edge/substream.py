"""A camera's second, smaller stream, open only while somebody watches it live."""

import threading

import structlog

from edge.address import redacted
from edge.counters import Counters
from edge.ring import Ring
from edge.source import Source, SourceError, SourceOptions

log = structlog.get_logger(__name__)

TELLING = 4  # packets that show whether pictures are reordered
RING_S, RING_BYTES = 4.0, 8 * 1024 * 1024  # a viewer begins with the newest keyframe; nothing older is of use
_WAIT_S = 1.0


class SubStream:
    """A thread that keeps the connection and fills the ring; close waits, at most for the read time-out."""

    def __init__(self, url: str, options: SourceOptions, counters: Counters) -> None:
        self.ring = Ring(RING_S, RING_BYTES)
        self._url, self._options, self._counters = url, options, counters
        self._stop = threading.Event()
        self._settled = threading.Event()  # it has shown what it sends, or failed
        self._thread = threading.Thread(target=self._run, name="sub-stream", daemon=True)

    def open(self) -> None:
        self._thread.start()

    def settle(self, patience_s: float) -> None:
        """Wait until it is known what the stream is; the ring stays empty where it cannot be read."""
        self._settled.wait(patience_s)

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._session()
            except SourceError as error:
                self._counters.add("live_connections_failed")
                log.info("a sub-stream is not readable", address=redacted(self._url), why=str(error))
            except Exception:
                self._counters.add("live_connections_failed")
                log.exception("a sub-stream failed", address=redacted(self._url))
            self._settled.set()
            self._stop.wait(_WAIT_S)

    def _session(self) -> None:
        source = Source(self._url, self._options, self._counters)
        self.ring.break_off()
        source.open()
        try:
            for packet in source.packets(self._stop):
                if self.ring.append(source.format, packet) and len(self.ring.group()) >= TELLING:
                    self._settled.set()
        finally:
            source.close()
