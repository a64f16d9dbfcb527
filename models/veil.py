"""Veils: boxes of a label file that say for which class a region was not labelled, so that the loss leaves it alone.

A source boxes only its own classes: an unlabelled phone in a picture of rats is not background. A veil over the
class lies on such a region (often the whole picture). In label files the veil of class k has number classes + k.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from models.boxes import Box

Floats = NDArray[np.float32]

MARK = "~"


def label_names(classes: Sequence[str]) -> tuple[str, ...]:
    """The names that a label file may use: the classes, then a veil of each."""
    return (*classes, *(MARK + name for name in classes))


def over(box: Box) -> Box:
    """A veil of the box's class where the box is."""
    return Box(MARK + box.label, box.x, box.y, box.w, box.h)


def whole(classes: Iterable[str]) -> list[Box]:
    """Veils of those classes over the whole picture."""
    return [Box(MARK + name, 0.5, 0.5, 1.0, 1.0) for name in classes]


def is_veil(box: Box) -> bool:
    """Whether the row hides a region instead of naming a thing."""
    return box.label.startswith(MARK)


def shown(anchors: Floats, rows: Floats, images: int, classes: int) -> Floats:
    """Which (image, anchor, class) may be taught as background: (images, a, classes) of 0 and 1.

    anchors: (a, 2) centres in pixels; rows: (n, 6) veils as image, class k, and corners in pixels.
    """
    taught = np.ones((images, len(anchors), classes), dtype=np.float32)
    for image, kind, left, top, right, bottom in rows:
        inside = ((anchors >= (left, top)) & (anchors <= (right, bottom))).all(axis=1)
        taught[int(image), inside, int(kind)] = 0.0
    return taught
