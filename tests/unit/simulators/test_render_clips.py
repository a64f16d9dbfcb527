"""The planned clips do what their truth says, and begin as they end, so that a loop shows nothing."""

import tomllib
from collections.abc import Callable

import numpy as np
import pytest

from domain.scene import Scene
from simulators.render.clips import CLIPS
from simulators.render.crew import Figure
from simulators.render.shot import Shot
from simulators.render.truth import csv_of, toml_of

PLANNED = sorted(CLIPS)


def _labels(shot: Shot, t: float) -> set[str]:
    """Labels of everything of a moment that has a part in the picture."""
    acted = shot.moment(t).act()
    found = {str(f.label) for f in acted.fires}
    for thing in acted.things:
        spot = shot.room.camera.project(np.concatenate([p.mesh.points for p in thing.parts]))
        if ((spot[:, 2] > 0) & (spot[:, :2] > 0).all(1) & (spot[:, :2] < 1).all(1)).any():
            found.add(str(thing.label))
    return found


@pytest.mark.parametrize("name", PLANNED)
def test_truth_lies_within_the_clip_and_is_toml(name: str) -> None:
    shot = CLIPS[name](0)
    read = tomllib.loads(toml_of(shot))
    assert (read["clip"], read["width"], read["fps"]) == (f"{name}.mp4", shot.width, 25)
    for scene in read.get("scene", []):
        assert 8.0 <= scene["begin_s"] < scene["end_s"] <= shot.duration_s
        assert all(0 <= v <= 1 for point in scene["zone"] for v in point)


@pytest.mark.parametrize("name", PLANNED)
def test_a_clip_ends_as_it_begins(name: str) -> None:
    shot = CLIPS[name](0)
    assert shot.moment(0.0).key[0] == shot.moment(shot.duration_s - 0.1).key[0]


def test_every_scene_has_a_clip_that_shows_it_and_one_that_only_looks_like_it() -> None:
    shots = [CLIPS[name](0) for name in PLANNED]
    assert {s.scene for shot in shots for s in shot.scenes} == set(Scene)
    assert {scene for shot in shots for scene in shot.looks_like} == set(Scene)
    assert not any(shot.scenes for shot in shots if shot.looks_like)


ABOUT = [
    ("phone", "phone"), ("rat-night", "rat"), ("intrusion-night", "person"), ("no-hat", "person"),
    ("no-uniform", "person"), ("smoking", "cigarette"),
]  # fmt: skip


@pytest.mark.parametrize("name, label", ABOUT)
def test_what_a_scene_is_about_is_there_then_and_only_then(name: str, label: str) -> None:
    shot = CLIPS[name](0)
    scene = shot.scenes[0]
    assert label in _labels(shot, scene.begin_s + 1.0)
    assert label in _labels(shot, scene.end_s - 1.0)
    for t in (0.0, scene.begin_s - 1.0, scene.end_s + 1.2, shot.duration_s - 0.1):
        assert label not in _labels(shot, t)


def _people(shot: Shot, t: float) -> tuple[Figure, ...]:
    return shot.moment(t).act().figures


def test_clothes_are_missing_as_the_truth_says() -> None:
    (bald,) = _people(CLIPS["no-hat"](0), 25.0)
    (stripped,) = _people(CLIPS["no-uniform"](0), 20.0)
    assert (bald.wear.hat, bald.wear.mask, bald.wear.clothes) == ("none", True, "uniform")
    assert (stripped.wear.hat, stripped.wear.mask, stripped.wear.clothes) == ("toque", True, "bare")


@pytest.mark.parametrize("name", ["hairnet-cap", "aprons", "order-tablet", "steam", "store-day", "cold-antechamber"])
def test_who_only_looks_it_wears_hat_mask_and_work_wear(name: str) -> None:
    people = _people(CLIPS[name](0), 16.0)
    assert people
    assert all(p.wear.hat != "none" and p.wear.mask and p.wear.clothes == "uniform" for p in people)


@pytest.mark.parametrize("name, seconds", [("no-mask", 29.0), ("tasting", 8.0), ("smoking", 20.0)])
def test_the_mask_is_down_for_so_long(name: str, seconds: float) -> None:
    shot = CLIPS[name](0)
    steps = range(int(shot.duration_s * shot.rate))
    down = [n for n in steps if not _people(shot, n / shot.rate)[0].wear.mask]
    assert down == list(range(down[0], down[-1] + 1))
    assert len(down) / shot.rate == pytest.approx(seconds, abs=0.2)


def test_the_bin_that_is_left_open_has_nobody_near_and_the_other_is_open_only_beside_somebody() -> None:
    left, used = CLIPS["bin-open"](0), CLIPS["disposing"](0)
    (scene,) = left.scenes
    for t in np.arange(scene.begin_s + 0.5, scene.end_s - 0.5, 2.0):
        assert _labels(left, t) == {"bin_open"}
    for t in np.arange(0.0, used.duration_s - 0.5, 0.5):
        assert ("bin_open" in _labels(used, t)) <= ("person" in _labels(used, t))
    assert "bin_open" in _labels(used, 16.0)


def test_the_cat_is_a_cat_and_the_steam_and_the_tablet_have_no_label() -> None:
    assert _labels(CLIPS["cat-night"](0), 15.0) == {"cat"}
    assert _labels(CLIPS["steam"](0), 5.0) == {"person", "None"}
    assert _labels(CLIPS["order-tablet"](0), 5.0) == {"person"}


def test_the_watched_flame_burns_before_a_cook() -> None:
    shot = CLIPS["flame-watched"](0)
    assert all(_labels(shot, t) >= {"flame", "person"} for t in (0.0, 9.0, 22.0, 35.0))


def test_the_flame_always_burns_and_the_cook_is_in_the_stove_zone_only_outside_the_scene() -> None:
    shot = CLIPS["flame-unattended"](0)
    (scene,) = shot.scenes
    for t in (1.0, scene.begin_s - 0.2, scene.end_s + 0.2):
        assert _foot_in_zone(shot, t)
    for t in (1.0, scene.begin_s + 0.5, 30.0, scene.end_s - 0.5, 59.0):
        assert "flame" in _labels(shot, t)
    for t in (scene.begin_s + 0.3, 30.0, scene.end_s - 0.3):
        assert not _foot_in_zone(shot, t)


def _foot_in_zone(shot: Shot, t: float) -> bool:
    import cv2

    people = [x for x in shot.moment(t).act().things if x.label == "person"]
    zone = np.array(shot.scenes[0].zone, np.float32)
    for one in people:
        spot = shot.room.camera.project(np.concatenate([p.mesh.points for p in one.parts]))
        foot = ((spot[:, 0].min() + spot[:, 0].max()) / 2, spot[:, 1].max())
        if cv2.pointPolygonTest(zone, (float(foot[0]), float(foot[1])), False) >= 0:
            return True
    return False


@pytest.mark.parametrize("name, most", [("quiet", 1), ("walkby", 130), ("phone", 90), ("flame-unattended", 90)])
def test_states_repeat_so_that_few_are_rendered(name: str, most: int) -> None:
    shot: Shot = CLIPS[name](0)
    steps = int(shot.duration_s * shot.rate)
    moment: Callable[[float], object] = lambda t: shot.moment(t).key  # noqa: E731
    assert len({moment(n / shot.rate) for n in range(steps)}) <= most


def test_boxes_are_a_row_each() -> None:
    assert csv_of([(0.0, ())]) == "t_s,class,x1,y1,x2,y2\n"
