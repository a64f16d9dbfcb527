"""The teacher: a YOLOX network of COCO's classes that labels persons, phones, cats and dogs for training."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from models.boxes import Box, from_corners, overlap

SIZE = 416
STRIDES = (8, 16, 32)
COCO = {"person": 0, "cat": 15, "dog": 16, "phone": 67}
"""Our names of the COCO classes (index of 80) that the teacher is asked for."""

Image = NDArray[np.uint8]
FloatArray = NDArray[np.float32]


def letterbox(image: Image, size: int = SIZE) -> tuple[FloatArray, float]:
    """Picture (h, w, 3) BGR as (1, 3, size, size), 0..255, top left on grey 114, and its scale."""
    height, width = image.shape[:2]
    scale = min(size / height, size / width)
    shape = (max(1, round(width * scale)), max(1, round(height * scale)))
    canvas = np.full((size, size, 3), 114, dtype=np.uint8)
    canvas[: shape[1], : shape[0]] = cv2.resize(image, shape, interpolation=cv2.INTER_LINEAR)
    return canvas.transpose(2, 0, 1)[None].astype(np.float32), scale


def decode(raw: FloatArray, size: int = SIZE) -> FloatArray:
    """YOLOX's raw rows (n, 5 + classes) with centres and sizes turned from grid cells into input pixels."""
    grids, strides = [], []
    for stride in STRIDES:
        cells = size // stride
        y, x = np.mgrid[:cells, :cells]
        grids.append(np.stack((x, y), axis=2).reshape(-1, 2))
        strides.append(np.full((cells * cells, 1), stride))
    grid, step = np.concatenate(grids), np.concatenate(strides)
    decoded = raw.copy()
    decoded[:, :2] = (raw[:, :2] + grid) * step
    decoded[:, 2:4] = np.exp(raw[:, 2:4]) * step
    return decoded


def suppress(xyxy: NDArray[np.floating[Any]], scores: NDArray[np.floating[Any]], limit: float) -> list[int]:
    """Indices kept by non-maximum suppression, best first."""
    order = [int(i) for i in np.argsort(-scores, kind="stable")]
    kept: list[int] = []
    for i in order:
        others = xyxy[kept].astype(np.float64).reshape(-1, 4)
        if not kept or float(overlap(xyxy[i : i + 1].astype(np.float64), others).max()) <= limit:
            kept.append(i)
    return kept


class Teacher:
    """The teacher network in ONNX Runtime; it runs on the CPU with the given number of threads."""

    def __init__(self, path: Path, threads: int = 2) -> None:
        """Open the network (1 × 3 × 416 × 416 → 1 × 3549 × 85)."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def label(self, image: Image, classes: Collection[str], score: float) -> list[Box]:
        """Boxes of the wanted classes with at least the score, relative to the picture (BGR)."""
        return [box for box, _ in self.label_scored(image, classes, score)]

    def label_scored(self, image: Image, classes: Collection[str], score: float) -> list[tuple[Box, float]]:
        """The same, each with its score."""
        blob, scale = letterbox(image)
        rows = decode(self._session.run(None, {self._input: blob})[0][0])
        height, width = image.shape[:2]
        found: list[tuple[Box, float]] = []
        for name in classes:
            found += _boxes(name, rows, score, (width * scale, height * scale))
        return found


def _boxes(name: str, rows: FloatArray, score: float, extent: tuple[float, float]) -> list[tuple[Box, float]]:
    """One class' boxes; extent is the picture's width and height in input pixels."""
    scores = rows[:, 4] * rows[:, 5 + COCO[name]]
    rows, scores = rows[scores >= score], scores[scores >= score]
    half = rows[:, 2:4] / 2
    limits = np.tile(np.array(extent, dtype=np.float32), 2)
    xyxy = np.concatenate((rows[:, :2] - half, rows[:, :2] + half), axis=1) / limits
    xyxy = np.clip(xyxy, 0, 1).astype(np.float32)
    boxes = []
    for i in suppress(xyxy, scores, 0.55):
        left, top, right, bottom = (float(v) for v in xyxy[i])
        boxes.append((from_corners(name, left, top, right, bottom), float(scores[i])))
    return boxes
