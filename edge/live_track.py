"""The live track: a camera's H.264 packets as aiortc sends them, never decoded or encoded again."""

import asyncio
import time
from itertools import pairwise

from aiortc import MediaStreamTrack
from aiortc.mediastreams import VIDEO_CLOCK_RATE, VIDEO_TIME_BASE, MediaStreamError
from av.packet import Packet
from av.stream import Stream

from edge import bitstream
from edge.counters import Counters
from edge.ring import EncodedPacket, Ring, StreamFormat
from edge.tap import Poured, Tap

CODEC = "h264"
LEAST_REWIND_S = 1.0
_PAST_S = 0.001  # pictures whose moment is over are shown so quickly after one another
_PAST_BYTES_PER_S = 5_000_000  # so that the first burst does not drown the viewer's line
_USUAL_S, _LONGEST_S = 0.04, 10.0  # between two pictures


class LiveTrack(MediaStreamTrack):
    """Begins with the ring's newest keyframe when the sender asks for the first packet."""

    kind = "video"

    def __init__(self, ring: Ring, counters: Counters) -> None:
        super().__init__()
        self._ring = ring
        self._tap = Tap(counters)
        self._timeline = Timeline()
        self._counters = counters
        self._followed = False
        self._rewound = float("-inf")  # monotonic
        self.other_codec = False  # the camera has changed to one that cannot be sent

    async def recv(self) -> "Packet[Stream]":
        """The next packet; raises MediaStreamError at the end."""
        if not self._followed:
            self._followed = True
            self._ring.follow(self._tap)
        poured = await self._tap.get()
        self.other_codec = poured is not None and poured.format.codec != CODEC
        if poured is None or self.other_codec:
            self.stop()
            raise MediaStreamError
        if poured.past:
            await asyncio.sleep(len(poured.packet.data) / _PAST_BYTES_PER_S)
        return self._encoded(poured)

    def rewind(self) -> None:
        """The viewer lost a picture: begin again with the newest keyframe, and catch up; once a second at most."""
        now = time.monotonic()
        if self._followed and now - self._rewound >= LEAST_REWIND_S:
            self._rewound = now
            self._counters.add("live_rewound")
            self._ring.leave(self._tap)
            self._ring.follow(self._tap)

    def stop(self) -> None:
        """Let go of the ring; whoever waits for a packet is told the end."""
        self._ring.leave(self._tap)
        self._tap.end()
        super().stop()

    def _encoded(self, poured: Poured) -> "Packet[Stream]":
        encoded: Packet[Stream] = Packet(complete(poured.format, poured.packet))
        encoded.pts = self._timeline.stamp(poured)
        encoded.time_base = VIDEO_TIME_BASE
        return encoded


class Timeline:
    """Capture times as RTP counts them: from zero on, always forward, whatever the capture clock does."""

    def __init__(self) -> None:
        self._at: float | None = None
        self._seconds = 0.0

    def stamp(self, poured: Poured) -> int:
        """Ticks of 1/90,000 s."""
        at = poured.packet.at
        step = 0.0 if self._at is None else at - self._at
        if self._at is not None and not 0 < step < _LONGEST_S:
            step = _USUAL_S  # the clock was set, or the camera was away
        self._seconds += min(step, _PAST_S) if poured.past else step
        self._at = at
        return round(self._seconds * VIDEO_CLOCK_RATE)


def complete(form: StreamFormat, packet: EncodedPacket) -> bytes:
    """The packet as a viewer needs it who has heard nothing before: a keyframe carries its parameter sets."""
    if packet.keyframe and form.extradata and not bitstream.parameter_sets(form.codec, packet.data):
        return form.extradata + packet.data
    return packet.data


def is_annex_b(form: StreamFormat) -> bool:
    """True for a stream of start codes, as cameras send it; a file's lengths (avcC) cannot be passed on as they are."""
    return form.extradata[:1] != b"\x01"


def is_reordered(packets: tuple[EncodedPacket, ...]) -> bool:
    """True when pictures are shown in another order than they are sent: B-frames."""
    return any(later.at < earlier.at for earlier, later in pairwise(packets))
