"""Clips: encoded packets put into an MP4 file as they are, and read back to see what it really covers."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
from av.packet import Packet

from edge.decoder import DecodeError, Decoder
from edge.picture import moment
from edge.ring import EncodedPacket, StreamFormat, Stretch

TIME_BASE = Fraction(1, 90_000)
_TOLERANCE = 0.002  # s: two ticks of rounding
_SILENT_S = 2.0


class ClipError(Exception):
    """No clip can be made of these packets; the message says why."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Capture times of a clip's pictures, rising, Unix seconds, as read back from the file."""

    times: tuple[float, ...]

    @property
    def begin(self) -> float:
        return self.times[0]

    @property
    def end(self) -> float:
        return self.times[-1]

    def missing(self, moments: Sequence[float]) -> str:
        """Why the clip is not complete: which of these moments it does not contain; empty when it has them all."""
        early = min(moments) < self.begin - _TOLERANCE
        late = max(moments) > self.end + _TOLERANCE
        if early:
            return f"begins at {moment(self.begin):%H:%M:%S.%f}, after the first sample"
        if late:
            return f"ends at {moment(self.end):%H:%M:%S.%f}, before the last sample"
        lost = [at for at in moments if min(abs(at - time) for time in self.times) > _TOLERANCE]
        return f"has no picture at {moment(lost[0]):%H:%M:%S.%f}, when there was a sample" if lost else ""

    def gap(self) -> str:
        """A sentence when the camera was silent within the clip: from when to when, for the longest time."""
        steps = zip(self.times, self.times[1:], strict=False)
        early, late = max(steps, key=lambda step: step[1] - step[0], default=(0.0, 0.0))
        if late - early <= _SILENT_S:
            return ""
        return f"no pictures came between {moment(early):%H:%M:%S.%f} and {moment(late):%H:%M:%S.%f}"


def write(path: Path, stretch: Stretch) -> Coverage:
    """Write an MP4 with its index in front, check it by reading it back; raises ClipError or OSError."""
    if not stretch.packets:
        raise ClipError("the ring holds no packets of that time")
    stretch, (width, height) = _sound(stretch)
    origin = min(packet.at for packet in stretch.packets)
    try:
        with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
            stream = container.add_mux_stream(stretch.format.codec, width=width, height=height, time_base=TIME_BASE)
            _set_header(stream, stretch.format)
            for packet in _timed(stretch.packets, origin):
                packet.stream = stream
                container.mux_one(packet)
        return _read_back(path, origin, len(stretch.packets))
    except av.error.FFmpegError as error:
        if isinstance(error, OSError):
            raise
        raise ClipError(f"the clip cannot be written: {error.strerror}") from error


def _sound(stretch: Stretch) -> tuple[Stretch, tuple[int, int]]:
    """The stretch from its first keyframe on that can be decoded, and that picture's width and height."""
    decoder = Decoder(stretch.format)
    for place, packet in enumerate(stretch.packets):
        if packet.keyframe and (size := _size(decoder, packet)) is not None:
            return Stretch(stretch.format, stretch.packets[place:]), size
    raise ClipError("no keyframe of that time can be decoded")


def _size(decoder: Decoder, keyframe: EncodedPacket) -> tuple[int, int] | None:
    try:
        frame = decoder.lone(keyframe)
    except DecodeError:
        return None
    return None if frame is None else (frame.width, frame.height)


def _set_header(stream: object, form: StreamFormat) -> None:
    if form.extradata:
        stream.extradata = form.extradata  # type: ignore[attr-defined]  # missing in PyAV's stubs


def _timed(packets: Sequence[EncodedPacket], origin: float) -> list[Packet]:  # type: ignore[type-arg]
    """Packets with showing times from capture times, and decoding times that never run after them."""
    shown = [round((packet.at - origin) / TIME_BASE) for packet in packets]
    decoded = _rising(sorted(shown))
    lead = max(0, *(early - late for early, late in zip(decoded, shown, strict=True)))
    lasts = [after - now for now, after in pairwise(decoded)]
    lasts.append(lasts[-1] if lasts else 1)  # a last picture that lasts no time is one that players leave out
    timed = []
    for packet, pts, dts, lasting in zip(packets, shown, decoded, lasts, strict=True):
        out = Packet(packet.data)
        out.pts, out.dts, out.time_base, out.duration = pts, dts - lead, TIME_BASE, lasting
        out.is_keyframe = packet.keyframe
        timed.append(out)
    return timed


def _rising(times: list[int]) -> list[int]:
    """Strictly rising: two pictures of the same instant are put a tick apart."""
    out: list[int] = []
    for time in times:
        out.append(max(time, out[-1] + 1) if out else time)
    return out


def _read_back(path: Path, origin: float, expected: int) -> Coverage:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        base = stream.time_base or TIME_BASE
        packets = [packet for packet in container.demux(stream) if packet.size]
        times = sorted(origin + float(packet.pts * base) for packet in packets if packet.pts is not None)
        if len(times) != expected or not packets[0].is_keyframe:
            raise ClipError(f"the clip has {len(times)} of {expected} pictures when read back")
        return Coverage(tuple(times))
