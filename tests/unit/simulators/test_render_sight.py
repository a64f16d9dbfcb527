"""What the camera sees of a cast: boxes of heads and faces, and traits that claim only what can be seen."""

import csv
from collections.abc import Callable
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest

from simulators.render.camera import Box, Camera, bound
from simulators.render.cast import Cast
from simulators.render.crew import Figure, Worker, worker
from simulators.render.mesh import Points
from simulators.render.room import Spot
from simulators.render.sight import SIZE, SMALLEST, Seen, kept, seen, share
from simulators.render.thing import CLASSES, Label, Part, Thing
from simulators.render.traits import HEADER, Traits, traits_csv
from simulators.render.wear import Wear

CAMERA = Camera((3.0, 0.3, 2.0), (3.0, 2.5, 1.4), 1.0)
SPOT = Spot(3.0, 2.4, 0.0)
BEFORE, BEHIND = 0.0, np.pi  # turns: the camera hangs at -y


class Clear:
    """Sees every point that `sees` lets through, by projection alone."""

    def __init__(self, things: tuple[Thing, ...], sees: Callable[[Points], Points] = lambda p: p) -> None:
        self.things, self.sees = {t.name: t for t in things}, sees

    def visible(self, name: str, marks: tuple[Part, ...] | None = None) -> Box | None:
        points = np.concatenate([p.mesh.points for p in marks or self.things[name].parts])
        spot = CAMERA.project(self.sees(points))
        return bound(spot, np.ones(len(spot), bool)) if len(spot) else None


def _somebody(want: Callable[[Worker], bool], turn: float) -> Worker:
    """The first worker by seed that is as wanted, turned to face `turn`."""
    for seed in range(300):
        one = worker(np.random.default_rng(seed), SPOT, CAMERA, 0)
        if want(one):
            return _faced(one, turn)
    raise LookupError("no seed makes such a worker")


def _faced(one: Worker, turn: float) -> Worker:
    by, at = turn - one.figure.turn, (-SPOT.x, -SPOT.y, 0.0)
    back = (SPOT.x, SPOT.y, 0.0)
    head = one.figure.head.moved(at).moved(back, by)
    trunk = one.figure.head.__class__(one.figure.trunk, one.figure.trunk, np.zeros(3)).moved(at).moved(back, by).skull
    figure = replace(one.figure, head=head, trunk=trunk, turn=turn)
    return Worker(figure, tuple(t.moved(at).moved(back, by) for t in one.things))


def _see(one: Worker, sees: Callable[[Points], Points] = lambda p: p, wear: Wear | None = None) -> Seen:
    figure: Figure = one.figure if wear is None else replace(one.figure, wear=wear)
    return seen(Clear(one.things, sees), Cast(one.things, (), (figure,)), CAMERA)


def _upright(one: Worker) -> bool:
    forward = float(one.figure.head.forward[2])
    return abs(forward) < 0.2 and len(one.things) == 1


def _labels(found: Seen) -> set[Label]:
    return {label for label, _ in found.labels}


@pytest.mark.parametrize("mask, label", [(True, "with_mask"), (False, "without_mask")])
def test_a_face_turned_to_the_camera_gets_a_box_within_the_heads(mask: bool, label: Label) -> None:
    one = _somebody(lambda w: _upright(w) and w.figure.wear.mask is mask, BEFORE)
    found = _see(one)
    boxes = dict(found.labels)
    head, face = boxes["head"], boxes[label]
    assert head.x1 <= face.x1 < face.x2 <= head.x2
    assert head.y1 < face.y1 < face.y2 <= head.y2 + 0.005
    assert boxes["person"].y1 - 0.005 <= head.y1
    (traits,) = found.people
    assert (traits.mask, traits.head) == ("worn" if mask else "missing", head)


def test_a_face_turned_away_has_no_box_and_its_mask_is_not_claimed() -> None:
    one = _somebody(_upright, BEHIND)
    found = _see(one)
    assert _labels(found) == {"person", "head"}
    assert (found.people[0].mask, found.people[0].cigarette) == ("not_visible", "not_visible")
    assert found.people[0].hat in ("worn", "missing")


def test_a_hidden_head_has_no_box_and_no_hat() -> None:
    one = _somebody(_upright, BEFORE)
    neck = float(one.figure.head.skull[:, 2].min()) - 0.05
    found = _see(one, lambda p: p[p[:, 2] < neck])
    assert _labels(found) == {"person"}
    (traits,) = found.people
    assert (traits.head, traits.hat, traits.mask) == (None, "not_visible", "not_visible")
    assert traits.clothes == one.figure.wear.clothes


def test_a_hidden_trunk_tells_nothing_about_the_clothes() -> None:
    one = _somebody(_upright, BEFORE)
    neck = float(one.figure.head.skull[:, 2].min())
    assert _see(one, lambda p: p[p[:, 2] > neck]).people[0].clothes == "not_visible"


def test_an_apron_over_a_shirt_is_work_wear_only_from_the_front() -> None:
    one = _somebody(_upright, BEFORE)
    wear = replace(one.figure.wear, top="shirt", apron=(0.7, 0.7, 0.7))
    assert _see(one, wear=wear).people[0].clothes == "uniform"
    assert _see(_faced(one, BEHIND), wear=wear).people[0].clothes == "not_visible"


def test_a_cigarette_is_told_when_its_box_is_there() -> None:
    one = _somebody(lambda w: w.figure.cigarette is not None and abs(float(w.figure.head.forward[2])) < 0.2, 0.5)
    found = _see(one)
    assert "cigarette" in _labels(found)
    assert found.people[0].cigarette == "yes"
    stick = next(t for t in one.things if t.name == one.figure.cigarette).parts[0].mesh.points
    hidden = _see(one, lambda p: p[np.linalg.norm(p - stick.mean(0), axis=1) > 0.07])
    assert _labels(hidden) == {"person", "head", "without_mask"}
    assert hidden.people[0].cigarette == "not_visible"


@pytest.mark.parametrize("label", CLASSES)
def test_a_box_smaller_than_the_smallest_is_left_out(label: Label) -> None:
    side = SMALLEST[label]
    x, y = side / SIZE[0], side / SIZE[1]
    assert kept(label, Box(0.5, 0.5, 0.5 + x * 1.01, 0.5 + y * 1.01)) is not None
    assert kept(label, Box(0.5, 0.5, 0.5 + x * 0.9, 0.5 + y * 0.9)) is None


def test_a_thin_cigarette_is_widened_and_other_thin_boxes_are_left_out() -> None:
    thin = Box(0.5, 0.5, 0.5 + 30 / SIZE[0], 0.5 + 2 / SIZE[1])
    wide = kept("cigarette", thin)
    assert wide is not None
    assert (wide.y2 - wide.y1) * SIZE[1] == pytest.approx(4)
    assert (wide.x1, wide.x2) == (thin.x1, thin.x2)
    assert kept("phone", thin) is None


def test_a_share_is_of_what_would_be_seen_unhidden() -> None:
    corners = np.array([[2.8, 2.4, 1.2], [3.2, 2.4, 1.6]])
    spot = CAMERA.project(corners)
    whole = bound(spot, np.ones(2, bool))
    assert whole is not None
    assert share(whole, corners, CAMERA) == pytest.approx(1)
    half = replace(whole, x2=(whole.x1 + whole.x2) / 2)
    assert share(half, corners, CAMERA) == pytest.approx(0.5)
    assert share(None, corners, CAMERA) == 0


def test_traits_are_a_row_each_and_a_missing_head_is_empty() -> None:
    box = Box(0.1, 0.2, 0.3, 0.9)
    people = [
        Traits(box, Box(0.15, 0.2, 0.25, 0.3), "worn", "missing", "bare", "yes"),
        Traits(box, None, "not_visible", "not_visible", "other", "not_visible"),
    ]
    text = traits_csv(people)
    first, second = csv.DictReader(StringIO(text))
    assert text.splitlines()[0] == HEADER
    assert (float(first["head_x0"]), first["clothes"], first["cigarette"]) == (0.15, "bare", "yes")
    assert (float(second["person_y1"]), second["head_y1"], second["hat"]) == (0.9, "", "not_visible")
