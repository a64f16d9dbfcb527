"""`mingchu bench inference`: the detector against the bare ONNX Runtime session on the same input, in turns."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from inference import letterbox
from inference.detector import Detector
from mingchu.bench.figure import Figure

ROUNDS = 40
FRAME = (720, 1280)  # what a camera sends


def measure(weights: Path, rounds: int = ROUNDS) -> dict[str, Figure]:
    """Time one frame through `Detector.detect` and the same tensor through `session.run`, alternating."""
    detector = Detector.open(weights, threads=1)
    frame = np.random.default_rng(1).integers(0, 255, (*FRAME, 3), dtype=np.uint8)
    size = detector.manifest.input
    tensor = np.empty((1, 3, size.height, size.width), dtype=np.float32)
    letterbox.place(frame, tensor[0])
    feed = {detector.session.get_inputs()[0].name: tensor}
    whole, bare = _in_turns(lambda: detector.detect([frame]), lambda: detector.session.run(None, feed), rounds)
    return {
        "detect_ms": Figure(whole, "ms", limit=bare, bar=45.0),
        "detect_over_session": Figure(whole / bare, "ratio", bar=1.15),
        "session_ms": Figure(bare, "ms"),
    }


def _in_turns(one: Callable[[], object], other: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Median milliseconds of each, after three rounds that do not count."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds + 3):
        for call, spent in zip((one, other), times, strict=True):
            start = time.perf_counter()
            call()
            spent.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[0][3:]), statistics.median(times[1][3:])
