"""Pictures: what the agent takes from a decoded frame: a thumbnail of its brightness, and colours for the detector."""

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from edge.decoder import capture_time, first
from edge.ring import Stretch

Grey = NDArray[np.uint8]  # (height, width)
Colour = NDArray[np.uint8]  # (height, width, 3), RGB

THUMB_WIDTH = 240  # one thumbnail pixel is 8 x 8 of 1080p: less than the detector can see
_PLANAR_8_BIT = frozenset({"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12", "gray"})


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One sampled frame of one camera. `keyframe`: what a rough one was decoded from."""

    camera: str
    frame: VideoFrame
    keyframe: Stretch | None = None

    @property
    def at(self) -> datetime:
        """Capture time, aware UTC."""
        return moment(capture_time(self.frame))

    def thumb(self) -> Grey:
        """Brightness, (about 135, 240) uint8, each pixel the mean of its area."""
        grey = luma(self.frame)
        height = max(1, round(grey.shape[0] * THUMB_WIDTH / grey.shape[1]))
        small: Grey = np.asarray(cv2.resize(grey, (THUMB_WIDTH, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
        return small

    def rgb(self) -> Colour:
        """What the camera sent, never the rough picture. Raises decoder.DecodeError."""
        exact = None if self.keyframe is None else first(self.keyframe)
        return rgb(self.frame if exact is None else exact)


def moment(seconds: float) -> datetime:
    """Unix seconds as an aware UTC datetime."""
    return datetime.fromtimestamp(seconds, UTC)


def luma(frame: VideoFrame) -> Grey:
    """The frame's brightness plane, not copied where its format allows: (height, width) uint8."""
    if frame.format.name not in _PLANAR_8_BIT:
        return np.asarray(frame.to_ndarray(format="gray"), dtype=np.uint8)
    plane = frame.planes[0]
    rows: Grey = np.frombuffer(memoryview(plane), dtype=np.uint8).reshape(-1, plane.line_size)
    return rows[: frame.height, : frame.width]


def rgb(frame: VideoFrame) -> Colour:
    """(height, width, 3) uint8."""
    return np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)


def digest(thumb: Grey) -> int:
    """Equal for equal thumbnails: sensor noise makes two of a live camera differ, however still the scene."""
    return zlib.crc32(thumb.tobytes())
