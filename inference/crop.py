"""Crops of heads and persons: which part of a picture the crop classifier looks at. Training cuts the same ones."""

import cv2
import numpy as np

from inference.detections import Floats, Image
from inference.letterbox import GREY, fit

TALLEST = 1.5  # a person's crop is at most so many times as high as wide: the upper body


def head_region(heads: Floats) -> Floats:
    """(n, 4): heads with room for a hat; may reach beyond the picture."""
    return _grown(heads, (-0.05, -0.3, 0.05, 0.0))


def head_of_face(faces: Floats) -> Floats:
    """(n, 4): the heads around face boxes (brow to chin): wider on each side, and up over the hair."""
    return _grown(faces, (-0.2, -0.45, 0.2, 0.05))


def upper_body(people: Floats, aspect: float) -> Floats:
    """(n, 4): persons, cut from below; aspect: the picture's width by its height."""
    cut = people.copy()
    tallest = TALLEST * aspect * (people[:, 2] - people[:, 0])
    cut[:, 3] = np.minimum(people[:, 3], people[:, 1] + tallest)
    return cut


def cut(image: Image, box: Floats, size: int) -> Image:
    """The part of a picture in a relative box (4,), fitted into the middle of a grey square of `size` pixels.

    What of the box lies beyond the picture is left out; at least one pixel is cut.
    """
    left, top, right, bottom = pixels(image, box)
    part = image[top:bottom, left:right]
    where = fit((part.shape[0], part.shape[1]), (size, size))
    method = cv2.INTER_AREA if where.height <= part.shape[0] else cv2.INTER_LINEAR
    square = np.full((size, size, 3), GREY, dtype=np.uint8)
    rows, columns = slice(where.top, where.top + where.height), slice(where.left, where.left + where.width)
    square[rows, columns] = cv2.resize(part, (where.width, where.height), interpolation=method)
    return square


def pixels(image: Image, box: Floats) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of a relative box (4,) in whole pixels, within the picture and not empty."""
    height, width = image.shape[:2]
    left, top = (min(max(round(float(v) * n), 0), n - 1) for v, n in zip(box[:2], (width, height), strict=True))
    right, bottom = (min(round(float(v) * n), n) for v, n in zip(box[2:], (width, height), strict=True))
    return left, top, max(right, left + 1), max(bottom, top + 1)


def _grown(boxes: Floats, by: tuple[float, float, float, float]) -> Floats:
    """Each corner moved by a share of the box's own width or height."""
    sizes = np.tile(boxes[:, 2:] - boxes[:, :2], 2)
    result: Floats = boxes + sizes * np.array(by, dtype=np.float32)
    return result
