"""A clip: one video file, demuxed once and packetised once, held in memory for any number of cameras."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
from av.packet import Packet
from av.video.stream import VideoStream

from simulators.rtp import CODECS, H264, Codec, payloads, split_annex_b, split_length_prefixed

SIZE_LIMIT = 512 * 1024 * 1024  # bytes; a clip stays in memory whole


class ClipError(Exception):
    """The file cannot be played; the message says which and why."""


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One encoded picture, ready to send; times are seconds from the clip's start."""

    send_s: float
    show_s: float  # when it was taken: ≤ send_s, earlier where the encoder held pictures back to reorder them
    keyframe: bool
    payloads: tuple[bytes, ...]
    size: int  # bytes of all payloads


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """An encoded video that begins with a keyframe and can be repeated without a seam."""

    name: str
    codec: Codec
    width: int
    height: int
    parameter_sets: tuple[bytes, ...]
    units: tuple[AccessUnit, ...]
    duration_s: float

    @property
    def rate(self) -> float:
        """Mean pictures per second."""
        return len(self.units) / self.duration_s


@dataclass(frozen=True, slots=True)
class _Sample:
    dts: float
    pts: float
    duration: float
    keyframe: bool
    data: bytes


def load_clip(path: Path) -> Clip:
    """Read a file's first video stream (H.264 or H.265, in any container that FFmpeg knows). Raises ClipError."""
    try:
        size = path.stat().st_size
        if size > SIZE_LIMIT:
            raise ClipError(f"{path}: {size >> 20} MiB is too large; a clip is held in memory, cut it below 512 MiB.")
        with av.open(str(path)) as container:
            return _read(path, container.streams.video[0], container.demux(video=0))
    except FileNotFoundError as error:
        raise ClipError(f"{path}: there is no such file.") from error
    except IndexError as error:
        raise ClipError(f"{path}: has no video in it.") from error
    except (av.error.FFmpegError, OSError) as error:
        raise ClipError(f"{path}: cannot be read as a video ({error.strerror or error}).") from error


def _read(path: Path, stream: VideoStream, packets: Iterator["Packet[VideoStream]"]) -> Clip:
    name = stream.codec_context.name
    if name not in CODECS:
        raise ClipError(f"{path}: holds {name} video; re-encode it as H.264 or H.265.")
    codec = CODECS[name]
    extradata = bytes(stream.codec_context.extradata or b"")
    samples = _from_keyframe(_samples(packets, float(stream.average_rate or 25)))
    if not samples:
        raise ClipError(f"{path}: has no keyframe to start from.")
    prefix = _prefix(codec, extradata)
    sets = _parameter_sets(codec, extradata, _split(samples[0].data, prefix))
    if not sets:
        raise ClipError(f"{path}: has no parameter sets, so no decoder could start on it.")
    first = samples[0].dts
    end = max(samples[-1].dts + samples[-1].duration, first + 0.001)
    held = max(sample.pts - sample.dts for sample in samples)
    units = tuple(_unit(codec, sample, (first, first + held), prefix, sets) for sample in samples)
    return Clip(path.stem, codec, stream.width, stream.height, sets, units, end - first)


def _samples(packets: Iterator["Packet[VideoStream]"], rate: float) -> Iterator[_Sample]:
    last = -1.0 / rate
    for packet in packets:
        if not packet.size:
            continue  # the demuxer's flush packet
        base = float(packet.time_base or 0)
        dts = last + 1 / rate if packet.dts is None else packet.dts * base
        pts = dts if packet.pts is None else packet.pts * base
        duration = (packet.duration or 0) * base or 1 / rate
        yield _Sample(dts, max(pts, dts), duration, packet.is_keyframe, bytes(packet))
        last = dts


def _from_keyframe(samples: Iterator[_Sample]) -> list[_Sample]:
    out: list[_Sample] = []
    for sample in samples:
        if out or sample.keyframe:
            out.append(sample)
    return out


def _unit(codec: Codec, sample: _Sample, zero: tuple[float, float], prefix: int, sets: tuple[bytes, ...]) -> AccessUnit:
    """`zero`: the decoding and the presentation time that become 0."""
    nals = [nal for nal in _split(sample.data, prefix) if codec.kind(nal) != codec.delimiter]
    in_band = any(codec.kind(nal) in codec.parameter_sets for nal in nals)
    if sample.keyframe and not in_band:  # a viewer may join, or lose packets, at any keyframe
        nals = [*sets, *nals]
    parts = payloads(codec, nals)
    return AccessUnit(sample.dts - zero[0], sample.pts - zero[1], sample.keyframe, parts, sum(map(len, parts)))


def _prefix(codec: Codec, extradata: bytes) -> int:
    """Bytes of the length before each NAL unit as the decoder configuration record says; 0 for start codes."""
    if not extradata or extradata[0] != 1:
        return 0
    at = 4 if codec is H264 else 21
    return (extradata[at] & 3) + 1


def _split(data: bytes, prefix: int) -> list[bytes]:
    return split_length_prefixed(data, prefix) if prefix else split_annex_b(data)


def _parameter_sets(codec: Codec, extradata: bytes, first: list[bytes]) -> tuple[bytes, ...]:
    """The parameter sets of the header, else those of the first keyframe, in decoding order."""
    listed = _record(codec, extradata) if extradata[:1] == b"\x01" else split_annex_b(extradata)
    for nals in (listed, first):
        sets = sorted((nal for nal in nals if codec.kind(nal) in codec.parameter_sets), key=codec.kind)
        if sets:
            return tuple(sets)
    return ()


def _record(codec: Codec, extradata: bytes) -> list[bytes]:
    """NAL units of an avcC or hvcC record (ISO/IEC 14496-15 §5.3.3.1, §8.3.3.1)."""
    return list(_avc_record(extradata) if codec is H264 else _hevc_record(extradata))


def _avc_record(data: bytes) -> Iterator[bytes]:
    at = 5
    for mask in (0x1F, 0xFF):  # the count of SPS shares its byte with reserved bits, that of PPS does not
        count, at = data[at] & mask, at + 1
        for _ in range(count):
            size = int.from_bytes(data[at : at + 2], "big")
            yield data[at + 2 : at + 2 + size]
            at += 2 + size


def _hevc_record(data: bytes) -> Iterator[bytes]:
    at = 23
    for _ in range(data[22]):
        count = int.from_bytes(data[at + 1 : at + 3], "big")
        at += 3
        for _ in range(count):
            size = int.from_bytes(data[at : at + 2], "big")
            yield data[at + 2 : at + 2 + size]
            at += 2 + size
