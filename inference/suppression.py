"""Decode the raw YOLO head over a batch, and non-maximum suppression, in numpy."""

import numpy as np
from numpy.typing import NDArray

from inference.detections import Detections, Floats, iou
from inference.letterbox import Fit

MOST = 100  # detections kept per picture


def decode(raw: Floats, fits: list[Fit], thresholds: Floats, overlap: float) -> list[Detections]:
    """Turn the head's output (n, 4 + classes, anchors), xywh in input pixels, into one Detections per picture.

    thresholds: (classes,), the least score of each class; overlap: the IoU above which the weaker box goes.
    """
    scores = raw[:, 4:, :]
    margin = (scores - thresholds[None, :, None]).max(axis=1)  # (n, anchors)
    return [_one(raw[index], margin[index] >= 0, place, overlap, thresholds) for index, place in enumerate(fits)]


def _one(raw: Floats, keep: NDArray[np.bool_], place: Fit, overlap: float, thresholds: Floats) -> Detections:
    chosen = raw[:, keep]
    if chosen.shape[1] == 0:
        return Detections.empty()
    margins = chosen[4:] - thresholds[:, None]
    classes = margins.argmax(axis=0)
    scores = chosen[4:][classes, np.arange(chosen.shape[1])]
    boxes = _corners(chosen[:4].T)
    best = suppress(boxes, scores, classes.astype(np.int16), overlap)
    return Detections.of(place.relative(boxes[best]), scores[best], classes[best])


def _corners(xywh: Floats) -> Floats:
    half = xywh[:, 2:] / 2
    return np.concatenate((xywh[:, :2] - half, xywh[:, :2] + half), axis=1)


def suppress(boxes: Floats, scores: Floats, classes: NDArray[np.int16], overlap: float) -> NDArray[np.intp]:
    """Greedy per-class suppression; returns the kept indices, best first, at most MOST."""
    order = np.argsort(-scores, kind="stable")[: MOST * 10]
    same = classes[order][:, None] == classes[order][None, :]
    clash = (iou(boxes[order], boxes[order]) > overlap) & same
    alive = np.ones(len(order), dtype=np.bool_)
    for index in range(len(order)):
        if alive[index]:
            alive[index + 1 :] &= ~clash[index, index + 1 :]
    return order[alive][:MOST]
