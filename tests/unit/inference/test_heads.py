"""Heads: detected or taken from a face, and whose they are."""

import numpy as np
import pytest

from inference.detections import Detections, Floats
from inference.heads import NOBODY, find, link, suspected

CLASSES = ("person", "head", "with_mask", "without_mask")


def boxes(*rows: tuple[float, float, float, float]) -> Floats:
    return np.array(rows, dtype=np.float32).reshape(-1, 4)


def seen(*rows: tuple[str, tuple[float, float, float, float]]) -> Detections:
    return Detections.of([box for _, box in rows], [0.9] * len(rows), [CLASSES.index(name) for name, _ in rows])


def test_a_face_in_a_head_is_that_heads_face() -> None:
    found = find(seen(("head", (0.4, 0.1, 0.5, 0.4)), ("with_mask", (0.42, 0.2, 0.48, 0.38))), CLASSES)
    assert len(found.boxes) == 1
    assert found.faces == pytest.approx([0.18])


def test_a_face_without_a_head_gives_one() -> None:
    found = find(seen(("head", (0.1, 0.1, 0.2, 0.3)), ("without_mask", (0.6, 0.2, 0.7, 0.4))), CLASSES)
    assert found.boxes[1] == pytest.approx((0.58, 0.11, 0.72, 0.41))
    assert found.faces == pytest.approx([0.2 / 1.5, 0.2])


def test_a_model_without_heads_has_its_faces() -> None:
    one = Detections.of([[0.6, 0.2, 0.7, 0.4]], [0.9], [1])
    assert len(find(one, ("person", "with_mask")).boxes) == 1
    assert len(find(Detections.empty(), ("person",)).boxes) == 0


def test_a_head_belongs_to_whom_it_tops() -> None:
    people = boxes((0.1, 0.2, 0.3, 0.9), (0.28, 0.2, 0.5, 0.9))
    heads = boxes((0.35, 0.2, 0.43, 0.35), (0.16, 0.2, 0.24, 0.35))
    assert link(people, heads, 16 / 9).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("head", "owner"),
    [
        ((0.45, 0.18, 0.55, 0.3), 0),  # peeps out at the top
        ((0.45, 0.4, 0.55, 0.5), 0),
        ((0.45, 0.6, 0.55, 0.7), NOBODY),  # below the upper 45 %
        ((0.65, 0.2, 0.75, 0.3), NOBODY),  # beside
    ],
)
def test_a_head_is_in_the_upper_part(head: tuple[float, float, float, float], owner: int) -> None:
    assert link(boxes((0.4, 0.2, 0.6, 0.9)), boxes(head), 1.0).tolist() == [owner]


def test_of_two_heads_a_person_has_the_one_nearest_to_the_top() -> None:
    heads = boxes((0.42, 0.35, 0.48, 0.45), (0.46, 0.2, 0.54, 0.3))
    assert link(boxes((0.4, 0.2, 0.6, 0.9)), heads, 1.0).tolist() == [1]


def test_one_head_is_not_two_peoples() -> None:
    people = boxes((0.4, 0.2, 0.6, 0.9), (0.42, 0.2, 0.62, 0.9))
    assert link(people, boxes((0.46, 0.2, 0.54, 0.3)), 1.0).tolist() == [0, NOBODY]


def scored(*rows: tuple[str, float, tuple[float, float, float, float]]) -> Detections:
    return Detections.of(
        [box for _, _, box in rows], [score for _, score, _ in rows], [CLASSES.index(name) for name, _, _ in rows]
    )


HEAD, PERSON = (0.4, 0.1, 0.5, 0.3), (0.35, 0.1, 0.55, 0.9)


def test_hardly_likely_heads_and_faces_are_suspected_and_less_likely_ones_are_not() -> None:
    found = suspected(scored(("head", 0.05, HEAD), ("head", 0.04, (0.8, 0.8, 0.9, 0.9))), CLASSES, 1.0)
    assert found == pytest.approx(boxes(HEAD))
    face = suspected(scored(("without_mask", 0.06, (0.6, 0.2, 0.7, 0.4))), CLASSES, 1.0)
    assert face == pytest.approx(boxes((0.58, 0.11, 0.72, 0.41)))


def test_a_person_with_a_sure_head_needs_no_more() -> None:
    assert suspected(scored(("head", 0.5, HEAD), ("person", 0.9, PERSON)), CLASSES, 1.0) == pytest.approx(boxes(HEAD))


def test_beside_an_unsure_head_the_upper_part_of_its_person_is_suspected_too() -> None:
    found = suspected(scored(("head", 0.2, HEAD), ("person", 0.9, PERSON)), CLASSES, 1.0)
    assert found == pytest.approx(boxes(HEAD, (0.35, 0.1, 0.55, 0.34)))


def test_of_a_bust_the_width_tells_how_high_a_head_may_be() -> None:
    (bust,) = suspected(scored(("person", 0.3, (0.2, 0.5, 0.6, 0.8))), CLASSES, 1.0)
    assert bust == pytest.approx((0.2, 0.5, 0.6, 0.8))  # all of it


def test_who_has_nothing_but_other_things_suspects_nothing() -> None:
    assert len(suspected(Detections.empty(), CLASSES, 1.0)) == 0
    assert len(suspected(Detections.of([HEAD], [0.9], [0]), ("phone",), 1.0)) == 0
