"""The face teacher: an SSD that finds faces with and without a mask; it labels faces where a source does not.

Its file is a Caffe network, which OpenCV reads up to version 4.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.boxes import Box
from models.teacher import suppress

SIZE = 260
GRIDS = (33, 17, 9, 5, 3)
SCALES = ((0.04, 0.056), (0.08, 0.11), (0.16, 0.22), (0.32, 0.45), (0.64, 0.72))
RATIOS = (0.62, 0.42)
VARIANCES = (0.1, 0.1, 0.2, 0.2)
CLASSES = ("with_mask", "without_mask")

FloatArray = NDArray[np.float64]
Image = NDArray[np.uint8]


class TeacherError(Exception):
    """The face teacher cannot be read: OpenCV 5 dropped Caffe; prepare the data with opencv-python-headless 4."""


def anchors() -> FloatArray:
    """(5972, 4) centre x, centre y, width, height of the network's anchors, relative."""
    rows = []
    for grid, scales in zip(GRIDS, SCALES, strict=True):
        shapes = [(scale, scale) for scale in scales] + [(scales[0] * r**0.5, scales[0] / r**0.5) for r in RATIOS]
        y, x = (np.mgrid[:grid, :grid] + 0.5) / grid
        cells = np.stack((x, y), axis=2).reshape(-1, 1, 2).repeat(len(shapes), axis=1)
        sizes = np.broadcast_to(np.array(shapes), (grid * grid, len(shapes), 2))
        rows.append(np.concatenate((cells, sizes), axis=2).reshape(-1, 4))
    return np.concatenate(rows)


class FaceTeacher:
    """The network `<stem>.caffemodel` with its `<stem>.prototxt` beside it."""

    def __init__(self, path: Path) -> None:
        """Open the network; raises TeacherError where OpenCV cannot."""
        if not hasattr(cv2.dnn, "readNetFromCaffe"):
            raise TeacherError(TeacherError.__doc__)
        self._net = cv2.dnn.readNetFromCaffe(str(path.with_suffix(".prototxt")), str(path))
        self._anchors = anchors()

    def label(self, image: Image, score: float) -> list[tuple[Box, float]]:
        """Faces of at least the score, relative to the picture (BGR), each with its score."""
        self._net.setInput(cv2.dnn.blobFromImage(image, 1 / 255, (SIZE, SIZE), swapRB=True))
        raw, kinds = (out[0] for out in self._net.forward(["loc_branch_concat", "cls_branch_concat"]))
        best = kinds.max(axis=1)
        taken = np.flatnonzero(best >= score)
        xyxy = _decode(raw[taken].astype(np.float64), self._anchors[taken])
        kept = suppress(xyxy, best[taken], 0.4)
        return [(_box(CLASSES[int(kinds[taken[i]].argmax())], xyxy[i]), float(best[taken[i]])) for i in kept]


def _decode(raw: FloatArray, anchor: FloatArray) -> FloatArray:
    moved = raw * np.array(VARIANCES)
    centre, size = anchor[:, :2] + moved[:, :2] * anchor[:, 2:], anchor[:, 2:] * np.exp(moved[:, 2:])
    corners: FloatArray = np.clip(np.concatenate((centre - size / 2, centre + size / 2), axis=1), 0, 1)
    return corners


def _box(label: str, row: FloatArray) -> Box:
    left, top, right, bottom = (float(value) for value in row)
    return Box(label, (left + right) / 2, (top + bottom) / 2, right - left, bottom - top)
