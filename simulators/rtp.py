"""RTP: encoded pictures as packets (RFC 3550, 6184, 7798), and the sender report that ties them to the wall clock."""

import base64
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

CLOCK_RATE = 90_000  # Hz, fixed for video by RFC 6184 §8.2.1 and RFC 7798 §7.1
PAYLOAD_TYPE = 96
PAYLOAD_LIMIT = 1_400  # bytes of RTP payload: below an Ethernet MTU with IP, UDP and RTP headers, as cameras do
NTP_EPOCH = 2_208_988_800  # seconds from 1900 to 1970, RFC 3550 §4

_RTP = struct.Struct(">BBHII")
_SENDER_REPORT = struct.Struct(">BBHIIIIII")

CodecName = Literal["h264", "hevc"]


@dataclass(frozen=True, slots=True)
class Codec:
    """What the packetiser must know of a video codec's NAL unit header."""

    name: CodecName
    encoding: str  # as in SDP's rtpmap
    header_size: int
    parameter_sets: tuple[int, ...]  # NAL types, in the order in which a decoder wants them
    delimiter: int

    def kind(self, nal: bytes) -> int:
        """The NAL unit's type."""
        return nal[0] & 0x1F if self.header_size == 1 else (nal[0] >> 1) & 0x3F


H264 = Codec("h264", "H264", 1, (7, 8), 9)
H265 = Codec("hevc", "H265", 2, (32, 33, 34), 35)
CODECS = {codec.name: codec for codec in (H264, H265)}


def split_length_prefixed(data: bytes, prefix: int) -> list[bytes]:
    """NAL units of an MP4 sample, each after its big-endian length of `prefix` bytes; a truncated one is left out."""
    nals, at = [], 0
    while at + prefix <= len(data):
        size = int.from_bytes(data[at : at + prefix], "big")
        at += prefix
        if at + size > len(data):
            break
        if size:
            nals.append(data[at : at + size])
        at += size
    return nals


def split_annex_b(data: bytes) -> list[bytes]:
    """NAL units of a byte stream with start codes (H.264 Annex B)."""
    pieces = data.split(b"\x00\x00\x01")[1:]
    nals = (piece.rstrip(b"\x00") for piece in pieces)  # a NAL never ends in zero: those belong to the next start code
    return [nal for nal in nals if nal]


def payloads(codec: Codec, nals: Iterable[bytes], limit: int = PAYLOAD_LIMIT) -> tuple[bytes, ...]:
    """RTP payloads of one access unit: whole NAL units, or fragments (FU-A, H.265's FU) of those over `limit` bytes."""
    out: list[bytes] = []
    for nal in nals:
        if len(nal) <= limit:
            out.append(nal)
        else:
            out.extend(_fragments(codec, nal, limit))
    return tuple(out)


def _fragments(codec: Codec, nal: bytes, limit: int) -> Iterable[bytes]:
    kind = codec.kind(nal)
    # RFC 6184 §5.8: header byte with type 28, then S E R type; RFC 7798 §4.4.3: two bytes with type 49, then S E type
    indicator = bytes([nal[0] & 0xE0 | 28] if codec.header_size == 1 else [nal[0] & 0x81 | 49 << 1, nal[1]])
    body = nal[codec.header_size :]
    room = limit - codec.header_size - 1
    for at in range(0, len(body), room):
        start, end = at == 0, at + room >= len(body)
        yield indicator + bytes([start << 7 | end << 6 | kind]) + body[at : at + room]


@dataclass(slots=True)
class Stream:
    """One camera's RTP state; every viewer of a camera sees the same sequence, so a packet is built once for all."""

    ssrc: int
    sequence: int
    base: int  # RTP timestamp at `origin`
    origin: float  # s, on the clock that all times given here are of

    def timestamp(self, at: float) -> int:
        """RTP timestamp of a moment; wraps at 32 bits."""
        return (self.base + round((at - self.origin) * CLOCK_RATE)) & 0xFFFFFFFF

    def headers(self, unit: Sequence[bytes], at: float) -> list[bytes]:
        """The RTP header of each payload of an access unit shown at `at`; the last is marked."""
        stamp, last = self.timestamp(at), len(unit) - 1
        out = []
        for i in range(len(unit)):
            marker = PAYLOAD_TYPE | (0x80 if i == last else 0)
            out.append(_RTP.pack(0x80, marker, self.sequence, stamp, self.ssrc))
            self.sequence = (self.sequence + 1) & 0xFFFF
        return out

    def sender_report(self, at: float, wall_s: float, packets: int, octets: int) -> bytes:
        """RTCP compound of a sender report and a CNAME: the moment `at` is wall clock `wall_s` (Unix time, s)."""
        seconds = int(wall_s)
        fraction = int((wall_s - seconds) * (1 << 32))
        ntp = (seconds + NTP_EPOCH) & 0xFFFFFFFF
        stamp = self.timestamp(at)
        report = _SENDER_REPORT.pack(
            0x80, 200, 6, self.ssrc, ntp, fraction, stamp, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF
        )
        return report + _description(self.ssrc)


def _description(ssrc: int) -> bytes:
    name = b"mingchu-simulator"
    item = bytes([1, len(name)]) + name + b"\x00"
    item += b"\x00" * (-len(item) % 4)
    return struct.pack(">BBHI", 0x81, 202, 1 + len(item) // 4, ssrc) + item


def interleave(channel: int, packet: bytes) -> bytes:
    """A packet framed for RTSP's TCP connection (RFC 2326 §10.12)."""
    return struct.pack(">BBH", 0x24, channel, len(packet)) + packet


def interleave_unit(channel: int, headers: Sequence[bytes], unit: Sequence[bytes]) -> bytes:
    """A whole access unit framed for TCP, in one piece: one write a picture, not one a packet."""
    parts: list[bytes] = []
    for header, payload in zip(headers, unit, strict=True):
        parts += (struct.pack(">BBH", 0x24, channel, len(header) + len(payload)), header, payload)
    return b"".join(parts)


def sdp_format(codec: Codec, parameter_sets: Sequence[bytes]) -> str:
    """SDP's fmtp parameters, with the parameter sets out of band (RFC 6184 §8.2.1, RFC 7798 §7.1)."""
    encoded = [base64.b64encode(nal).decode() for nal in parameter_sets]
    if codec is H264:
        profile = next(nal for nal in parameter_sets if codec.kind(nal) == 7)[1:4].hex().upper()
        return f"packetization-mode=1;profile-level-id={profile};sprop-parameter-sets={','.join(encoded)}"
    by_kind: dict[int, list[str]] = {}
    for nal, text in zip(parameter_sets, encoded, strict=True):
        by_kind.setdefault(codec.kind(nal), []).append(text)
    names = {32: "sprop-vps", 33: "sprop-sps", 34: "sprop-pps"}
    return ";".join(f"{names[kind]}={','.join(texts)}" for kind, texts in sorted(by_kind.items()))
