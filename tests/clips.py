"""Small encoded clips, made by the tests that play them."""

from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.video.stream import VideoStream


def encode(
    path: Path, *, pictures: int = 25, size: tuple[int, int] = (160, 120), shade: int = 0, bframes: int = 0,
    codec: str = "libx264", gop: int = 10, noise: bool = False, half: bool = False,
) -> Path:  # fmt: skip
    """A bright bar that moves over grey (`half`: dark on the left), or noise; 25 a second, a keyframe each `gop`."""
    random = np.random.default_rng(1)
    width, height = size
    with av.open(str(path), "w") as container:
        options = {"preset": "ultrafast", "bf": str(bframes), "sc_threshold": "0"}
        if codec == "libx265":
            options = {"preset": "ultrafast", "x265-params": f"keyint={gop}:min-keyint={gop}:log-level=none"}
        stream = cast(VideoStream, container.add_stream(codec, rate=25, options=options))
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = width, height, "yuv420p", gop
        stream.time_base = Fraction(1, 25)
        for number in range(pictures):
            high = 255 if noise else shade + 1
            picture = random.integers(shade, high, (height, width, 3), np.uint8)
            if half:
                picture[:, : width // 2] = 20
            left = number * 4 % (width - 16)
            picture[:, left : left + 16] = 255
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path
