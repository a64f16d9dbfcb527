"""The trait reader: which crops are looked at, at which persons, and what becomes of the answers."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from inference.detections import Detections, Image
from inference.trait_reader import MOST, TraitReader, plan
from inference.trait_weights import Square, TraitManifest
from inference.traits import State, Trait

CLASSES = ("person", "head", "phone", "with_mask", "without_mask")
ALL = frozenset(Trait)
SIZE = (720, 1280)
GROUPS = {
    "hat": ("not_visible", "worn", "missing"),
    "mask": ("not_visible", "worn", "missing"),
    "clothes": ("not_visible", "worn", "missing", "bare"),
    "cigarette": ("not_visible", "worn", "missing"),
}
MANIFEST = TraitManifest("t", "1", "t.onnx", "", Square(32), GROUPS, dict.fromkeys(GROUPS, 0.6))
RED, GREEN, DULL = (255, 0, 0), (0, 255, 0), (128, 128, 128)

Box = tuple[float, float, float, float]


class Session:
    """Sees red crops as worn, green ones as missing (and bare), and is not sure of others."""

    def __init__(self) -> None:
        self.batches: list[Any] = []

    def get_inputs(self) -> list[Any]:
        return [SimpleNamespace(name="crops")]

    def run(self, names: None, feed: dict[str, Any]) -> list[Any]:
        batch = feed["crops"]
        self.batches.append(batch)
        middle = batch[:, :, 16, 16]
        raw = np.zeros((len(batch), 13), dtype=np.float32)
        raw[:, [1, 4, 7, 11]] = 5 * (middle[:, :1] > 0.9)
        raw[:, [2, 5, 9, 12]] = 5 * (middle[:, 1:2] > 0.9)
        return [raw]


def reader() -> tuple[TraitReader, Session]:
    session = Session()
    return TraitReader(MANIFEST, session), session


def seen(*rows: tuple[str, Box]) -> Detections:
    return Detections.of([box for _, box in rows], [0.9] * len(rows), [CLASSES.index(name) for name, _ in rows])


def painted(*parts: tuple[Box, tuple[int, int, int]]) -> Image:
    image = np.full((*SIZE, 3), DULL, dtype=np.uint8)
    for (x0, y0, x1, y1), colour in parts:
        image[round(y0 * SIZE[0]) : round(y1 * SIZE[0]), round(x0 * SIZE[1]) : round(x1 * SIZE[1])] = colour
    return image


COOK = (0.4, 0.2, 0.6, 0.9)
HEAD = (0.46, 0.2, 0.54, 0.35)
TORSO = (0.35, 0.4, 0.65, 0.9)


def test_a_person_is_read_in_one_batch() -> None:
    look, session = reader()
    found = seen(("phone", (0, 0, 0.1, 0.1)), ("person", COOK), ("head", HEAD))
    read = look.read(painted((TORSO, RED), (HEAD, GREEN)), found, CLASSES, ALL)
    assert [len(batch) for batch in session.batches] == [2]
    assert read.traits[1].tolist() == [State.MISSING, State.MISSING, State.WORN, State.MISSING]
    assert (read.sureness[1] > 0.9).all()
    assert not read.traits[[0, 2]].any()
    assert not read.sureness[[0, 2]].any()


def test_only_what_is_wanted_is_looked_at() -> None:
    look, session = reader()
    found = seen(("person", COOK), ("head", HEAD))
    read = look.read(painted((COOK, RED)), found, CLASSES, frozenset({Trait.HAT}))
    assert [len(batch) for batch in session.batches] == [1]
    assert read.traits[0].tolist() == [State.WORN, 0, 0, 0]
    assert look.read(painted((COOK, RED)), found, CLASSES, frozenset()) is found


def test_an_unsure_answer_is_not_visible() -> None:
    look, _ = reader()
    read = look.read(painted(), seen(("person", COOK), ("head", HEAD)), CLASSES, ALL)
    assert not read.traits.any()
    assert read.sureness[0] == pytest.approx([1 / 3, 1 / 3, 1 / 4, 1 / 3])


def test_a_picture_without_people_costs_nothing() -> None:
    look, session = reader()
    look.read(painted(), Detections.empty(), CLASSES, ALL)
    look.read(painted(), seen(("head", HEAD)), CLASSES, ALL)
    assert session.batches == []


def test_a_crop_of_any_size_has_a_state() -> None:
    look, _ = reader()
    assert look.states(np.full((50, 20, 3), RED, dtype=np.uint8), Trait.CLOTHES) == (State.WORN, State.WORN)


def asked(*rows: tuple[str, Box], wanted: frozenset[Trait] = ALL) -> dict[Trait, int]:
    """How often each trait is asked of which is planned."""
    crops = plan(seen(*rows), CLASSES, wanted, SIZE)
    return {trait: sum(trait in crop.traits for crop in crops) for trait in Trait}


@pytest.mark.parametrize(("pixels", "hats"), [(23.0, 0), (25.0, 1)])
def test_a_head_below_24_pixels_is_not_looked_at(pixels: float, hats: int) -> None:
    head = (0.49, 0.2, 0.51, 0.2 + pixels / 720)
    assert asked(("person", COOK), ("head", head))[Trait.HAT] == hats


@pytest.mark.parametrize(("pixels", "masks"), [(19.0, 0), (21.0, 1)])
def test_a_face_below_20_pixels_is_not_looked_at(pixels: float, masks: int) -> None:
    face = (0.47, 0.25, 0.53, 0.25 + pixels / 720)
    found = asked(("person", COOK), ("head", HEAD), ("without_mask", face))
    assert (found[Trait.MASK], found[Trait.HAT]) == (masks, 1)


def test_a_face_that_was_not_detected_is_expected_in_its_head() -> None:
    assert asked(("person", COOK), ("head", (0.49, 0.2, 0.51, 0.2 + 29 / 720)))[Trait.MASK] == 0
    assert asked(("person", COOK), ("head", (0.49, 0.2, 0.51, 0.2 + 31 / 720)))[Trait.MASK] == 1


def test_a_head_is_taken_from_a_face() -> None:
    assert asked(("person", COOK), ("with_mask", (0.47, 0.25, 0.53, 0.33)))[Trait.HAT] == 1


def test_a_hidden_torso_is_not_looked_at() -> None:
    behind, before = ("person", COOK), ("person", (0.35, 0.3, 0.65, 0.95))
    crops = plan(seen(behind, before), CLASSES, frozenset({Trait.CLOTHES}), SIZE)
    assert [crop.row for crop in crops] == [1]


def test_the_largest_persons_come_first() -> None:
    heights = [0.02 * (index + 2) for index in range(MOST + 3)]
    rows = [("person", (0.05 * n, 0.1, 0.05 * n + 0.04, 0.1 + high)) for n, high in enumerate(heights)]
    crops = plan(seen(*rows), CLASSES, frozenset({Trait.CLOTHES}), SIZE)
    assert [crop.row for crop in crops] == list(range(MOST + 2, 2, -1))
