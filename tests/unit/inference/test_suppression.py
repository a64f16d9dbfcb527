"""From the head's raw output to detections: thresholds per class, exclusive classes, curves."""

import numpy as np

from inference.letterbox import Fit
from inference.suppression import Limits, decode, decode_every

WHOLE = Fit(0, 0, 100, 100)
CLASSES = 3  # rat, cat, person


def head(*rows: tuple[float, float, float, float, tuple[float, float, float]]) -> np.ndarray:
    """(1, 4 + classes, anchors) from centre, size and scores."""
    return np.array([[x, y, w, h, *scores] for x, y, w, h, scores in rows], dtype=np.float32).T[None]


def limits(groups: tuple[int, int, int], least: float = 0.4) -> Limits:
    return Limits(np.full(CLASSES, least, dtype=np.float32), np.array(groups, dtype=np.int16), 0.5)


CAT_AND_RAT = head((50, 50, 20, 10, (0.5, 0.1, 0.0)), (50, 51, 20, 10, (0.1, 0.8, 0.0)), (20, 50, 10, 30, (0, 0, 0.9)))


def test_of_exclusive_classes_at_one_place_the_surer_one_stands() -> None:
    (apart,) = decode(CAT_AND_RAT, [WHOLE], limits((0, 1, 2)))
    assert sorted(apart.classes.tolist()) == [0, 1, 2]
    (exclusive,) = decode(CAT_AND_RAT, [WHOLE], limits((0, 0, 2)))
    assert sorted(exclusive.classes.tolist()) == [1, 2]


def test_exclusive_things_at_two_places_both_stand() -> None:
    raw = head((20, 20, 10, 10, (0.5, 0, 0)), (70, 70, 10, 10, (0, 0.8, 0)))
    (found,) = decode(raw, [WHOLE], limits((0, 0, 2)))
    assert sorted(found.classes.tolist()) == [0, 1]


def test_what_no_class_is_sure_of_is_nothing() -> None:
    (found,) = decode(CAT_AND_RAT, [WHOLE], limits((0, 1, 2), 0.95))
    assert len(found) == 0


def test_for_a_curve_every_class_of_every_anchor_counts() -> None:
    found = decode_every(CAT_AND_RAT[0], WHOLE, 0.1, 0.5)
    # the weaker rat and the weaker cat lie on the surer ones of their own class
    assert sorted(zip(found.classes.tolist(), (round(float(s), 2) for s in found.scores), strict=True)) == [
        (0, 0.5),
        (1, 0.8),
        (2, 0.9),
    ]
