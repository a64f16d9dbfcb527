"""Evaluation of the detector: per class average precision, precision and recall on labelled pictures."""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.detections import Detections
from inference.detector import Detector
from models.boxes import corners, overlap
from models.scoring import MATCH, Ranked, at_threshold, average_precision, choose_threshold, match, rank
from models.teacher import Teacher
from models.truth import Labelled, merged, read_picture
from models.veil import MARK, over

FLOOR = 0.01
"""Detections below this score do not count: they would only lengthen the tail of the curve."""

ALIKE = {"bin_open": "bin"}
"""What a source that does not tell lids calls a bin may stand open: either is a hit for `bin`."""

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class ClassFigures:
    """One class on one set: pictures judged, pictures showing it, boxes; AP50; precision and recall at the threshold.

    A figure is None where it does not exist (no truth, or no detection at the threshold).
    """

    judged: int
    pictures: int
    boxes: int
    ap50: float | None
    threshold: float
    precision: float | None
    recall: float | None


@dataclass
class Tally:
    """What is counted of one class: over all candidates for the curve, over what the detector says for the rest."""

    judged: int = 0
    pictures: int = 0
    truths: int = 0
    scores: list[float] = field(default_factory=list)
    hits: list[bool] = field(default_factory=list)
    said: int = 0
    right: int = 0

    @property
    def ranked(self) -> Ranked:
        """The candidates, best first."""
        return rank(self.scores, self.hits, self.truths)

    def count(self, picture: Labelled, name: str, seen: tuple[Detections, Detections], classes: Sequence[str]) -> None:
        """Count one picture for one class; `seen`: every candidate, and what the detector says."""
        names = {name, *(other for other, same in ALIKE.items() if same == name)}
        boxes = merged(picture.boxes, dict.fromkeys(names, name))
        truth = corners([box for box in boxes if box.label == name])
        veils = corners([box for box in boxes if box.label == MARK + name])
        self.judged += 1
        self.pictures += bool(len(truth))
        self.truths += len(truth)
        chosen = np.array([classes.index(each) for each in names if each in classes])
        (scores, hits), (_, right) = (_matched(s[np.isin(s.classes, chosen)], truth, veils) for s in seen)
        self.scores += [float(score) for score in scores]
        self.hits += [bool(hit) for hit in hits]
        self.said += len(right)
        self.right += int(right.sum())


Tallies = dict[str, Tally]
"""By class, and by source/class."""


class PersonTruth:
    """The teacher's persons as truth, its doubtful ones as veils."""

    def __init__(self, teacher: Teacher, sure: float, doubtful: float) -> None:
        self._teacher, self._sure, self._doubtful = teacher, sure, doubtful

    def told(self, picture: Labelled, image: NDArray[np.uint8]) -> Labelled:
        """The picture with its persons known."""
        found = self._teacher.label_scored(image, ["person"], self._doubtful)
        boxes = tuple(box if score >= self._sure else over(box) for box, score in found)
        return Labelled(picture.path, picture.source, picture.boxes + boxes, picture.known | {"person"})


def tallies(
    detector: Detector,
    pictures: Iterable[Labelled],
    persons: PersonTruth | None = None,
    watch: Callable[[Labelled, Detections], None] = lambda picture, seen: None,
) -> Tallies:
    """Run the detector over the pictures and count, class by class; `watch` is told what it says of each picture."""
    counted: Tallies = {}
    for picture in pictures:
        image = read_picture(picture.path)
        every, said = detector.examine(np.ascontiguousarray(image[:, :, ::-1]), FLOOR)
        told = persons.told(picture, image) if persons else picture
        watch(told, said)
        for name in told.known & {*detector.classes}:
            for key in (name, f"{told.source}/{name}"):
                counted.setdefault(key, Tally()).count(told, name, (every, said), detector.classes)
    return counted


def _matched(chosen: Detections, truth: FloatArray, veils: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Scores and hits of one class's detections; one that only meets a veil is left out."""
    boxes, scores = chosen.boxes.astype(np.float64), chosen.scores.astype(np.float64)
    hits = match(boxes, scores, truth)
    hidden = (overlap(boxes, veils) >= MATCH).any(axis=1) if len(veils) and len(boxes) else np.zeros(len(hits), bool)
    counts = hits | ~hidden
    return scores[counts], hits[counts]


def figures(counted: Tallies, thresholds: Mapping[str, float]) -> dict[str, ClassFigures]:
    """Figures of the classes that were judged, in the order of the thresholds."""
    return {name: _figures(counted[name], value) for name, value in thresholds.items() if name in counted}


def _figures(tally: Tally, threshold: float) -> ClassFigures:
    return ClassFigures(
        judged=tally.judged,
        pictures=tally.pictures,
        boxes=tally.truths,
        ap50=_known(average_precision(tally.ranked)),
        threshold=threshold,
        precision=_known(tally.right / tally.said) if tally.said else None,
        recall=_known(tally.right / tally.truths) if tally.truths else None,
    )


def by_source(counted: Tallies, thresholds: Mapping[str, float]) -> dict[str, dict[str, ClassFigures]]:
    """Figures of each source's own pictures, of the classes that they show."""
    found: dict[str, dict[str, ClassFigures]] = {}
    for key, tally in sorted(counted.items()):
        source, _, name = key.rpartition("/")
        if source and tally.truths and name != "person":
            found.setdefault(source, {})[name] = _figures(tally, thresholds[name])
    return found


def at(counted: Tallies, thresholds: Mapping[str, float]) -> dict[str, ClassFigures]:
    """The same with precision and recall read from the curve: for thresholds that no detector has yet."""
    rows = {}
    for name, value in thresholds.items():
        if name in counted:
            precision, recall = at_threshold(counted[name].ranked, value)
            row = asdict(_figures(counted[name], value))
            rows[name] = ClassFigures(**{**row, "precision": _known(precision), "recall": _known(recall)})
    return rows


def _known(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)


LOWEST, HIGHEST = 0.3, 0.6
"""Where thresholds lie: below, pictures of other sources raise too often; above, a scene's samples become too few."""


def choose_thresholds(counted: Tallies, classes: Sequence[str], *, wanted: float = 0.9) -> dict[str, float]:
    """Per class the lowest threshold that reaches the wanted precision; the lowest of all for classes not judged."""
    return {
        name: choose_threshold(counted[name].ranked, wanted, LOWEST, HIGHEST)
        if name in counted and counted[name].truths
        else LOWEST
        for name in classes
    }


def write_figures(rows: Mapping[str, ClassFigures], path: Path) -> None:
    """Write figures as JSON: a class, its numbers."""
    plain = {name: asdict(value) for name, value in rows.items()}
    path.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")


def read_figures(path: Path) -> dict[str, ClassFigures]:
    """Read figures written before."""
    return {name: ClassFigures(**row) for name, row in json.loads(path.read_text(encoding="utf-8")).items()}
