"""The eye looks closer only where a scene asks, and for a cigarette only where one was found."""

import numpy as np
import pytest

from domain.scene import Scene
from inference.detections import Detections
from inference.eye import Eye, traits_for
from inference.traits import State, Trait

IMAGE = np.zeros((8, 8, 3), np.uint8)
PERSON, CIGARETTE = (0.1, 0.1, 0.5, 0.9), (0.3, 0.2, 0.32, 0.21)


class Detector:
    sha256, classes = "ab" * 32, ("person", "cigarette")

    def __init__(self, *kinds: int) -> None:
        self.kinds = kinds

    def detect(self, images: object) -> list[Detections]:
        return [Detections.of([(PERSON, CIGARETTE)[k] for k in self.kinds], [0.9] * len(self.kinds), self.kinds)]


class Reader:
    sha256 = "cd" * 32

    def __init__(self) -> None:
        self.asked: list[frozenset[Trait]] = []

    def read(self, image: object, seen: Detections, classes: object, wanted: frozenset[Trait]) -> Detections:
        self.asked.append(wanted)
        return seen.with_traits(np.full((len(seen), 4), State.WORN, np.int8), np.ones((len(seen), 4), np.float32))


def look(*kinds: int, wanted: frozenset[Trait]) -> tuple[Detections, list[frozenset[Trait]]]:
    reader = Reader()
    return Eye(Detector(*kinds), reader).look(IMAGE, wanted), reader.asked  # type: ignore[arg-type]


def test_nobody_asks_and_nothing_is_read() -> None:
    seen, asked = look(0, wanted=frozenset())
    assert asked == []
    assert seen.traits[0, Trait.HAT] == State.NOT_VISIBLE


def test_what_a_scene_needs_is_read() -> None:
    seen, asked = look(0, wanted=frozenset({Trait.HAT}))
    assert asked == [{Trait.HAT}]
    assert seen.traits[0, Trait.HAT] == State.WORN


@pytest.mark.parametrize(("kinds", "asked"), [((0,), []), ((0, 1), [{Trait.CIGARETTE}])])
def test_the_second_look_for_a_cigarette_needs_a_first(kinds: tuple[int, ...], asked: list[set[Trait]]) -> None:
    assert look(*kinds, wanted=frozenset({Trait.CIGARETTE}))[1] == asked


def test_each_scene_of_clothes_needs_its_trait_and_the_others_none() -> None:
    assert traits_for(Scene) == frozenset(Trait)
    assert traits_for([Scene.PEST, Scene.FIRE_UNATTENDED]) == frozenset()


def test_the_digest_names_both_files() -> None:
    one = Eye(Detector(), Reader()).sha256  # type: ignore[arg-type]
    other = Reader()
    other.sha256 = "ee" * 32
    assert len(one) == 64
    assert one != Eye(Detector(), other).sha256  # type: ignore[arg-type]
