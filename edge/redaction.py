"""Redaction: pictures in which every head is so coarse that nobody can be known by it (ADR 20)."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from domain.wire import EvidenceKind
from edge.photograph import Photographs
from edge.picture import Colour
from inference.crop import pixels
from inference.detections import Floats

FindHeads = Callable[[Colour], Floats]  # inference.eye.Eye.heads: an RGB picture in, (m, 4) relative boxes out

CELLS = 8  # along the longer side of what is hidden: no face can be known, or computed back, from so few
MARGIN = 0.2  # of a head's size, hidden on each side of it: hair, ears, and where the box is not exact
_CLEAR = (EvidenceKind.FRAME, EvidenceKind.BOXED, EvidenceKind.CROP)
_HIDDEN = (EvidenceKind.FRAME_REDACTED, EvidenceKind.BOXED_REDACTED, EvidenceKind.CROP_REDACTED)
_LEAST = 4  # a cell has at least so many pixels a side: of a small head even fewer cells remain


@dataclass(frozen=True, slots=True)
class Shot:
    """One photograph as JPEG; `of`: the kind of the original that this one is with heads hidden."""

    kind: EvidenceKind
    jpeg: bytes
    of: EvidenceKind | None = None


def variants(image: Colour, heads: FindHeads, photograph: Callable[[Colour], Photographs]) -> tuple[Shot, ...]:
    """The photographs of an RGB picture, and the same of it with heads hidden; originals first."""
    clear, hidden = photograph(image).each, photograph(redacted(image, heads(image))).each
    return (
        *(Shot(kind, jpeg) for kind, jpeg in zip(_CLEAR, clear, strict=True)),
        *(Shot(kind, jpeg, of) for kind, jpeg, of in zip(_HIDDEN, hidden, _CLEAR, strict=True)),
    )


def redacted(image: Colour, heads: Floats) -> Colour:
    """A copy of an RGB picture in which each head (m, 4) is at most CELLS colours long, run into one another."""
    hidden = image.copy()
    for box in _grown(heads):
        left, top, right, bottom = pixels(image, box)
        hidden[top:bottom, left:right] = _coarse(hidden[top:bottom, left:right])
    return hidden


def _grown(heads: Floats) -> Floats:
    outward = np.array((-MARGIN, -MARGIN, MARGIN, MARGIN), dtype=np.float32)
    sizes: Floats = np.tile(heads[:, 2:] - heads[:, :2], 2)
    result: Floats = heads + sizes * outward
    return result


def _coarse(part: Colour) -> Colour:
    height, width = part.shape[:2]
    side = max(height, width) / CELLS
    size = max(side, _LEAST)
    cells = max(1, round(width / size)), max(1, round(height / size))
    small = cv2.resize(part, cells, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
