"""A visit: connect to a camera, take its next keyframe, have it looked at, and leave, unless it must be watched."""

import threading
import time
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

import structlog
from av.video.frame import VideoFrame

from edge.analyst import Watcher
from edge.counters import Counters
from edge.decoder import DecodeError, Decoder
from edge.mailbox import Mailbox
from edge.picture import Picture
from edge.ring import EncodedPacket, StreamFormat
from edge.source import Source, SourceError, SourceOptions

log = structlog.get_logger(__name__)

_POLL_S = 0.5
_PATIENCE_S = 30.0  # for the analyst; then the picture was dropped, or the edge is closing


class Outcome(Enum):
    """What became of a visit."""

    SEEN = auto()
    FAILED = auto()
    DOUBTFUL = auto()  # the connection is still open, and somebody must take it


@dataclass(frozen=True, slots=True)
class VisitPorts:
    """What all visits share."""

    mailbox: Mailbox
    counters: Counters
    stop: threading.Event
    patience_s: float


class Visitor:
    """One patrolled camera's. Visits it one time after the other, each from any one thread."""

    def __init__(self, watcher: Watcher, options: SourceOptions, ports: VisitPorts) -> None:
        self.watcher, self._options, self._ports = watcher, options, ports
        self._looked = threading.Event()
        self._awaited: datetime | None = None
        self._told = ""
        self.source: Source | None = None  # of a doubtful visit, until it is taken

    def visit(self) -> Outcome:
        """One visit. Raises nothing but what is a fault of ours."""
        source = Source(self.watcher.camera.url, self._options, self._ports.counters)
        outcome = Outcome.FAILED
        try:
            outcome = self._look(source)
        except SourceError as error:
            self._failed(error)
        finally:
            if outcome is not Outcome.DOUBTFUL:
                source.close()
        return outcome

    def take(self) -> Source:
        """The open connection of a doubtful visit; whoever takes it closes it."""
        source, self.source = self.source, None
        assert source is not None
        return source

    def _look(self, source: Source) -> Outcome:
        watcher, ports = self.watcher, self._ports
        source.open()
        packet = self._keyframe(source)
        frame = _decoded(source.format, packet)
        self._told = ""
        watcher.health.visited(time.monotonic())
        watcher.ring.clear()
        watcher.ring.append(source.format, packet)
        was_examined = self._examined(Picture(watcher.camera.code, frame))
        ports.counters.add("visits")
        if not was_examined or not watcher.is_doubtful:
            if not watcher.is_unsettled:  # else the recorder may still take its pictures from it
                watcher.ring.clear()
            return Outcome.SEEN
        self.source = source
        return Outcome.DOUBTFUL

    def _keyframe(self, source: Source) -> EncodedPacket:
        """The next one. Raises SourceError."""
        until = time.monotonic() + self._ports.patience_s
        for packet in source.packets(self._ports.stop):
            if packet.keyframe:
                return packet
            if time.monotonic() > until:
                break
        raise SourceError(f"the camera sent no keyframe within {self._ports.patience_s:.0f} s")

    def _examined(self, picture: Picture) -> bool:
        """Wait until the analyst has looked at it: no more pictures are decoded than can be looked at."""
        self._looked.clear()
        self._awaited = picture.at
        self.watcher.looked = self._notice
        self._ports.mailbox.put(picture, urgent=self.watcher.urgent, awaited=True)
        until = time.monotonic() + _PATIENCE_S
        while not self._looked.wait(_POLL_S):
            if self._ports.stop.is_set() or time.monotonic() > until:
                return False
        return True

    def _notice(self, at: datetime) -> None:
        if self._awaited is not None and at >= self._awaited:
            self._looked.set()

    def _failed(self, error: SourceError) -> None:
        if self._ports.stop.is_set():
            return
        why = str(error)
        self._ports.counters.add("visits_failed")
        self.watcher.health.failed(time.monotonic(), why, definite=error.definite)
        if why != self._told:
            self._told = why
            log.warning("a camera on patrol cannot be visited, trying again", camera=self.watcher.camera.code, why=why)


def _decoded(form: StreamFormat, packet: EncodedPacket) -> VideoFrame:
    try:
        frame = Decoder(form).lone(packet)
    except DecodeError:
        frame = None
    if frame is None or frame.is_corrupt:
        raise SourceError("the camera's keyframe cannot be decoded")
    return frame
