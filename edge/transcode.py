"""The transcode: a camera's stream made anew in little, for the live view of what browsers cannot play (ADR 20).

One for all viewers of a camera: 640 px wide at most, 12.5 pictures a second, H.264 of the plainest profile.
"""

import os
import sys
import threading
from collections import deque
from fractions import Fraction

import av
import structlog
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation

from edge.counters import Counters
from edge.decoder import TICKS, DecodeError, Decoder, capture_time
from edge.ring import EncodedPacket, Ring, StreamFormat, Stretch
from edge.substream import RING_BYTES, RING_S

log = structlog.get_logger(__name__)

WIDTH = 640
FPS = 12.5
GOP = 25  # pictures: a viewer who joins begins with the newest keyframe
BIT_RATE = 700_000
MOST_BYTES = 4 * 1024 * 1024  # that wait to be decoded; more, and all is dropped up to the next keyframe
FORM = StreamFormat("h264", b"")  # its parameter sets come in band
_SLACK_S = 0.01
_NICE = 10  # what watches for alerts goes first
_OPTIONS = {
    "preset": "ultrafast",
    "tune": "zerolatency",
    "profile": "baseline",
    "x264-params": f"keyint={GOP}:min-keyint={GOP}:scenecut=0:bframes=0:threads=1:sliced-threads=0",
}


class Transcode:
    """Follows a camera's ring and fills one of its own, in a thread; a Follower (edge.ring) that never blocks."""

    def __init__(self, source: Ring, counters: Counters) -> None:
        self.ring = Ring(RING_S, RING_BYTES)
        self._source, self._counters = source, counters
        self._filled = threading.Condition()
        self._queue: deque[tuple[StreamFormat, EncodedPacket, bool]] = deque()
        self._size = 0
        self._dry = True  # the next packet must be a keyframe
        self._closed = False
        self._decoder: Decoder | None = None
        self._encoder: VideoCodecContext | None = None
        self._shown = float("-inf")  # capture time of the newest picture that was encoded
        self._thread = threading.Thread(target=self._run, name="transcode", daemon=True)

    def open(self) -> None:
        self._thread.start()
        self._source.follow(self)

    def close(self) -> None:
        """Let go of the camera's ring and end the thread; waits."""
        self._source.leave(self)
        with self._filled:
            self._closed = True
            self._filled.notify()
        self._thread.join()

    # On the camera's thread.

    def begin(self, stretch: Stretch) -> None:
        """What came since the newest keyframe is decoded; of its pictures only the last is shown."""
        last = len(stretch.packets) - 1
        for index, packet in enumerate(stretch.packets):
            self._add(stretch.format, packet, past=index < last)

    def put(self, form: StreamFormat, packet: EncodedPacket) -> None:
        self._add(form, packet, past=False)

    def _add(self, form: StreamFormat, packet: EncodedPacket, *, past: bool) -> None:
        with self._filled:
            if self._size + len(packet.data) > MOST_BYTES:
                self._counters.add("live_dropped", len(self._queue))
                self._queue.clear()
                self._size, self._dry = 0, True
            if self._dry and not packet.keyframe:
                self._counters.add("live_dropped")
                return
            self._dry = False
            self._queue.append((form, packet, past))
            self._size += len(packet.data)
            self._filled.notify()

    # On its own.

    def _run(self) -> None:
        if sys.platform == "linux":  # elsewhere a thread has no niceness of its own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        while (taken := self._next()) is not None:
            try:
                self._work(*taken)
            except DecodeError:
                self._counters.add("live_corrupt")
                self._decoder = None
            except Exception:
                self._counters.add("live_corrupt")
                log.exception("a live view could not be transcoded")
                self._decoder = self._encoder = None

    def _next(self) -> tuple[StreamFormat, EncodedPacket, bool] | None:
        with self._filled:
            self._filled.wait_for(lambda: self._queue or self._closed)
            if self._closed:
                return None
            taken = self._queue.popleft()
            self._size -= len(taken[1].data)
            return taken

    def _work(self, form: StreamFormat, packet: EncodedPacket, past: bool) -> None:
        if self._decoder is None or self._decoder.format != form:
            if not packet.keyframe:
                return
            self._decoder = Decoder(form)
        for frame in self._decoder.take(packet):
            if not past and not frame.is_corrupt and self._is_due(capture_time(frame)):
                self._encode(frame)

    def _is_due(self, at: float) -> bool:
        """One picture in 1 / FPS seconds; also when the clock was set back."""
        if self._shown - 1 < at < self._shown + 1 / FPS - _SLACK_S:
            return False
        self._shown = at
        return True

    def _encode(self, frame: VideoFrame) -> None:
        width, height = size_of(frame.width, frame.height)
        small = frame.reformat(width, height, format="yuv420p", interpolation=Interpolation.BILINEAR)
        small.pts, small.time_base = frame.pts, Fraction(1, TICKS)
        if self._encoder is None or (self._encoder.width, self._encoder.height) != (width, height):
            self._encoder = _encoder(width, height)
        for packet in self._encoder.encode(small):
            self.ring.append(FORM, EncodedPacket((packet.pts or 0) / TICKS, packet.is_keyframe, bytes(packet)))


def size_of(width: int, height: int) -> tuple[int, int]:
    """At most WIDTH wide, of the same shape, even both ways."""
    wide = min(WIDTH, width) // 2 * 2
    return wide, max(2, round(height * wide / width / 2) * 2)


def _encoder(width: int, height: int) -> VideoCodecContext:
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base, context.framerate = Fraction(1, TICKS), Fraction(25, 2)
    context.bit_rate, context.gop_size = BIT_RATE, GOP
    context.options = _OPTIONS
    return context
