"""Which scenes a picture cannot show, what one look raises, and what a minute of looking does."""

from pathlib import Path

import numpy as np

from domain.scene import Scene
from inference.detections import Detections
from models.boxes import Box
from models.false_alarms import CUT, PLACES, FalseAlarms, absent, in_one_look, panned, when_held
from models.manifest import load_manifest
from models.truth import Labelled

MANIFEST = load_manifest()
CLASSES = ("person", "phone", "rat")
PERSON, PHONE = (0.2, 0.2, 0.4, 0.9), (0.28, 0.4, 0.31, 0.44)
PEOPLE = {Scene.NO_HAT, Scene.NO_MASK, Scene.NO_UNIFORM, Scene.INTRUSION}
IMAGE = np.zeros((100, 200, 3), np.uint8)


def picture(source: str, *boxes: Box, asked: bool = True) -> Labelled:
    return Labelled(Path("a.jpg"), source, boxes, frozenset({"person"} if asked else ()))


def test_a_source_of_rats_may_show_pests_and_nothing_that_others_box() -> None:
    scenes = absent(picture("rodent"), MANIFEST)
    assert Scene.PEST not in scenes
    assert {Scene.PHONE, Scene.SMOKING, Scene.BIN_OPEN, Scene.FIRE_UNATTENDED} <= scenes


def test_scenes_of_people_are_absent_only_where_the_teacher_saw_nobody() -> None:
    assert absent(picture("interiors"), MANIFEST) >= PEOPLE
    assert not absent(picture("interiors", asked=False), MANIFEST) & PEOPLE
    assert not absent(picture("interiors", Box("~person", 0.5, 0.5, 0.2, 0.2)), MANIFEST) & PEOPLE


def test_of_a_strange_source_nothing_is_known() -> None:
    assert absent(picture("own-kitchen"), MANIFEST) == frozenset()


def test_a_phone_in_a_hand_raises_in_one_look_and_one_on_its_own_does_not() -> None:
    assert Scene.PHONE in in_one_look(Detections.of([PERSON, PHONE], [0.9, 0.9], [0, 1]), CLASSES)
    assert in_one_look(Detections.of([PHONE], [0.9], [1]), CLASSES) == set()


def test_what_is_seen_at_every_stop_is_raised_and_what_flickers_is_not() -> None:
    held = Detections.of([PERSON, PHONE], [0.9, 0.9], [0, 1])
    assert Scene.PHONE in when_held(IMAGE, lambda part: held, CLASSES)
    stops = iter([held, *[Detections.empty()] * (PLACES - 1)])
    assert when_held(IMAGE, lambda part: next(stops), CLASSES) == set()


def test_the_pan_goes_from_corner_to_corner() -> None:
    numbered = np.arange(100 * 200, dtype=np.int64).reshape(100, 200, 1).repeat(3, axis=2)
    parts = list(panned(numbered))  # type: ignore[arg-type]
    assert len(parts) == PLACES
    assert {part.shape for part in parts} == {(round(100 * CUT), round(200 * CUT), 3)}
    assert parts[0][0, 0, 0] == 0
    assert parts[-1][-1, -1, 0] == 100 * 200 - 1


def test_rates_are_per_thousand_of_the_pictures_judged() -> None:
    alarms = FalseAlarms.none()
    for raised in ([Scene.PEST], [], [], [Scene.PHONE]):
        alarms.count([Scene.PEST], raised)
    assert alarms.per_1000() == {Scene.PEST: 250.0}
