"""H.264 as a CCTV camera sends it: Main profile, no B-frames, a closed GOP of two seconds, 25 frames a second."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

FPS = 25
GOP = 2 * FPS
OPTIONS = {
    "preset": "slow", "profile": "main", "bf": "0", "crf": "24", "maxrate": "600k", "bufsize": "1500k",
    "x264-params": f"keyint={GOP}:min-keyint={GOP}:scenecut=0:open-gop=0:bframes=0:threads=2",
}  # fmt: skip


def encode(path: Path, frames: Iterator[npt.NDArray[np.uint8]], width: int, height: int) -> None:
    """Write frames (H x W x 3 RGB) to an MP4 file."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=FPS, options=OPTIONS)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.gop_size, stream.time_base = GOP, Fraction(1, FPS)
        for picture in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
