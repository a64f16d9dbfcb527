"""Clips: encoded packets put into an MP4 file as they are, and read back to see what it really covers."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.packet import Packet

from edge.decoder import DecodeError, first
from edge.picture import moment
from edge.ring import EncodedPacket, StreamFormat, Stretch

TIME_BASE = Fraction(1, 90_000)
_TOLERANCE = 0.002  # s: two ticks of rounding


class ClipError(Exception):
    """No clip can be made of these packets; the message says why."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Capture times of a clip's first and last picture, Unix seconds, as read back from the file."""

    begin: float
    end: float

    def missing(self, moments: Sequence[float]) -> str:
        """Why the clip is not complete: which of these moments it does not contain; empty when it has them all."""
        early = min(moments) < self.begin - _TOLERANCE
        late = max(moments) > self.end + _TOLERANCE
        if early:
            return f"begins at {moment(self.begin):%H:%M:%S.%f}, after the first sample"
        return f"ends at {moment(self.end):%H:%M:%S.%f}, before the last sample" if late else ""


def write(path: Path, stretch: Stretch) -> Coverage:
    """Write an MP4 with its index in front, check it by reading it back; raises ClipError or OSError."""
    if not stretch.packets:
        raise ClipError("the ring holds no packets of that time")
    width, height = _size(stretch)
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


def _size(stretch: Stretch) -> tuple[int, int]:
    try:
        frame = first(stretch)
    except DecodeError as error:
        raise ClipError(f"the clip's first keyframe {error}") from error
    if frame is None:
        raise ClipError("the clip's first keyframe is damaged")
    return frame.width, frame.height


def _set_header(stream: object, form: StreamFormat) -> None:
    if form.extradata:
        stream.extradata = form.extradata  # type: ignore[attr-defined]  # missing in PyAV's stubs


def _timed(packets: Sequence[EncodedPacket], origin: float) -> list[Packet]:  # type: ignore[type-arg]
    """Packets with showing times from capture times, and decoding times that never run after them."""
    shown = [round((packet.at - origin) / TIME_BASE) for packet in packets]
    decoded = _rising(sorted(shown))
    lead = max(0, *(early - late for early, late in zip(decoded, shown, strict=True)))
    timed = []
    for packet, pts, dts in zip(packets, shown, decoded, strict=True):
        out = Packet(packet.data)
        out.pts, out.dts, out.time_base = pts, dts - lead, TIME_BASE
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
        times = [float(packet.pts * base) for packet in packets if packet.pts is not None]
        if len(times) != expected or not packets[0].is_keyframe:
            raise ClipError(f"the clip has {len(times)} of {expected} pictures when read back")
        return Coverage(origin + min(times), origin + max(times))
