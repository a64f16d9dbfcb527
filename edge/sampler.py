"""Sampler: chooses which encoded packets are decoded at all, and which pictures are looked at."""

from collections.abc import Callable, Sequence

from av.video.frame import VideoFrame

from edge.counters import Counters
from edge.decoder import DecodeError, Decoder
from edge.hardware import Hardware
from edge.picture import Picture
from edge.ring import EncodedPacket, StreamFormat, Stretch

IDLE_S = 2.0  # while nothing is wanted a look comes at least so often; of more frequent keyframes some are left out
MOST_CATCH_UP = 150  # packets decoded at once for a new candidate; of longer groups the next keyframe is awaited
LONG_GROUP_S = 5.0  # a camera whose keyframes are further apart is decoded always: a look must not take longer
LONG_GROUP_FPS = 0.5
_SLACK = 0.01  # s: a picture so little before its time is taken


class Sampler:
    """One camera's. Decodes keyframes only, as long as they come as often as looks are wanted.

    Else it follows the stream, and decodes only what the next picture to look at is built on.
    """

    def __init__(
        self,
        camera: str,
        group: Callable[[], Sequence[EncodedPacket]],
        counters: Counters,
        hardware: Hardware | None = None,
    ) -> None:
        """`group` gives the packets since the latest keyframe, up to the one being taken."""
        self._camera, self._group, self._counters, self._hardware = camera, group, counters, hardware
        self._device = hardware  # None once it has failed on this connection
        self._glance: Decoder | None = None  # for lone keyframes
        self._stream: Decoder | None = None  # follows the stream; None while keyframes do
        self._followed = (float("nan"), 0)  # which group it has decoded (its keyframe's time), and how many packets
        self._spoiled = float("nan")  # the keyframe's time of a group that could not be decoded
        self._sampled = float("-inf")
        self._keyframe = float("inf")  # capture time of the latest keyframe
        self._gap = float("inf")  # between the latest two

    def restart(self) -> None:
        """The stream was interrupted."""
        self._glance = self._stream = None
        self._device = self._hardware
        self._keyframe = self._gap = float("inf")

    def take(self, form: StreamFormat, packet: EncodedPacket, wanted_fps: float) -> Picture | None:
        """The picture to look at after this packet, if any. Damaged ones are counted and left out."""
        self._time(packet)
        age = packet.at - self._keyframe
        is_long = age > LONG_GROUP_S or LONG_GROUP_S < self._gap < float("inf")
        fps = max(wanted_fps, LONG_GROUP_FPS if is_long else 0.0)
        try:
            if fps == 0 or max(self._gap, age) * fps <= 1 + _SLACK:
                return self._glimpse(form, packet, 1 / fps if fps else IDLE_S)
            return self._follow(form, packet, 1 / fps, is_long=is_long)
        except DecodeError:
            self._counters.add("frames_corrupt")
            self._stream, self._spoiled = None, self._keyframe
            return None

    def _time(self, packet: EncodedPacket) -> None:
        if packet.at < self._sampled - LONG_GROUP_S:  # the clock was set back
            self._sampled = float("-inf")
        if packet.keyframe:
            gap = packet.at - self._keyframe
            self._keyframe, self._gap = packet.at, gap if gap > 0 else float("inf")

    def _glimpse(self, form: StreamFormat, packet: EncodedPacket, period: float) -> Picture | None:
        """A keyframe, unless the next one will still come in time."""
        self._stream = None
        if not packet.keyframe or packet.at + self._gap <= self._sampled + period + _SLACK:
            return None
        if self._glance is None or self._glance.format != form:
            self._glance = Decoder(form, rough=True)
        frame = self._glance.lone(packet)
        return self._choose([] if frame is None else [frame], Stretch(form, (packet,)))

    def _follow(self, form: StreamFormat, packet: EncodedPacket, period: float, *, is_long: bool) -> Picture | None:
        if packet.at < self._sampled + period - _SLACK or self._spoiled == self._keyframe:
            return None
        group, (begun, done) = self._group(), self._followed
        if self._stream is None or self._stream.format != form or begun != self._keyframe:
            if len(group) > MOST_CATCH_UP and not is_long:
                return None
            self._stream, done = Decoder(form, hardware=self._device), 0
        self._followed = (self._keyframe, len(group))
        return self._choose(self._decoded(self._stream, group, done))

    def _decoded(self, stream: Decoder, group: Sequence[EncodedPacket], done: int) -> list[VideoFrame]:
        """The pictures of the packets after the first `done`. What a device does not decode and software does is the
        device's fault: it is not asked again on this connection. Raises DecodeError.
        """
        try:
            return [frame for each in group[done:] for frame in stream.take(each)]
        except DecodeError as error:
            if self._device is None:
                raise
            self._stream = Decoder(stream.format)
            frames = [frame for each in group for frame in self._stream.take(each)]
            self._device.failed(str(error))
            self._device = None
            self._counters.add("device_failures")
            return frames

    def _choose(self, frames: list[VideoFrame], keyframe: Stretch | None = None) -> Picture | None:
        sound = [frame for frame in frames if not frame.is_corrupt]
        self._counters.add("frames_decoded", len(frames))
        if len(sound) < len(frames):
            self._counters.add("frames_corrupt", len(frames) - len(sound))
        if not sound:
            return None
        picture = Picture(self._camera, sound[-1], keyframe)
        self._sampled = picture.at.timestamp()
        return picture
