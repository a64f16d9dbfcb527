"""What stands in a training picture: the boxes its source states, those of the teachers, and veils over the rest."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import veil
from models.boxes import Box, corners, from_corners, overlap
from models.face_teacher import CLASSES as FACES
from models.face_teacher import FaceTeacher
from models.manifest import Source
from models.teacher import Teacher

LABELS = Path(__file__).with_name("labels")
SAME = 0.4
"""Two boxes of a class that overlap so much (IoU) are one thing: the stated one counts."""

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Surety:
    """A teacher's box is believed from `sure` on; from `doubtful` on it becomes a veil; below it is background."""

    sure: float
    doubtful: float


@dataclass(frozen=True)
class Teachers:
    """Who fills in what a source leaves out."""

    things: Teacher
    faces: FaceTeacher
    surety: Mapping[str, Surety]


def complete(stated: Sequence[Box], image: Image, source: Source, teachers: Teachers) -> list[Box]:
    """The stated boxes (our classes) with the teachers' and with veils over what nobody labelled."""
    boxes = list(stated)
    for name in source.teacher:
        boxes += _believed(teachers.things.label_scored(image, [name], teachers.surety[name].doubtful), boxes, teachers)
    if source.faces:
        boxes += _believed(teachers.faces.label(image, teachers.surety["face"].doubtful), boxes, teachers)
    if source.heads:
        boxes += [head_of(face) for face in boxes if face.label in FACES]
    return boxes + veil.whole(source.unlabelled)


def _believed(found: Iterable[tuple[Box, float]], known: Sequence[Box], teachers: Teachers) -> list[Box]:
    result = []
    for box, score in found:
        if any(_same(box, other) for other in known):
            continue
        is_face = box.label in FACES
        if score >= teachers.surety["face" if is_face else box.label].sure:
            result.append(box)
        else:
            result += [
                veil.over(Box(name, box.x, box.y, box.w, box.h)) for name in (FACES if is_face else (box.label,))
            ]
    return result


def _same(one: Box, other: Box) -> bool:
    alike = one.label == other.label or {one.label, other.label} <= set(FACES)
    return alike and float(overlap(corners([one]), corners([other]))[0, 0]) > SAME


def head_of(face: Box) -> Box:
    """The head around a face box (brow to chin): a fifth wider on each side, and up over the hair."""
    left, top, right, bottom = face.corners
    wide, high = face.w, face.h
    return from_corners("head", left - 0.2 * wide, top - 0.45 * high, right + 0.2 * wide, bottom + 0.05 * high)


Shape = tuple[float, float, float, float]


class BinLabels:
    """Which of a source's bins stand open, by eye (labels/bins.csv): image, label, corners."""

    def __init__(self, path: Path = LABELS / "bins.csv") -> None:
        self._known: dict[str, list[tuple[str, Shape]]] = defaultdict(list)
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                shape = (float(row["x0"]), float(row["y0"]), float(row["x1"]), float(row["y1"]))
                self._known[row["image"]].append((row["label"], shape))

    def told(self, image: str, boxes: Sequence[Box]) -> list[Box]:
        """The picture's boxes, its open bins named so; a bin nobody judged is a bin under a veil of `bin_open`."""
        return [new for box in boxes for new in (self._judged(image, box) if box.label == "bin" else [box])]

    def _judged(self, image: str, box: Box) -> list[Box]:
        labels = [label for label, shape in self._known.get(image, ()) if np.allclose(shape, box.corners, atol=2e-3)]
        if labels and labels[0] == "open":
            return [Box("bin_open", box.x, box.y, box.w, box.h)]
        if labels and labels[0] == "lidded":
            return [box]
        return [box, veil.over(Box("bin_open", box.x, box.y, box.w, box.h))]
