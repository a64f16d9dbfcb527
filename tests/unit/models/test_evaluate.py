"""Counting hits, misses and false alarms against truth that is known only in part."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from inference.detections import Detections
from models.boxes import Box
from models.evaluate import at, choose_thresholds, figures, tallies
from models.truth import Labelled

CLASSES = ("bin", "bin_open", "rat")


class Fake:
    """Says the same of every picture: candidates, and those of them that reach their threshold."""

    classes = CLASSES

    def __init__(self, *found: tuple[str, float, tuple[float, float, float, float]], threshold: float = 0.4) -> None:
        self.found, self.threshold = found, threshold

    def examine(self, image: object, floor: float) -> tuple[Detections, Detections]:
        every = Detections.of(
            [box for _, _, box in self.found],
            [score for _, score, _ in self.found],
            [CLASSES.index(name) for name, _, _ in self.found],
        )
        return every, every[every.scores >= self.threshold]


LEFT, RIGHT = (0.1, 0.1, 0.3, 0.3), (0.6, 0.6, 0.8, 0.8)


def box(name: str, corners: tuple[float, float, float, float]) -> Box:
    left, top, right, bottom = corners
    return Box(name, (left + right) / 2, (top + bottom) / 2, right - left, bottom - top)


def judged(fake: Fake, tmp_path: Path, known: set[str], *boxes: Box) -> dict[str, object]:
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), np.zeros((8, 8, 3), np.uint8))
    picture = Labelled(path, "x", boxes, frozenset(known))
    counted = tallies(fake, [picture])  # type: ignore[arg-type]
    return dict(figures(counted, dict.fromkeys(CLASSES, 0.4)))


def test_a_hit_a_miss_and_a_false_alarm(tmp_path: Path) -> None:
    found = judged(
        Fake(("rat", 0.9, LEFT), ("rat", 0.5, (0, 0.5, 0.1, 0.6))),
        tmp_path,
        {"rat"},
        box("rat", LEFT),
        box("rat", RIGHT),
    )
    rat = found["rat"]
    assert (rat.boxes, rat.pictures, rat.ap50, rat.precision, rat.recall) == (2, 1, 0.5, 0.5, 0.5)  # type: ignore[attr-defined]


def test_what_is_not_known_of_a_picture_is_not_judged(tmp_path: Path) -> None:
    assert set(judged(Fake(("rat", 0.9, LEFT)), tmp_path, {"bin"})) == {"bin"}


def test_a_detection_under_a_veil_counts_neither_way(tmp_path: Path) -> None:
    found = judged(
        Fake(("rat", 0.9, LEFT), ("rat", 0.8, RIGHT)), tmp_path, {"rat"}, box("~rat", LEFT), box("rat", RIGHT)
    )
    assert (found["rat"].precision, found["rat"].ap50) == (1.0, 1.0)  # type: ignore[attr-defined]


def test_an_open_bin_is_a_bin_whichever_of_both_says_so(tmp_path: Path) -> None:
    found = judged(
        Fake(("bin_open", 0.9, LEFT), ("bin", 0.9, RIGHT)), tmp_path, {"bin"}, box("bin", LEFT), box("bin_open", RIGHT)
    )
    assert found["bin"].ap50 == 1.0  # type: ignore[attr-defined]


def test_a_weak_candidate_counts_for_the_curve_only(tmp_path: Path) -> None:
    found = judged(Fake(("rat", 0.1, LEFT)), tmp_path, {"rat"}, box("rat", LEFT))
    rat = found["rat"]
    assert (rat.ap50, rat.precision, rat.recall) == (1.0, None, 0.0)  # type: ignore[attr-defined]


def test_thresholds_are_read_from_the_curve_before_a_detector_has_them(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), np.zeros((8, 8, 3), np.uint8))
    picture = Labelled(path, "x", (box("rat", LEFT),), frozenset({"rat"}))
    counted = tallies(Fake(("rat", 0.55, LEFT), ("rat", 0.3, RIGHT)), [picture])  # type: ignore[arg-type]
    chosen = choose_thresholds(counted, CLASSES)
    assert chosen["rat"] == pytest.approx(0.31)
    row = at(counted, chosen)["rat"]
    assert (row.precision, row.recall) == (1.0, 1.0)
