"""Torsos: how much of one the picture shows."""

import numpy as np
import pytest

from inference.detections import Floats
from inference.torso import visible

NO_HEAD = (float("nan"),) * 4


def boxes(*rows: tuple[float, float, float, float]) -> Floats:
    return np.array(rows, dtype=np.float32)


def share(person: tuple[float, float, float, float], head: tuple[float, float, float, float] = NO_HEAD) -> float:
    return float(visible(boxes(person), boxes(head), 1.0)[0])


def test_who_stands_free_shows_it_whole() -> None:
    assert share((0.4, 0.2, 0.6, 0.9), (0.45, 0.2, 0.55, 0.32)) == 1.0
    assert share((0.4, 0.2, 0.6, 0.9)) == 1.0


def test_the_lower_edge_cuts_it() -> None:
    # The torso is two heads long: from 0.8 to 1.2.
    assert share((0.3, 0.6, 0.7, 1.0), (0.4, 0.6, 0.6, 0.8)) == pytest.approx(0.5)
    assert share((0.3, 0.8, 0.7, 1.0), (0.4, 0.8, 0.6, 0.99)) < 0.1
    assert share((0.3, 0.85, 0.7, 1.0)) < 0.5  # by its width this one is far from whole
    assert share((0.4, 0.4, 0.7, 1.0)) == 1.0


def test_the_side_cuts_it() -> None:
    assert share((0.0, 0.3, 0.3, 1.0), (0.0, 0.3, 0.06, 0.5)) < 0.8


def test_a_nearer_person_hides_it_and_a_farther_one_does_not() -> None:
    people = boxes((0.4, 0.1, 0.6, 0.6), (0.35, 0.2, 0.65, 0.9))
    heads = boxes((0.45, 0.1, 0.55, 0.19), (0.45, 0.2, 0.55, 0.32))
    assert visible(people, heads, 1.0).tolist() == [0.0, 1.0]


def test_of_two_whom_the_edge_cuts_the_larger_is_nearer() -> None:
    people = boxes((0.4, 0.4, 0.6, 1.0), (0.3, 0.2, 0.7, 1.0))
    assert visible(people, boxes(NO_HEAD, NO_HEAD), 1.0).tolist() == [0.0, 1.0]


def test_nobody() -> None:
    assert visible(np.empty((0, 4), np.float32), np.empty((0, 4), np.float32), 1.0).tolist() == []
