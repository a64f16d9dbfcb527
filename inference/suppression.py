"""Decode the raw YOLO head over a batch, and non-maximum suppression, in numpy."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.detections import Detections, Floats, iou
from inference.letterbox import Fit

Kinds = NDArray[np.int16]

MOST = 100  # detections kept per picture


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """What a box needs to stand.

    thresholds: (classes,), the least score of each class; groups: (classes,), classes with the same number exclude
    each other; overlap: the IoU above which the weaker box of a group goes.
    """

    thresholds: Floats
    groups: Kinds
    overlap: float


def decode(raw: Floats, fits: list[Fit], limits: Limits) -> list[Detections]:
    """Turn the head's output (n, 4 + classes, anchors), xywh in input pixels, into one Detections per picture."""
    margin = (raw[:, 4:, :] - limits.thresholds[None, :, None]).max(axis=1)  # (n, anchors)
    return [_one(raw[index][:, margin[index] >= 0], place, limits) for index, place in enumerate(fits)]


def decode_every(raw: Floats, place: Fit, floor: float, overlap: float) -> Detections:
    """One picture's head (4 + classes, anchors) with each class of each anchor a detection of its own."""
    classes, anchors = np.nonzero(raw[4:] >= floor)
    scores, boxes = raw[4:][classes, anchors], _corners(raw[:4, anchors].T)
    kinds = classes.astype(np.int16)
    best = suppress(boxes, scores, kinds, overlap)
    return Detections.of(place.relative(boxes[best]), scores[best], kinds[best])


def _one(chosen: Floats, place: Fit, limits: Limits) -> Detections:
    """One picture's detections from the anchors (4 + classes, m) that reach a threshold."""
    if chosen.shape[1] == 0:
        return Detections.empty()
    classes = (chosen[4:] - limits.thresholds[:, None]).argmax(axis=0)
    scores = chosen[4:][classes, np.arange(chosen.shape[1])]
    boxes = _corners(chosen[:4].T)
    best = suppress(boxes, scores, limits.groups[classes], limits.overlap)
    return Detections.of(place.relative(boxes[best]), scores[best], classes[best])


def _corners(xywh: Floats) -> Floats:
    half = xywh[:, 2:] / 2
    return np.concatenate((xywh[:, :2] - half, xywh[:, :2] + half), axis=1)


def suppress(boxes: Floats, scores: Floats, classes: Kinds, overlap: float) -> NDArray[np.intp]:
    """Greedy suppression within each class (or group); returns the kept indices, best first, at most MOST."""
    order = np.argsort(-scores, kind="stable")[: MOST * 10]
    same = classes[order][:, None] == classes[order][None, :]
    clash = (iou(boxes[order], boxes[order]) > overlap) & same
    alive = np.ones(len(order), dtype=np.bool_)
    for index in range(len(order)):
        if alive[index]:
            alive[index + 1 :] &= ~clash[index, index + 1 :]
    return order[alive][:MOST]
