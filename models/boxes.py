"""Labelled boxes of a picture: reading and writing YOLO label files, mapping classes, overlap."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Box:
    """One box: class name; centre, width and height relative to the picture (0..1)."""

    label: str
    x: float
    y: float
    w: float
    h: float

    @property
    def corners(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom, relative to the picture."""
        return (self.x - self.w / 2, self.y - self.h / 2, self.x + self.w / 2, self.y + self.h / 2)


def read_labels(path: Path, names: Sequence[str]) -> list[Box]:
    """Boxes of a YOLO label file (class x y w h, relative); a missing file means no boxes. Clipped to the picture.

    A row of more than five numbers is a polygon: its bounding box is taken.
    """
    if not path.exists():
        return []
    rows = (line.split() for line in path.read_text(encoding="ascii").splitlines())
    boxes = (_box(names[int(float(row[0]))], [float(v) for v in row[1:]]) for row in rows if len(row) >= 5)
    return [box for box in boxes if box.w > 0 and box.h > 0]


def _box(label: str, numbers: Sequence[float]) -> Box:
    if len(numbers) == 4:
        x, y, w, h = numbers
        left, top, right, bottom = x - w / 2, y - h / 2, x + w / 2, y + h / 2
    else:
        left, right = min(numbers[0::2]), max(numbers[0::2])
        top, bottom = min(numbers[1::2]), max(numbers[1::2])
    return from_corners(label, left, top, right, bottom)


def from_corners(label: str, left: float, top: float, right: float, bottom: float) -> Box:
    """The box between corners, clipped to the picture."""
    left, top, right, bottom = (min(1.0, max(0.0, v)) for v in (left, top, right, bottom))
    return Box(label, (left + right) / 2, (top + bottom) / 2, right - left, bottom - top)


def write_labels(path: Path, boxes: Iterable[Box], names: Sequence[str]) -> None:
    """Write a YOLO label file; raises ValueError on a class that is not in names."""
    index = {name: number for number, name in enumerate(names)}
    unknown = {box.label for box in boxes} - index.keys()
    if unknown:
        raise ValueError(f"no such class: {', '.join(sorted(unknown))}")
    lines = [f"{index[box.label]} {box.x:.6f} {box.y:.6f} {box.w:.6f} {box.h:.6f}" for box in boxes]
    path.write_text("".join(line + "\n" for line in lines), encoding="ascii")


def map_classes(boxes: Iterable[Box], mapping: Mapping[str, str]) -> list[Box]:
    """Boxes under our class names; a class mapped to "" or not mapped at all is left out."""
    return [Box(mapping[b.label], b.x, b.y, b.w, b.h) for b in boxes if mapping.get(b.label)]


def corners(boxes: Sequence[Box]) -> FloatArray:
    """Corners of boxes as an (n, 4) array."""
    return np.array([box.corners for box in boxes], dtype=np.float64).reshape(-1, 4)


def overlap(a: FloatArray, b: FloatArray) -> FloatArray:
    """Intersection over union of every corner box of a (n, 4) with every one of b (m, 4): (n, m)."""
    left_top = np.maximum(a[:, None, :2], b[None, :, :2])
    right_bottom = np.minimum(a[:, None, 2:], b[None, :, 2:])
    inner = np.prod(np.clip(right_bottom - left_top, 0, None), axis=2)
    area_a = np.prod(a[:, 2:] - a[:, :2], axis=1)
    area_b = np.prod(b[:, 2:] - b[:, :2], axis=1)
    total = area_a[:, None] + area_b[None, :] - inner
    return np.asarray(inner / np.where(total > 0, total, 1.0), dtype=np.float64)
