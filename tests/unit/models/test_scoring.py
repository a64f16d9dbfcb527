"""Average precision, matching and thresholds against cases worked out by hand."""

import math

import numpy as np
import pytest

from models.boxes import overlap
from models.scoring import at_threshold, average_precision, choose_threshold, match, rank


def test_overlap_of_two_squares_by_hand() -> None:
    square = np.array([[0.0, 0.0, 2.0, 2.0]])
    others = np.array([[1.0, 0.0, 3.0, 2.0], [0.0, 0.0, 2.0, 2.0], [5.0, 5.0, 6.0, 6.0]])
    assert overlap(square, others)[0] == pytest.approx([1 / 3, 1.0, 0.0])


def test_a_truth_box_is_hit_once_and_by_the_surest_detection() -> None:
    truth = np.array([[0.0, 0.0, 1.0, 1.0]])
    boxes = np.array([[0.0, 0.0, 1.0, 0.9], [0.0, 0.0, 1.0, 1.0], [0.6, 0.6, 1.6, 1.6]])
    assert match(boxes, np.array([0.4, 0.9, 0.8]), truth).tolist() == [False, True, False]


def test_average_precision_of_five_detections_by_hand() -> None:
    # Hits at ranks 1, 3 and 4 of 5, of 4 truth boxes. Precision at the hits: 1, 2/3, 3/4; made monotone from the
    # right: 1, 3/4, 3/4. Each hit adds a quarter of recall: (1 + 3/4 + 3/4) / 4.
    ranked = rank([0.9, 0.8, 0.7, 0.6, 0.5], [True, False, True, True, False], truths=4)
    assert average_precision(ranked) == pytest.approx(0.625)


def test_average_precision_does_not_depend_on_the_order_given() -> None:
    ranked = rank([0.5, 0.7, 0.9, 0.6, 0.8], [False, True, True, True, False], truths=4)
    assert average_precision(ranked) == pytest.approx(0.625)


def test_without_truth_there_is_no_figure_and_without_detection_it_is_zero() -> None:
    assert math.isnan(average_precision(rank([0.9], [False], truths=0)))
    assert average_precision(rank([], [], truths=3)) == 0.0


def test_precision_and_recall_at_a_threshold() -> None:
    ranked = rank([0.9, 0.8, 0.7, 0.6, 0.5], [True, False, True, True, False], truths=4)
    assert at_threshold(ranked, 0.6) == pytest.approx((0.75, 0.75))
    precision, recall = at_threshold(ranked, 0.95)
    assert math.isnan(precision)
    assert recall == 0.0


def test_the_lowest_threshold_with_the_wanted_precision_is_chosen() -> None:
    ranked = rank([0.9, 0.8, 0.7, 0.4, 0.3], [True, True, True, True, False], truths=5)
    assert choose_threshold(ranked, wanted=0.9, lowest=0.2, highest=0.8) == 0.31


def test_a_class_that_never_reaches_the_precision_gets_its_best_compromise() -> None:
    ranked = rank([0.7, 0.6, 0.5, 0.3, 0.3, 0.3], [True, False, True, False, False, False], truths=2)
    assert choose_threshold(ranked, wanted=0.99, lowest=0.2, highest=0.6) == 0.31


def test_a_precision_bought_with_nearly_all_recall_is_not_taken() -> None:
    scores = [0.5, 0.35, 0.34, 0.33, 0.32, 0.31, 0.3]
    hits = [True, False, True, True, True, True, True]
    assert choose_threshold(rank(scores, hits, truths=8), wanted=0.9, lowest=0.2, highest=0.5) == 0.2
