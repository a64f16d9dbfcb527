"""How a fault changes a picture: black, covered, moved, blurred, smaller. Pure; pictures are YUV 4:2:0."""

from collections.abc import Callable

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

Look = Callable[[VideoFrame], VideoFrame]
Picture = NDArray[np.uint8]  # planes below each other, as libav's `yuv420p` arrays: (height * 3 / 2, width)

BLACK, GREY = 16, 128  # of video levels (BT.601)
MOVED = (0.16, 0.34)  # of the height, of the width: a shove that leaves most of what was seen out of the picture
BLUR, COVER = 24, 120  # the picture's width in this many parts, spread out again


def black(frame: VideoFrame) -> VideoFrame:
    """Nothing."""
    picture = np.full((frame.height * 3 // 2, frame.width), GREY, dtype=np.uint8)
    picture[: frame.height] = BLACK
    return _frame(picture)


def covered(frame: VideoFrame) -> VideoFrame:
    """A dark cloth over the lens: a little light comes through, no shape."""
    picture = _spread(frame, max(1, frame.width // COVER)).astype(np.float32)
    luma = picture[: frame.height]
    picture[: frame.height] = 30 + (luma - luma.mean()) * 0.08 + luma.mean() * 0.06
    picture[frame.height :] = GREY + (picture[frame.height :] - GREY) * 0.15
    return _frame(np.clip(picture, BLACK, 235).astype(np.uint8))


def moved(frame: VideoFrame) -> VideoFrame:
    """The view shifted down and to the right; beyond the old edge, what lies there mirrored."""
    picture, height, width = _array(frame), frame.height, frame.width
    chroma = picture[height:].reshape(2, height // 2, width // 2)
    planes = [_shifted(picture[:height]), *(_shifted(plane) for plane in chroma)]
    return _frame(np.concatenate([planes[0], np.concatenate(planes[1:]).reshape(height // 2, width)]))


def blurred(frame: VideoFrame) -> VideoFrame:
    """Far out of focus."""
    return _frame(_spread(frame, max(2, frame.width // BLUR)))


def resolution(frame: VideoFrame) -> VideoFrame:
    """Half as wide and half as high, in even numbers."""
    return frame.reformat(frame.width // 4 * 2, frame.height // 4 * 2, "yuv420p", interpolation=Interpolation.AREA)


LOOKS: dict[str, Look] = {look.__name__: look for look in (black, covered, moved, blurred, resolution)}


def _array(frame: VideoFrame) -> Picture:
    return np.asarray(frame.to_ndarray(format="yuv420p"), dtype=np.uint8)


def _frame(picture: Picture) -> VideoFrame:
    return VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="yuv420p")


def _spread(frame: VideoFrame, cells: int) -> Picture:
    """The picture brought down to `cells` across and up again."""
    across, down = max(2, cells // 2 * 2), max(2, cells * frame.height // frame.width // 2 * 2)
    small = frame.reformat(across, down, "yuv420p", interpolation=Interpolation.AREA)
    return _array(small.reformat(frame.width, frame.height, interpolation=Interpolation.BICUBIC))


def _shifted(plane: Picture) -> Picture:
    rows, columns = (_mirrored(length, int(share * length)) for length, share in zip(plane.shape, MOVED, strict=True))
    return plane[rows][:, columns]


def _mirrored(length: int, by: int) -> NDArray[np.intp]:
    """Indices 0…length-1 moved by `by` and reflected at the far edge."""
    at = np.arange(length) + by
    return np.where(at < length, at, 2 * length - 1 - at)
