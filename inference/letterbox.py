"""Letterbox: fit a picture of any size into the model's input without changing its shape, and map boxes back."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.detections import Floats, Image

GREY = 114  # what ultralytics pads with, hence what the model has learnt to ignore


@dataclass(frozen=True, slots=True)
class Fit:
    """Where the picture lies in the input: `width` × `height` pixels, at `left`, `top`."""

    left: int
    top: int
    width: int
    height: int

    def relative(self, boxes: Floats) -> Floats:
        """Map (n, 4) boxes from input pixels to the picture (0..1), clipped."""
        offset = np.array([self.left, self.top] * 2, dtype=np.float32)
        scale = np.array([self.width, self.height] * 2, dtype=np.float32)
        result: Floats = np.clip((boxes - offset) / scale, 0.0, 1.0)
        return result


STRIDE = 32  # of the coarsest grid: an input's sides are multiples of it


def shape(picture: tuple[int, int], longest: int, area: int) -> tuple[int, int]:
    """The input (height, width) for a picture of (height, width): its own shape as near as the stride allows.

    The longer side has at most `longest` pixels and the whole at most about `area` (a stride more on a side), so that
    every shape of picture costs alike and little of the input is grey.
    """
    scale = min(longest / max(picture), (area / (picture[0] * picture[1])) ** 0.5)
    height, width = (max(STRIDE, -(-round(side * scale) // STRIDE) * STRIDE) for side in picture)
    return height, width


def fit(picture: tuple[int, int], target: tuple[int, int]) -> Fit:
    """Place a picture of (height, width) in an input of (height, width), centred."""
    scale = min(target[0] / picture[0], target[1] / picture[1])
    height, width = max(1, round(picture[0] * scale)), max(1, round(picture[1] * scale))
    return Fit((target[1] - width) // 2, (target[0] - height) // 2, width, height)


def place(image: Image, target: NDArray[np.float32]) -> Fit:
    """Write one RGB picture into `target` (3, H, W) float32 0..1; returns where it lies."""
    where = fit((image.shape[0], image.shape[1]), (target.shape[1], target.shape[2]))
    small = image
    if (where.height, where.width) != image.shape[:2]:
        small = cv2.resize(image, (where.width, where.height), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    target.fill(GREY / 255)
    rows, columns = slice(where.top, where.top + where.height), slice(where.left, where.left + where.width)
    np.multiply(small.transpose(2, 0, 1), np.float32(1 / 255), out=target[:, rows, columns])
    return where
