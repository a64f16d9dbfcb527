"""The input keeps the picture's shape, costs about the same whatever that is, and boxes come back to their place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference import letterbox

LONGEST, AREA = 640, 512 * 512


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        ((1080, 1920), (384, 640)),
        ((720, 1280), (384, 640)),
        ((576, 704), (480, 576)),
        ((512, 512), (512, 512)),
        ((1920, 1080), (640, 384)),
        ((234, 416), (384, 640)),
        ((10, 2000), (32, 640)),
    ],
)
def test_the_shape_follows_the_picture(picture: tuple[int, int], expected: tuple[int, int]) -> None:
    assert letterbox.shape(picture, LONGEST, AREA) == expected


@given(st.tuples(st.integers(16, 4000), st.integers(16, 4000)))
def test_any_picture_fits_and_none_costs_much_more(picture: tuple[int, int]) -> None:
    height, width = letterbox.shape(picture, LONGEST, AREA)
    assert height % 32 == width % 32 == 0
    assert max(height, width) <= LONGEST
    assert height * width <= AREA * 1.13 + 32 * LONGEST
    place = letterbox.fit(picture, (height, width))
    assert place.height <= height
    assert place.width <= width


def test_a_picture_lies_in_the_middle_of_grey_planar_between_zero_and_one() -> None:
    blue = np.zeros((100, 400, 3), np.uint8)
    blue[:, :, 2] = 255
    target = np.empty((3, 320, 640), dtype=np.float32)
    place = letterbox.place(blue, target)
    assert (place.left, place.top, place.width, place.height) == (0, 80, 640, 160)
    assert target[:, 160, 300].tolist() == [0.0, 0.0, 1.0]
    assert target[:, 10, 10].tolist() == pytest.approx([114 / 255] * 3)


def test_boxes_come_back_to_their_place() -> None:
    place = letterbox.fit((100, 400), (320, 640))
    boxes = np.array([[160, 80, 320, 160]], dtype=np.float32)
    assert place.relative(boxes)[0].tolist() == pytest.approx([0.25, 0.0, 0.5, 0.5])
