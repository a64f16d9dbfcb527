"""Evaluation: per class average precision, precision and recall of a detector file on labelled pictures."""

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from models.boxes import Box, corners, read_labels
from models.manifest import Manifest, load_manifest
from models.scoring import Ranked, at_threshold, average_precision, choose_threshold, match, rank
from models.teacher import suppress
from models.weights_file import NETWORK, Detector

FLOOR = 0.01
"""Detections below this score do not count: they would only lengthen the tail of the curve."""

Image = NDArray[np.uint8]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Labelled:
    """A picture with its truth, and the classes that the truth is complete for."""

    path: Path
    boxes: tuple[Box, ...]
    known: frozenset[str]


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
class _Tally:
    judged: int
    pictures: int
    truths: int
    scores: list[float]
    hits: list[bool]


class Network:
    """A detector file in ONNX Runtime, from a picture to boxes per class."""

    def __init__(self, path: Path, classes: Sequence[str], threads: int = 1) -> None:
        """Open the file; its input must have a fixed height and width."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        entry = self._session.get_inputs()[0]
        self._input, (self.height, self.width) = entry.name, entry.shape[2:]
        self._classes = tuple(classes)

    def detect(self, image: Image, floor: float = FLOOR) -> dict[str, tuple[FloatArray, FloatArray]]:
        """Corner boxes (n, 4), relative to the picture, and scores (n,) of every class; BGR in."""
        blob, scale, left, top = letterbox(image, self.height, self.width)
        raw = self._session.run(None, {self._input: blob})[0][0].T.astype(np.float64)
        half = raw[:, 2:4] / 2
        shift = np.array([left, top, left, top])
        size = np.tile(np.array(image.shape[1::-1], dtype=np.float64), 2)
        xyxy = np.clip((np.hstack((raw[:, :2] - half, raw[:, :2] + half)) - shift) / scale / size, 0, 1)
        return {name: _best(xyxy, raw[:, 4 + i], floor) for i, name in enumerate(self._classes)}


def _best(xyxy: FloatArray, scores: FloatArray, floor: float) -> tuple[FloatArray, FloatArray]:
    taken = np.flatnonzero(scores >= floor)
    taken = taken[np.argsort(-scores[taken], kind="stable")][:300]
    kept = taken[suppress(xyxy[taken], scores[taken], 0.5)]
    return xyxy[kept], scores[kept]


def letterbox(image: Image, height: int, width: int) -> tuple[NDArray[np.float32], float, int, int]:
    """A BGR picture as (1, 3, height, width) RGB 0..1 in the middle of grey; its scale, left and top margin."""
    scale = min(height / image.shape[0], width / image.shape[1])
    w, h = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    left, top = (width - w) // 2, (height - h) // 2
    canvas = np.full((height, width, 3), 114, dtype=np.uint8)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    canvas[top : top + h, left : left + w] = cv2.resize(image, (w, h), interpolation=method)
    blob = canvas[:, :, ::-1].transpose(2, 0, 1)[None].astype(np.float32) / np.float32(255)
    return np.ascontiguousarray(blob), scale, left, top


def validation_pictures(dataset: Path, manifest: Manifest | None = None) -> Iterator[Labelled]:
    """The validation part of a set written by `prepare`; each class is judged where its source boxes all of it."""
    manifest = manifest or load_manifest()
    known = {source.name: source.known for source in manifest.sources}
    for path in sorted((dataset / "images" / "val").glob("*.jpg")):
        boxes = read_labels(dataset / "labels" / "val" / f"{path.stem}.txt", manifest.classes)
        yield Labelled(path, tuple(boxes), known[path.name.split("-", 1)[0]])


def plain_pictures(folder: Path, classes: Sequence[str]) -> Iterator[Labelled]:
    """Pictures of a plain YOLO folder (images/, labels/, classes.txt) that boxes all of its classes."""
    names = (folder / "classes.txt").read_text(encoding="utf-8").split()
    known = frozenset(names) & frozenset(classes)
    for path in sorted((folder / "images").glob("*.jpg")):
        boxes = read_labels(folder / "labels" / f"{path.stem}.txt", names)
        yield Labelled(path, tuple(box for box in boxes if box.label in known), known)


Rankings = dict[str, tuple[Ranked, int, int]]
"""Per class: its ranked detections, the pictures judged and the pictures that show it."""


def rankings(network: Network, pictures: Iterable[Labelled]) -> Rankings:
    """Run the network over the pictures and rank what it finds, class by class."""
    tallies: dict[str, _Tally] = defaultdict(lambda: _Tally(0, 0, 0, [], []))
    for picture in pictures:
        image = cv2.imread(str(picture.path), cv2.IMREAD_COLOR)
        if image is None:
            raise ValueError(f"{picture.path} is no picture that OpenCV can read")
        found = network.detect(np.asarray(image, dtype=np.uint8))
        for name in picture.known:
            _count(tallies[name], picture, name, found[name])
    return {n: (rank(t.scores, t.hits, t.truths), t.judged, t.pictures) for n, t in tallies.items()}


def _count(tally: _Tally, picture: Labelled, name: str, found: tuple[FloatArray, FloatArray]) -> None:
    truth = corners([box for box in picture.boxes if box.label == name])
    boxes, scores = found
    tally.judged += 1
    tally.pictures += bool(len(truth))
    tally.truths += len(truth)
    tally.scores += [float(score) for score in scores]
    tally.hits += [bool(hit) for hit in match(boxes, scores, truth)]


def evaluate(folder: Path, detector: Detector, pictures: Iterable[Labelled]) -> dict[str, ClassFigures]:
    """Figures of the detector in a folder, per class, at its shipped thresholds."""
    ranked = rankings(Network(folder / NETWORK, detector.classes), pictures)
    return figures(ranked, detector.thresholds)


def figures(ranked: Rankings, thresholds: Mapping[str, float]) -> dict[str, ClassFigures]:
    """Figures of the classes that were judged, at the given thresholds, in their order."""
    return {name: _figures(*ranked[name], value) for name, value in thresholds.items() if name in ranked}


def _figures(ranked: Ranked, judged: int, pictures: int, threshold: float) -> ClassFigures:
    precision, recall = at_threshold(ranked, threshold)
    return ClassFigures(
        judged=judged,
        pictures=pictures,
        boxes=ranked.truths,
        ap50=_known(average_precision(ranked)),
        threshold=threshold,
        precision=_known(precision),
        recall=_known(recall),
    )


def _known(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 3)


CEILINGS = {"rat": 0.4}
"""Rats are small and dark: a threshold above this one misses a rat that crosses the picture; their rule asks for
several sightings in its stead."""


def choose_thresholds(
    ranked: Rankings, classes: Sequence[str], *, wanted: float = 0.9, lowest: float = 0.2, highest: float = 0.5
) -> dict[str, float]:
    """Per class the lowest threshold that reaches the wanted precision on the pictures judged, if one does."""
    nothing = rank([], [], 0)
    return {
        name: choose_threshold(
            ranked[name][0] if name in ranked else nothing, wanted, lowest, min(highest, CEILINGS.get(name, 1.0))
        )
        for name in classes
    }


def write_figures(rows: dict[str, ClassFigures], path: Path) -> None:
    """Write figures as JSON: a class, its numbers."""
    plain = {name: asdict(value) for name, value in rows.items()}
    path.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")


def read_figures(path: Path) -> dict[str, ClassFigures]:
    """Read figures written before."""
    return {name: ClassFigures(**row) for name, row in json.loads(path.read_text(encoding="utf-8")).items()}
