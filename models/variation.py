"""Variations of a crop, as a camera might have seen it: what training shows in place of the crop itself."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator

from inference import crop
from inference.detections import Image
from inference.traits import State, Trait
from models.crop_index import SIZE, Crop

CLEAREST = 40
"""A cigarette is not made smaller than in a crop of so many pixels: it would be gone."""


def varied(image: Image, each: Crop, random: Generator) -> Image:
    """One variation of a crop as an RGB square of SIZE pixels."""
    box = np.array(each.corners, dtype=np.float32)
    size = box[2:] - box[:2]
    centre = (box[:2] + box[2:]) / 2 + size * random.uniform(-0.15, 0.15, 2)
    half = size / 2 * random.uniform(0.87, 1.15, 2)
    square = crop.cut(image, np.concatenate((centre - half, centre + half)).astype(np.float32), SIZE)
    if random.random() < 0.5:
        square = square[:, ::-1]
    smokes = each.states[Trait.CIGARETTE] == State.WORN
    for chance, change in _CHANGES:
        if random.random() < chance:
            square = change(square, random)
    if random.random() < 0.5:
        square = _far(square, random, CLEAREST if smokes else 20)
    return np.ascontiguousarray(square)


def _far(square: Image, random: Generator, least: int) -> Image:
    """As if the crop had fewer pixels, as at a camera's distance; often coarsely encoded there."""
    side = int(random.integers(least, 61))
    small = np.asarray(cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    if random.random() < 0.4:
        small = _encoded(small, random)
    return np.asarray(cv2.resize(small, (SIZE, SIZE), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _encoded(square: Image, random: Generator) -> Image:
    quality = int(random.integers(25, 80))
    _, code = cv2.imencode(".jpg", np.ascontiguousarray(square), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR), dtype=np.uint8)


def _lit(square: Image, random: Generator) -> Image:
    """Other brightness, contrast, saturation and tint."""
    values = square.astype(np.float32)
    grey = values.mean(axis=2, keepdims=True)
    values = grey + (values - grey) * random.uniform(0.4, 1.5)
    middle = values.mean()
    values = middle + (values - middle) * random.uniform(0.6, 1.35)
    values = values * (random.uniform(0.55, 1.4) * random.uniform(0.92, 1.08, 3))
    return np.asarray(np.clip(values, 0, 255), dtype=np.uint8)


def _infrared(square: Image, random: Generator) -> Image:
    grey = square @ random.dirichlet((2, 3, 1))
    return np.repeat(np.clip(grey, 0, 255)[:, :, None], 3, axis=2).astype(np.uint8)


def _blurred(square: Image, random: Generator) -> Image:
    if random.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(square, (0, 0), random.uniform(0.6, 2.0)), dtype=np.uint8)
    length = int(random.integers(3, 10))
    kernel = np.zeros((length, length), dtype=np.float32)
    kernel[length // 2] = 1 / length
    kernel = kernel.T if random.random() < 0.3 else kernel
    return np.asarray(cv2.filter2D(square, -1, kernel), dtype=np.uint8)


def _noisy(square: Image, random: Generator) -> Image:
    noise = random.normal(0, random.uniform(2, 12), square.shape)
    return np.clip(square + noise, 0, 255).astype(np.uint8)


def _covered(square: Image, random: Generator) -> Image:
    """A small patch of one colour over it."""
    wide, high = random.integers(10, 33, 2)
    left, top = random.integers(0, SIZE - 10, 2)
    result = square.copy()
    result[top : top + high, left : left + wide] = random.integers(0, 256, 3)
    return result


Change = Callable[[Image, Generator], Image]
_CHANGES: tuple[tuple[float, Change], ...] = (
    (0.8, _lit),
    (0.1, _infrared),
    (0.2, _covered),
    (0.15, _blurred),
    (0.15, _noisy),
    (0.25, _encoded),
)
