"""Points, polygons and links between boxes, all in relative picture coordinates."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inference.detections import Bools, Floats

Polygon = Sequence[tuple[float, float]]

_EDGE = 1e-4  # a tenth of a pixel of a 1080p picture


def inside(points: Floats, polygon: Polygon) -> Bools:
    """(n,) which of (n, 2) points lie in the polygon (even-odd rule; on a left or top edge counts as inside).

    So does the picture's right and bottom edge: there are the feet of whom the camera does not see down to the floor.
    """
    corners = np.asarray(polygon, dtype=np.float64)
    within = np.minimum(points, 1.0 - _EDGE)
    x, y = within[:, 0, None], within[:, 1, None]
    x1, y1 = corners[:, 0], corners[:, 1]
    x2, y2 = np.roll(x1, -1), np.roll(y1, -1)
    spans = np.not_equal(y1 > y, y2 > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        crosses = x < (x2 - x1) * (y - y1) / (y2 - y1) + x1
    return np.asarray(np.count_nonzero(np.logical_and(spans, crosses), axis=1) % 2 == 1)


def holds(boxes: Floats, points: Floats, margin: float) -> NDArray[np.bool_]:
    """(n, m): whether box n, grown by `margin` of its own size on each side, holds point m."""
    grow = (boxes[:, 2:] - boxes[:, :2]) * margin
    low, high = boxes[:, :2] - grow, boxes[:, 2:] + grow
    within = np.logical_and(points[None] >= low[:, None], points[None] <= high[:, None])
    return np.logical_and(within[..., 0], within[..., 1])


def meets(boxes: Floats, others: Floats, margin: float) -> NDArray[np.bool_]:
    """(n, m): whether box n, grown by `margin` of its own size on each side, and other box m have a point in common."""
    grow = (boxes[:, 2:] - boxes[:, :2]) * margin
    low, high = boxes[:, :2] - grow, boxes[:, 2:] + grow
    apart = np.logical_or(low[:, None] > others[None, :, 2:], high[:, None] < others[None, :, :2])
    return np.logical_not(apart.any(axis=2))


def upper(boxes: Floats, share: float) -> Floats:
    """(n, 4): the upper part of each box, `share` of its height."""
    cut = boxes.copy()
    cut[:, 3] = boxes[:, 1] + share * (boxes[:, 3] - boxes[:, 1])
    return cut
