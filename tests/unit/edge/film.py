"""Encoded film whose pictures carry their own number, so that a test can tell which one it was given."""

import io
from collections.abc import Iterable
from fractions import Fraction

import av
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from edge.picture import luma
from edge.ring import EncodedPacket, Ring, StreamFormat

T0 = 1_800_000_000.0
FPS = 25
_BITS = 10


def numbered(number: int, size: tuple[int, int] = (320, 180)) -> NDArray[np.uint8]:
    """A grey picture; squares along its top are the number's bits, white or black."""
    width, height = size
    picture = np.full((height, width, 3), 90, dtype=np.uint8)
    for bit in range(_BITS):
        picture[:32, bit * 32 : bit * 32 + 32] = 235 if number >> bit & 1 else 16
    return picture


def number_of(frame: VideoFrame) -> int:
    grey = luma(frame)
    return sum(1 << bit for bit in range(_BITS) if grey[8:24, bit * 32 + 8 : bit * 32 + 24].mean() > 128)


def film(
    count: int, *, gop: int = 25, bframes: int = 0, size: tuple[int, int] = (320, 180), first: int = 0
) -> tuple[StreamFormat, list[EncodedPacket]]:
    """`count` numbered pictures from `first` on."""
    return encoded((numbered(first + index, size) for index in range(count)), gop=gop, bframes=bframes, first=first)


def encoded(
    pictures: Iterable[NDArray[np.uint8]], *, gop: int = 25, bframes: int = 0, first: int = 0
) -> tuple[StreamFormat, list[EncodedPacket]]:
    """25 pictures a second, as packets in decoding order; picture n was captured at T0 + (first + n) / 25."""
    container = av.open(io.BytesIO(), "w", format="h264")
    options = {"preset": "ultrafast", "bf": str(bframes), "sc_threshold": "0"}
    stream = container.add_stream("libx264", rate=FPS, options=options)
    packets = []
    for index, picture in enumerate(pictures):
        frame = VideoFrame.from_ndarray(picture, format="rgb24")
        if index == 0:
            stream.width, stream.height, stream.pix_fmt, stream.gop_size = frame.width, frame.height, "yuv420p", gop
        frame.pts, frame.time_base = first + index, Fraction(1, FPS)
        packets += stream.encode(frame)
    packets += stream.encode(None)
    extradata = bytes(stream.codec_context.extradata or b"")
    kept = [EncodedPacket(T0 + (each.pts or 0) / FPS, each.is_keyframe, bytes(each)) for each in packets]
    return StreamFormat("h264", extradata), kept


def ring_of(form: StreamFormat, packets: Iterable[EncodedPacket], ring: Ring | None = None) -> Ring:
    ring = ring or Ring(60, 10_000_000)
    for packet in packets:
        ring.append(form, packet)
    return ring
