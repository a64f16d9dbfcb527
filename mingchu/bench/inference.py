"""`mingchu bench inference`: both models against the bare ONNX Runtime session on the same input, in turns.

Where ultralytics is installed, its own `predict` on the same file is timed in the same turns.
"""

import importlib
import importlib.util
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference import crop, letterbox
from inference.detector import Detector
from inference.trait_reader import TraitReader, planes
from mingchu.bench.figure import Figure

ROUNDS = 40
FRAME = (720, 1280)  # what a camera sends; 640 wide in the network
BATCH = 8
CROPS = 8

Image = NDArray[np.uint8]
Call = Callable[[], object]


def measure(weights: Path, traits: Path, rounds: int = ROUNDS) -> dict[str, Figure]:
    """Time one frame through `Detector.detect` and the same tensor through `session.run`, alternating; and the rest."""
    frame = np.random.default_rng(1).integers(0, 255, (*FRAME, 3), dtype=np.uint8)
    detector = Detector.open(weights, threads=1)
    calls: list[Call] = [lambda: detector.detect([frame]), _bare(detector, [frame])]
    usual = _usual(weights.with_name(detector.manifest.file), frame)
    whole, bare, *other = _in_turns([*calls, *([usual] if usual else [])], rounds)
    figures = {
        "detect_ms": Figure(whole, "ms", limit=bare, bar=45.0),
        "detect_over_session": Figure(whole / bare, "ratio", bar=1.15),
        "session_ms": Figure(bare, "ms"),
    }
    if usual:
        figures["ultralytics_predict_ms"] = Figure(other[0], "ms", limit=bare)
        figures |= _against(usual, calls[0], rounds)
    return {**figures, **_crops(traits, rounds), **_scaling(weights, frame, max(4, rounds // 4))}


def _bare(detector: Detector, frames: Sequence[Image]) -> Call:
    """The same frames as a tensor made beforehand, through the session alone."""
    size = detector.manifest.input
    shape = letterbox.shape(FRAME, size.longest, size.area)
    tensor = np.empty((len(frames), 3, *shape), dtype=np.float32)
    for row, frame in enumerate(frames):
        letterbox.place(frame, tensor[row])
    feed = {detector.session.get_inputs()[0].name: tensor}
    return lambda: detector.session.run(None, feed)


def _usual(network: Path, frame: Image) -> Call | None:
    """ultralytics' predict on the same file, as its documentation shows it; None where it is not installed."""
    if importlib.util.find_spec("ultralytics") is None:
        return None
    importlib.import_module("torch").set_num_threads(1)
    yolo: Any = importlib.import_module("ultralytics").YOLO(str(network), task="detect")
    bgr = np.ascontiguousarray(frame[:, :, ::-1])

    return lambda: yolo.predict(bgr, imgsz=(384, 640), device="cpu", verbose=False)


def _against(usual: Call, ours: Call, rounds: int) -> dict[str, Figure]:
    """What both cost of all cores: ultralytics' session takes every core that there is, ours one."""
    theirs, own = _cpu(usual, rounds), _cpu(ours, rounds)
    return {
        "detect_cpu_ms": Figure(own, "ms"),
        "ultralytics_predict_cpu_ms": Figure(theirs, "ms"),
        "ultralytics_cpu_over_detect": Figure(theirs / own, "ratio"),
    }


def _cpu(call: Call, rounds: int) -> float:
    """Milliseconds of all cores that one call takes."""
    call()
    began = time.process_time()
    for _ in range(rounds):
        call()
    return (time.process_time() - began) * 1000 / rounds


def _crops(traits: Path, rounds: int) -> dict[str, Figure]:
    """One crop through the classifier, from its pixels to its states, as a part of a batch."""
    reader = TraitReader.open(traits, threads=1)
    parts = list(np.random.default_rng(2).integers(0, 255, (CROPS, 96, 80, 3), dtype=np.uint8))
    whole, size = np.array((0, 0, 1, 1), dtype=np.float32), reader.manifest.input.size
    blob = planes([crop.cut(part, whole, size) for part in parts])
    feed = {reader.session.get_inputs()[0].name: blob}
    calls: list[Call] = [
        lambda: reader.look([crop.cut(part, whole, size) for part in parts]),
        lambda: reader.session.run(None, feed),
    ]
    spent, bare = _in_turns(calls, rounds)
    return {"crop_ms": Figure(spent / CROPS, "ms", limit=bare / CROPS, bar=3.0)}


def _scaling(weights: Path, frame: Image, rounds: int) -> dict[str, Figure]:
    """Frames per second on two cores over those on one: two sessions side by side, and a detector of two threads."""
    one, other, wide = (Detector.open(weights, threads) for threads in (1, 1, 2))
    single = _rate(_bare(one, [frame]), rounds)
    both = _rate_of_both(_bare(one, [frame]), _bare(other, [frame]), rounds)
    frames = [frame] * BATCH
    narrow, broad = (_rate(partial(detector.detect, frames), rounds // 2) for detector in (one, wide))
    return {
        "two_sessions_scale": Figure(both / single, "ratio", bar=1.7, sense="at least"),
        "batch_on_two_threads_scale": Figure(broad / narrow, "ratio", bar=1.7, sense="at least"),
        "batch_over_single": Figure(narrow * BATCH / single, "ratio"),
    }


def _rate(call: Call, rounds: int) -> float:
    """Calls per second, after one that does not count."""
    call()
    start = time.perf_counter()
    for _ in range(rounds):
        call()
    return rounds / (time.perf_counter() - start)


def _rate_of_both(one: Call, other: Call, rounds: int) -> float:
    """Calls per second of two threads together."""
    rates: list[float] = []
    threads = [threading.Thread(target=lambda call=call: rates.append(_rate(call, rounds))) for call in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(rates)


def _in_turns(calls: Sequence[Call], rounds: int) -> list[float]:
    """Median milliseconds of each, after three rounds that do not count."""
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds + 3):
        for call, spent in zip(calls, times, strict=True):
            start = time.perf_counter()
            call()
            spent.append((time.perf_counter() - start) * 1000)
    return [statistics.median(spent[3:]) for spent in times]
