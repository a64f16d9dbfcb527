"""Clips made for a benchmark: what a real camera sends, with its sensor's noise and at its bit rate."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

SIZE, RATE, GOP_S = (1920, 1080), 25, 2
BITRATE = 4_000_000
_GRAIN = 4.0  # grey levels: a small sensor in a lit kitchen

Luma = NDArray[np.uint8]


def standing(clip: Path, path: Path, seconds: int = 8) -> Path:
    """The first picture of a 1080p clip, where nothing moves, before a sensor with noise; 1080p25 of 4 Mbit/s."""
    with av.open(str(clip)) as container:
        frame = next(container.decode(video=0)).reformat(*SIZE, format="yuv420p")
    first: Luma = np.asarray(frame.to_ndarray(), dtype=np.uint8)
    return _encode(path, _grainy(first, seconds * RATE))


def _grainy(picture: Luma, count: int) -> Iterator[Luma]:
    random, (width, height) = np.random.default_rng(1), SIZE
    grain = random.normal(0, _GRAIN, (height + 64, width + 64)).astype(np.int16)
    for _ in range(count):
        down, right = random.integers(0, 64, 2)
        noisy = picture.astype(np.int16)
        noisy[:height] += grain[down : down + height, right : right + width]
        yield np.clip(noisy, 0, 255).astype(np.uint8)


def _encode(path: Path, pictures: Iterator[Luma]) -> Path:
    with av.open(str(path), "w") as container:
        options = {"preset": "veryfast", "sc_threshold": "0", "bf": "0", "nal-hrd": "cbr"}
        options |= {"maxrate": str(BITRATE), "bufsize": str(BITRATE // 2)}
        stream = container.add_stream("libx264", rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.bit_rate, stream.gop_size, stream.time_base = BITRATE, GOP_S * RATE, Fraction(1, RATE)
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="yuv420p")))
        container.mux(stream.encode())
    return path
