"""Sampler: chooses which encoded packets are decoded at all, and which pictures are looked at."""

from collections.abc import Callable, Sequence

from av.video.frame import VideoFrame

from edge.counters import Counters
from edge.decoder import DecodeError, Decoder, capture_time
from edge.ring import EncodedPacket, StreamFormat

MOST_CATCH_UP = 150  # packets decoded at once for a new candidate; of longer groups the next keyframe is awaited
LONG_GROUP_S = 5.0  # a camera whose keyframes are further apart is decoded always: a look must not take longer
LONG_GROUP_FPS = 0.5
_SLACK = 0.01  # s: a picture so little before its time is taken


class Sampler:
    """One camera's. While nothing is wanted only keyframes are decoded; else all, and sampled at the wanted rate."""

    def __init__(self, group: Callable[[], Sequence[EncodedPacket]], counters: Counters) -> None:
        """`group` gives the packets since the latest keyframe, up to the one being taken."""
        self._group, self._counters = group, counters
        self._decoder: Decoder | None = None
        self._running = False  # the decoder follows the stream packet by packet
        self._sampled = float("-inf")
        self._keyframe = float("inf")  # capture time of the latest keyframe
        self._long = False

    def restart(self) -> None:
        """The stream was interrupted."""
        self._decoder, self._running = None, False
        self._keyframe = float("inf")

    def take(self, form: StreamFormat, packet: EncodedPacket, wanted_fps: float) -> VideoFrame | None:
        """The picture to look at after this packet, if any. Damaged ones are counted and left out."""
        decoder = self._decoder_of(form)
        fps = max(wanted_fps, self._pace(packet))
        try:
            frames = self._follow(decoder, packet, fps) if fps > 0 else self._idle(decoder, packet)
        except DecodeError:
            self._counters.add("frames_corrupt")
            self._running = False
            return None
        self._counters.add("frames_decoded", len(frames))
        return self._choose(frames, fps)

    def _decoder_of(self, form: StreamFormat) -> Decoder:
        if self._decoder is None or self._decoder.format != form:
            self._decoder, self._running = Decoder(form), False
        return self._decoder

    def _pace(self, packet: EncodedPacket) -> float:
        if packet.keyframe:
            self._long = packet.at - self._keyframe > LONG_GROUP_S
            self._keyframe = packet.at
        elif packet.at - self._keyframe > LONG_GROUP_S:
            self._long = True
        return LONG_GROUP_FPS if self._long else 0.0

    def _idle(self, decoder: Decoder, packet: EncodedPacket) -> list[VideoFrame]:
        self._running = False
        if not packet.keyframe:
            return []
        frame = decoder.lone(packet)
        return [frame] if frame is not None else []

    def _follow(self, decoder: Decoder, packet: EncodedPacket, fps: float) -> list[VideoFrame]:
        if self._running:
            return decoder.take(packet)
        group = (packet,) if packet.keyframe else self._group()
        if not group or (len(group) > MOST_CATCH_UP and not self._long):
            return []
        decoder.reset()
        self._running = True
        return [frame for each in group for frame in decoder.take(each)]

    def _choose(self, frames: list[VideoFrame], fps: float) -> VideoFrame | None:
        sound = [frame for frame in frames if not frame.is_corrupt]
        if len(sound) < len(frames):
            self._counters.add("frames_corrupt", len(frames) - len(sound))
        if not sound:
            return None
        newest = sound[-1]
        at = capture_time(newest)
        back = at < self._sampled - LONG_GROUP_S  # the clock was set back
        if fps > 0 and not back and at < self._sampled + 1 / fps - _SLACK:
            return None
        self._sampled = at
        return newest
