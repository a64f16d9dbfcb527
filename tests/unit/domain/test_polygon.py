"""Polygons: which are of use, and what exactly is wrong with the others."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.camera import Point
from domain.polygon import Fault, Flaw, area, flaw

SQUARE = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))


def test_a_simple_polygon_is_of_use_whichever_way_round() -> None:
    assert flaw(SQUARE) is None
    assert flaw(SQUARE[::-1]) is None
    assert flaw(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))) is None  # the whole picture
    assert flaw(((0.1, 0.1), (0.9, 0.1), (0.5, 0.3), (0.9, 0.9), (0.1, 0.9))) is None  # hollow
    assert flaw(((0.1, 0.1), (0.5, 0.1), (0.9, 0.1), (0.9, 0.9))) is None  # a point on a straight side
    assert area(SQUARE) == pytest.approx(0.64)


@pytest.mark.parametrize(
    "polygon, wanted",
    [
        ((), Flaw(Fault.FEW, 0)),
        (SQUARE[:2], Flaw(Fault.FEW, 2)),
        (SQUARE * 11, Flaw(Fault.MANY, 44)),
        ((*SQUARE[:3], (0.1, 1.01)), Flaw(Fault.OUTSIDE, 4, at=(0.1, 1.01))),
        (((-0.01, 0.1), *SQUARE[1:]), Flaw(Fault.OUTSIDE, 1, at=(-0.01, 0.1))),
        ((*SQUARE, (0.9, 0.1)), Flaw(Fault.TWICE, 2, 5, (0.9, 0.1))),
        (((0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9)), Flaw(Fault.CROSSING, 1, 3, (0.5, 0.5))),
        # A side that turns back upon the one before:
        (((0.1, 0.1), (0.9, 0.1), (0.5, 0.1), (0.5, 0.9)), Flaw(Fault.CROSSING, 1, 2, (0.9, 0.1))),
        (
            ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.5, 0.1), (0.1, 0.9)),
            Flaw(Fault.CROSSING, 1, 3, (0.5, 0.1)),
        ),  # touches
        (((0.1, 0.1), (0.11, 0.1), (0.1, 0.11)), Flaw(Fault.SMALL)),
    ],
)
def test_the_first_fault_is_named_with_its_place(polygon: tuple[Point, ...], wanted: Flaw) -> None:
    found = flaw(polygon)
    assert found is not None
    assert (found.fault, found.a, found.b) == (wanted.fault, wanted.a, wanted.b)
    assert found.at == pytest.approx(wanted.at)


def test_what_is_no_number_is_outside() -> None:
    found = flaw(((math.nan, 0.1), *SQUARE[1:]))
    assert found is not None
    assert found.fault is Fault.OUTSIDE


@given(st.lists(st.floats(0.25, 0.5), min_size=5, max_size=20))
def test_a_star_around_a_middle_never_crosses_itself_and_two_swapped_neighbours_do(radii: list[float]) -> None:
    step = 2 * math.pi / len(radii)
    star = [(0.5 + r * math.cos(i * step), 0.5 + r * math.sin(i * step)) for i, r in enumerate(radii)]
    assert flaw(tuple(star)) is None
    even = [(0.5 + 0.4 * math.cos(i * step), 0.5 + 0.4 * math.sin(i * step)) for i in range(len(radii))]
    even[1], even[2] = even[2], even[1]
    swapped = flaw(tuple(even))
    assert swapped is not None
    assert swapped.fault is Fault.CROSSING
