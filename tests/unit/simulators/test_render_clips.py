"""The planned clips do what their truth says, and begin as they end, so that a loop shows nothing."""

import tomllib
from collections.abc import Callable

import numpy as np
import pytest

from simulators.render.clips import CLIPS
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


@pytest.mark.parametrize("name, label", [("phone", "phone"), ("rat-night", "rat"), ("intrusion-night", "person")])
def test_what_a_scene_is_about_is_there_then_and_only_then(name: str, label: str) -> None:
    shot = CLIPS[name](0)
    (scene,) = shot.scenes
    assert label in _labels(shot, scene.begin_s + 1.0)
    assert label in _labels(shot, scene.end_s - 1.0)
    for t in (0.0, scene.begin_s - 1.0, scene.end_s + 1.2, shot.duration_s - 0.1):
        assert label not in _labels(shot, t)


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
