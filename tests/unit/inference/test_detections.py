"""Detections, letterbox and suppression: shapes, mapping back, greedy choice."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference import letterbox, suppression
from inference.detections import Detections, iou
from inference.traits import State, Trait


def test_boolean_mask_selects_rows() -> None:
    found = Detections.of([[0, 0, 1, 1], [0, 0, 0.5, 0.5]], [0.9, 0.2], [1, 2])
    kept = found[found.scores > 0.5]
    assert len(kept) == 1
    assert kept.classes.tolist() == [1]


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="same length"):
        Detections.of([[0, 0, 1, 1]], [0.9, 0.1], [1, 1])


def test_traits_begin_unseen_and_go_with_their_row() -> None:
    found = Detections.of([[0, 0, 1, 1], [0, 0, 0.5, 0.5]], [0.9, 0.2], [1, 2])
    assert found.traits.tolist() == [[State.NOT_VISIBLE] * len(Trait)] * 2
    assert found.sureness.tolist() == [[0.0] * len(Trait)] * 2
    traits, sureness = np.zeros((2, 4), dtype=np.int8), np.zeros((2, 4), dtype=np.float32)
    traits[1, Trait.CLOTHES], sureness[1, Trait.CLOTHES] = State.BARE, 0.75
    looked = found.with_traits(traits, sureness).with_tracks(np.array([7, 8], dtype=np.int32))[np.array([1])]
    assert (looked.traits[0, Trait.CLOTHES], looked.sureness[0, Trait.CLOTHES]) == (State.BARE, 0.75)
    assert looked.tracks.tolist() == [8]


def test_traits_have_one_column_each() -> None:
    with pytest.raises(ValueError, match=r"shape \(1, 4\)"):
        Detections.of([[0, 0, 1, 1]], [1], [0]).with_traits(np.zeros((1, 3), np.int8), np.zeros((1, 3), np.float32))


def test_feet_are_the_bottom_centres() -> None:
    found = Detections.of([[0.2, 0.1, 0.4, 0.8]], [1], [0])
    assert found.feet[0].tolist() == pytest.approx([0.3, 0.8])


def test_iou_of_a_half_overlap() -> None:
    one = np.array([[0, 0, 2, 2]], dtype=np.float32)
    other = np.array([[1, 0, 3, 2], [5, 5, 6, 6]], dtype=np.float32)
    assert iou(one, other)[0].tolist() == pytest.approx([1 / 3, 0.0])


@given(height=st.integers(20, 2000), width=st.integers(20, 2000), box=st.tuples(*[st.floats(0.1, 0.9)] * 4))
def test_letterbox_maps_boxes_back(height: int, width: int, box: tuple[float, float, float, float]) -> None:
    where = letterbox.fit((height, width), (384, 640))
    x1, y1 = min(box[0], box[2]), min(box[1], box[3])
    relative = np.array([[x1, y1, x1 + 0.05, y1 + 0.05]], dtype=np.float32)
    scale = np.array([where.width, where.height] * 2, dtype=np.float32)
    pixels = relative * scale + np.array([where.left, where.top] * 2, dtype=np.float32)
    assert np.allclose(where.relative(pixels), relative, atol=1e-4)


def test_letterbox_pads_with_grey_and_keeps_the_shape() -> None:
    target = np.empty((3, 384, 640), dtype=np.float32)
    where = letterbox.place(np.full((100, 100, 3), 255, dtype=np.uint8), target)
    assert (where.width, where.height) == (384, 384)
    assert target[0, 0, 0] == pytest.approx(114 / 255)
    assert target[:, 192, 320].tolist() == pytest.approx([1.0, 1.0, 1.0])


def _raw(
    rows: list[tuple[float, float, float, float, float, float]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.array([rows], dtype=np.float32).transpose(0, 2, 1)


def test_decode_keeps_the_best_of_each_class_and_honours_thresholds() -> None:
    raw = _raw(
        [
            (50, 50, 20, 20, 0.9, 0.0),
            (51, 50, 20, 20, 0.8, 0.0),  # the same thing
            (50, 50, 20, 20, 0.0, 0.7),  # another class at the same place
            (80, 80, 10, 10, 0.3, 0.0),  # below its class's threshold
            (20, 80, 10, 10, 0.0, 0.3),  # above its own
        ]
    )
    fits = [letterbox.Fit(0, 0, 100, 100)]
    limits = suppression.Limits(np.array([0.5, 0.25], dtype=np.float32), np.array([0, 1], dtype=np.int16), 0.5)
    (found,) = suppression.decode(raw, fits, limits)
    assert sorted(zip(found.classes.tolist(), found.scores.round(2).tolist(), strict=True)) == [
        (0, pytest.approx(0.9)),
        (1, pytest.approx(0.3)),
        (1, pytest.approx(0.7)),
    ]
    assert found.boxes[0].tolist() == pytest.approx([0.4, 0.4, 0.6, 0.6])
