"""Decoder: encoded packets in, pictures out; either a lone keyframe, or all packets in turn."""

from collections.abc import Iterable

import av
from av.packet import Packet
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from edge.hardware import Hardware, software
from edge.ring import EncodedPacket, StreamFormat, Stretch

TICKS = 1_000_000  # a decoded picture's pts is its capture time in µs
_OPTIONS = {"threads": "1"}  # frame threads would hold pictures back, and the cores belong to other cameras
_ROUGH = {**_OPTIONS, "skip_loop_filter": "all"}  # a third of a keyframe's time; a thumbnail does not show it


class DecodeError(Exception):
    """A packet could not be decoded; the next keyframe heals it."""


class Decoder:
    """One stream's decoder. FFmpeg conceals damage by guessing: such pictures come out marked is_corrupt."""

    def __init__(self, form: StreamFormat, *, rough: bool = False, hardware: Hardware | None = None) -> None:
        """`rough`: without the smoothing of block edges; for lone keyframes only, since others would be built on it."""
        self.format = form
        context = software(form.codec) if hardware is None else hardware.context(form.codec)
        assert isinstance(context, VideoCodecContext)
        if form.extradata:
            context.extradata = form.extradata
        context.options = _ROUGH if rough else _OPTIONS
        self._context = context

    def lone(self, packet: EncodedPacket) -> VideoFrame | None:
        """Decode one keyframe at once, whatever reordering the stream has; forgets all before it."""
        self._context.flush_buffers()
        frames = [*self._feed(packet), *self._run(None)]
        self._context.flush_buffers()
        return frames[0] if frames else None

    def take(self, packet: EncodedPacket) -> list[VideoFrame]:
        """Decode the next packet: the pictures that are due to be shown by now, often one."""
        return self._feed(packet)

    def drain(self) -> list[VideoFrame]:
        """The pictures still held back for reordering."""
        frames = self._run(None)
        self._context.flush_buffers()
        return frames

    def reset(self) -> None:
        """Forget all; the next packet must be a keyframe."""
        self._context.flush_buffers()

    def _feed(self, packet: EncodedPacket) -> list[VideoFrame]:
        encoded = Packet(packet.data)
        encoded.pts = round(packet.at * TICKS)
        return self._run(encoded)

    def _run(self, packet: "Packet[Stream] | None") -> list[VideoFrame]:
        try:
            return self._context.decode(packet)
        except av.error.EOFError:
            return []
        except av.error.FFmpegError as error:
            raise DecodeError(f"cannot be decoded: {error.strerror}") from error


def capture_time(frame: VideoFrame) -> float:
    """Unix seconds; 0.0 for a picture that lost its time."""
    return (frame.pts or 0) / TICKS


def first(stretch: Stretch) -> VideoFrame | None:
    """The keyframe that a stretch begins with; None when the decoder gives no picture. Raises DecodeError."""
    return Decoder(stretch.format).lone(stretch.packets[0])


def frame_at(form: StreamFormat, packets: Iterable[EncodedPacket], at: float) -> VideoFrame | None:
    """The sound picture captured nearest to `at`, decoding from the packets' first keyframe up to it."""
    decoder = Decoder(form)
    best: VideoFrame | None = None
    for frame in _frames(decoder, packets):
        if frame.is_corrupt:
            continue
        if best is None or abs(capture_time(frame) - at) < abs(capture_time(best) - at):
            best = frame
        elif capture_time(frame) > at:
            break
    return best


def _frames(decoder: Decoder, packets: Iterable[EncodedPacket]) -> Iterable[VideoFrame]:
    for packet in packets:
        try:
            yield from decoder.take(packet)
        except DecodeError:
            continue
    yield from decoder.drain()
