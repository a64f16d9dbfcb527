"""The detector: pictures in, `Detections` out, by one ONNX Runtime session on the CPU."""

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime as ort

from inference import letterbox, suppression, weights
from inference.detections import Detections, Floats, Image
from inference.letterbox import Fit
from inference.suppression import Limits

OVERLAP = 0.5
DEFAULT_THRESHOLD = 0.4


class Detector:
    """One session. Threads may detect at the same time, and then share its threads."""

    def __init__(self, manifest: weights.Manifest, body: bytes, threads: int) -> None:
        self.manifest = manifest
        self.session = ort.InferenceSession(body, options(threads), providers=["CPUExecutionProvider"])
        # Half a batch each on sessions of one thread scales better than a batch on one session of two.
        lanes = range(threads if threads > 1 else 0)
        self._lanes = [ort.InferenceSession(body, options(1), providers=["CPUExecutionProvider"]) for _ in lanes]
        self._pool = ThreadPoolExecutor(threads) if self._lanes else None
        self._input: str = self.session.get_inputs()[0].name
        thresholds = [manifest.thresholds.get(name, DEFAULT_THRESHOLD) for name in manifest.classes]
        self._limits = Limits(np.array(thresholds, dtype=np.float32), manifest.groups(), OVERLAP)

    @classmethod
    def open(cls, path: Path, threads: int = 1) -> "Detector":
        """Load by the manifest's path; raises weights.WeightsError when the file is missing or was changed."""
        manifest, body = weights.load(path)
        return cls(manifest, body, threads)

    @property
    def sha256(self) -> str:
        return self.manifest.sha256

    @property
    def classes(self) -> tuple[str, ...]:
        return self.manifest.classes

    def detect(self, images: Sequence[Image]) -> list[Detections]:
        """Detect in n RGB pictures (height, width, 3) uint8 of any size, one Detections each.

        Pictures that need the same input shape run as one batch.
        """
        found = [Detections.empty()] * len(images)
        for shape, rows in self._by_shape(images).items():
            raw, fits = self._run([images[row] for row in rows], shape)
            for row, seen in zip(rows, suppression.decode(raw, fits, self._limits), strict=True):
                found[row] = seen
        return found

    def examine(self, image: Image, floor: float) -> tuple[Detections, Detections]:
        """Every class of every box with at least the score `floor`, to draw a curve; and what `detect` says."""
        raw, fits = self._run([image], self._shape(image))
        said = suppression.decode(raw, fits, self._limits)
        return suppression.decode_every(raw[0], fits[0], floor, OVERLAP), said[0]

    def _shape(self, image: Image) -> tuple[int, int]:
        size = self.manifest.input
        return letterbox.shape((image.shape[0], image.shape[1]), size.longest, size.area)

    def _by_shape(self, images: Sequence[Image]) -> dict[tuple[int, int], list[int]]:
        rows: dict[tuple[int, int], list[int]] = defaultdict(list)
        for row, image in enumerate(images):
            rows[self._shape(image)].append(row)
        return rows

    def _run(self, images: Sequence[Image], shape: tuple[int, int]) -> tuple[Floats, list[Fit]]:
        """The head's raw output (n, 4 + classes, anchors) and where each picture lies in its input."""
        batch = np.empty((len(images), 3, *shape), dtype=np.float32)
        fits = [letterbox.place(image, batch[index]) for index, image in enumerate(images)]
        return self.infer(batch), fits

    def infer(self, batch: Floats) -> Floats:
        """The head's raw output of a batch (n, 3, height, width), spread over the threads where it is large enough."""
        if self._pool is None or len(batch) < len(self._lanes):
            whole: Floats = self.session.run(None, {self._input: batch})[0]
            return whole
        parts = np.array_split(batch, len(self._lanes))
        return np.concatenate(list(self._pool.map(self._infer_one, self._lanes, parts)))

    def _infer_one(self, session: ort.InferenceSession, part: Floats) -> Floats:
        result: Floats = session.run(None, {self._input: part})[0]
        return result


def options(threads: int) -> ort.SessionOptions:
    """A session's options: so many threads, none of which spins while it waits."""
    chosen = ort.SessionOptions()
    chosen.intra_op_num_threads = threads
    chosen.inter_op_num_threads = 1
    # A spinning pool would burn the CPU that the demuxers need between two looks.
    chosen.add_session_config_entry("session.intra_op.allow_spinning", "0")
    chosen.log_severity_level = 3
    return chosen
