"""The detector: pictures in, `Detections` out, by one ONNX Runtime session on the CPU."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort

from inference import letterbox, suppression, weights
from inference.detections import Detections, Image

OVERLAP = 0.5
DEFAULT_THRESHOLD = 0.4


class Detector:
    """One session. Not shared between threads that detect at the same time: open one for each."""

    def __init__(self, manifest: weights.Manifest, body: bytes, threads: int) -> None:
        self.manifest = manifest
        self.session = ort.InferenceSession(body, _options(threads), providers=["CPUExecutionProvider"])
        self._input: str = self.session.get_inputs()[0].name
        self._thresholds = np.array(
            [manifest.thresholds.get(name, DEFAULT_THRESHOLD) for name in manifest.classes], dtype=np.float32
        )

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
        """Detect in n RGB pictures (height, width, 3) uint8 of any size, in one batch; one Detections each."""
        if not images:
            return []
        size = self.manifest.input
        batch = np.empty((len(images), 3, size.height, size.width), dtype=np.float32)
        fits = [letterbox.place(image, batch[index]) for index, image in enumerate(images)]
        (raw,) = self.session.run(None, {self._input: batch})
        return suppression.decode(raw, fits, self._thresholds, OVERLAP)


def _options(threads: int) -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # A spinning pool would burn the CPU that the demuxers need between two looks.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options
