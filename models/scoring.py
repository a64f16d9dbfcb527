"""Scores of a detector against truth: matching at IoU 0.5, average precision, thresholds for a wanted precision."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.boxes import overlap

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

MATCH = 0.5
"""A detection hits a truth box when they overlap by at least this intersection over union (PASCAL VOC, COCO AP50)."""


@dataclass(frozen=True)
class Ranked:
    """All detections of one class over a set of pictures, best first, and the number of truth boxes."""

    scores: FloatArray
    hits: BoolArray
    truths: int

    def precision(self) -> FloatArray:
        """Precision when cut after each detection."""
        return np.asarray(np.cumsum(self.hits) / np.arange(1, len(self.hits) + 1), dtype=np.float64)

    def recall(self) -> FloatArray:
        """Recall when cut after each detection; nan where there is no truth."""
        return np.asarray(np.cumsum(self.hits) / (self.truths or np.nan), dtype=np.float64)


def match(boxes: FloatArray, scores: FloatArray, truth: FloatArray) -> BoolArray:
    """Which detections (n, 4) hit a truth box (m, 4) of one picture and class; each truth box is hit at most once.

    Detections choose in order of their score; the result keeps the order of the input.
    """
    hits = np.zeros(len(scores), dtype=bool)
    if not len(scores) or not len(truth):
        return hits
    table = overlap(boxes, truth)
    free = np.ones(len(truth), dtype=bool)
    for i in np.argsort(-scores, kind="stable"):
        candidate = int(np.argmax(np.where(free, table[i], -1.0)))
        if free[candidate] and table[i, candidate] >= MATCH:
            hits[i], free[candidate] = True, False
    return hits


def rank(scores: Sequence[float], hits: Sequence[bool], truths: int) -> Ranked:
    """Detections of many pictures in one order, best first."""
    values = np.asarray(scores, dtype=np.float64)
    order = np.argsort(-values, kind="stable")
    return Ranked(values[order], np.asarray(hits, dtype=bool)[order], truths)


def average_precision(ranked: Ranked) -> float:
    """Area below the precision-recall curve, precision made monotone (PASCAL VOC 2010 on); nan without any truth."""
    if not ranked.truths:
        return float("nan")
    if not len(ranked.scores):
        return 0.0
    recall = np.concatenate(([0.0], ranked.recall()))
    envelope = np.maximum.accumulate(ranked.precision()[::-1])[::-1]
    return float(np.sum(np.diff(recall) * envelope))


def at_threshold(ranked: Ranked, threshold: float) -> tuple[float, float]:
    """Precision and recall of the detections with at least the threshold; nan where there is nothing to divide by."""
    taken = ranked.scores >= threshold
    hits = int(ranked.hits[taken].sum())
    precision = hits / int(taken.sum()) if taken.any() else float("nan")
    return precision, hits / ranked.truths if ranked.truths else float("nan")


def choose_threshold(ranked: Ranked, wanted: float, lowest: float, highest: float) -> float:
    """The lowest threshold in [lowest, highest] whose precision is at least the wanted one.

    Where none reaches it with at least half of the recall that the lowest one has: the one of the best F0.5
    (precision counts twice as much as recall). Rounded to 0.01.
    """
    steps = [float(t) for t in np.round(np.arange(lowest, highest + 0.001, 0.01), 2)]
    points = [(t, *at_threshold(ranked, t)) for t in steps]
    known = [(t, p, r) for t, p, r in points if not np.isnan(p) and not np.isnan(r)]
    enough = max((r for _, _, r in known), default=0.0) / 2
    good = [t for t, p, r in known if p >= wanted and r >= enough > 0]
    if good:
        return good[0]
    return max(known, key=lambda point: _f_half(point[1], point[2]), default=(highest, 0.0, 0.0))[0]


def _f_half(precision: float, recall: float) -> float:
    below = 0.25 * precision + recall
    return 1.25 * precision * recall / below if below else 0.0
