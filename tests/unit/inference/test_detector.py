"""The shipped detector: pictures of any shapes in one call, each answered as if it had come alone."""

from pathlib import Path

import numpy as np
import pytest

from inference.detections import Detections, Image
from inference.detector import Detector

WEIGHTS = Path(__file__).parents[3] / "models" / "weights" / "detector.toml"
SHAPES = ((90, 160), (128, 128), (90, 160), (128, 128), (90, 160))


def pictures() -> list[Image]:
    random = np.random.default_rng(5)
    return [random.integers(0, 255, (*shape, 3), dtype=np.uint8) for shape in SHAPES]


def told(seen: Detections) -> list[tuple[int, float]]:
    return [(kind, round(score, 3)) for _, score, kind, _ in seen]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_call_of_many_answers_each_picture_in_its_place(threads: int) -> None:
    detector, one = Detector.open(WEIGHTS, threads), Detector.open(WEIGHTS)
    together = detector.detect(pictures())
    assert [told(seen) for seen in together] == [told(one.detect([picture])[0]) for picture in pictures()]


def test_no_pictures_are_no_detections() -> None:
    assert Detector.open(WEIGHTS).detect([]) == []


def test_what_the_detector_says_is_among_its_candidates() -> None:
    detector = Detector.open(WEIGHTS)
    every, said = detector.examine(pictures()[1], 0.05)
    candidates = {(kind, round(score, 4)) for _, score, kind, _ in every}
    assert {(kind, round(score, 4)) for _, score, kind, _ in said} <= candidates
