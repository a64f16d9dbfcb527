"""Crops: the head with room for a hat, the upper body, and what is cut of a picture."""

import numpy as np
import pytest

from inference.crop import cut, head_of_face, head_region, pixels, upper_body
from inference.detections import Floats, Image
from models.boxes import Box
from models.labelling import head_of


def boxes(*rows: tuple[float, float, float, float]) -> Floats:
    return np.array(rows, dtype=np.float32)


def picture(height: int, width: int) -> Image:
    """Red left half, blue right half."""
    image = np.zeros((height, width, 3), dtype=np.uint8)
    image[:, : width // 2, 0], image[:, width // 2 :, 2] = 255, 255
    return image


def test_a_head_gets_room_for_a_hat() -> None:
    assert head_region(boxes((0.4, 0.4, 0.5, 0.6)))[0] == pytest.approx((0.395, 0.34, 0.505, 0.6))


def test_the_head_of_a_face_is_the_one_that_the_detector_learns() -> None:
    taught = head_of(Box("with_mask", 0.5, 0.5, 0.1, 0.2)).corners
    assert head_of_face(boxes((0.45, 0.4, 0.55, 0.6)))[0] == pytest.approx(taught)


def test_a_whole_person_is_cut_to_the_upper_body_by_pixels() -> None:
    # 1280 × 720: the box is 128 pixels wide, so that 192 pixels of height are left.
    tall, short = upper_body(boxes((0.1, 0.2, 0.2, 1.0), (0.1, 0.2, 0.2, 0.3)), 1280 / 720)
    assert (tall[3] - tall[1]) * 720 == pytest.approx(192, abs=0.01)
    assert short == pytest.approx((0.1, 0.2, 0.2, 0.3))


def test_a_crop_keeps_its_shape_in_the_middle_of_grey() -> None:
    square = cut(picture(100, 100), boxes((0.0, 0.0, 0.5, 1.0))[0], 128)
    assert square.shape == (128, 128, 3)
    assert (square[:, :32] == 114).all()
    assert (square[:, 96:] == 114).all()
    assert (square[:, 33:95] == (255, 0, 0)).all()


def test_what_lies_beyond_the_picture_is_left_out() -> None:
    assert pixels(picture(100, 200), boxes((-0.2, -0.1, 0.25, 1.3))[0]) == (0, 0, 50, 100)
    square = cut(picture(100, 100), boxes((0.5, 0.0, 1.5, 1.0))[0], 64)
    assert (square[:, 17:47] == (0, 0, 255)).all()


@pytest.mark.parametrize("box", [(0.5, 0.5, 0.5, 0.5), (1.0, 1.0, 1.2, 1.2), (-0.5, -0.5, -0.1, -0.1)])
def test_an_empty_box_is_a_pixel(box: tuple[float, float, float, float]) -> None:
    assert cut(picture(100, 100), boxes(box)[0], 32).shape == (32, 32, 3)
