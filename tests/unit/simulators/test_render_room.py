"""Rooms, casts, flames and label files by seed."""

import numpy as np
import pytest

from simulators.render import flame
from simulators.render.camera import Box
from simulators.render.cast import cast
from simulators.render.fire import outline, standing_sprite
from simulators.render.room import HEIGHT, Room, room
from simulators.render.thing import CLASSES
from simulators.render.truth import yolo

SEEDS = range(3, 9)


def _corner(plan: Room) -> float:
    return float(sum(p.mesh.points.sum() for t in plan.things for p in t.parts))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_is_one_room(seed: int) -> None:
    first, again, other = room(seed), room(seed), room(seed + 100)
    assert (first.camera, first.spots, _corner(first)) == (again.camera, again.spots, _corner(again))
    assert first.camera != other.camera


@pytest.mark.parametrize("seed", SEEDS)
def test_the_camera_hangs_inside_and_sees_where_people_stand(seed: int) -> None:
    plan = room(seed, "store" if seed % 2 else "kitchen", "night")
    x, y, z = plan.camera.eye
    assert 0 < x < plan.width
    assert 0 < y < plan.depth
    assert 2.0 < z < HEIGHT
    seen = plan.camera.project([(s.x, s.y, 1.0) for s in plan.spots])
    assert ((seen[:, :2] > 0) & (seen[:, :2] < 1)).all(1).mean() > 0.5


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_stands_in_the_furniture(seed: int) -> None:
    plan = room(seed)
    for s in plan.spots:
        assert not any(a < s.x < c and b < s.y < d for a, b, c, d in plan.taken)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_cast_is_the_same_again_and_names_are_unique(seed: int) -> None:
    plan = room(seed)
    first, again = cast(plan, seed), cast(plan, seed)
    names = [t.name for t in first.things] + [f.name for f in first.fires]
    assert names == [t.name for t in again.things] + [f.name for f in again.fires]
    assert len(names) == len(set(names))
    for a, b in zip(first.things, again.things, strict=True):
        assert np.array_equal(a.parts[0].mesh.points, b.parts[0].mesh.points)


def test_nothing_stands_or_runs_in_a_bin() -> None:
    plan = room(5)
    for seed in range(40):
        things = cast(plan, seed).things
        for one in (t for t in things if t.name.startswith("bin")):
            x, y, _ = one.parts[0].mesh.points.mean(0)
            others = [t.parts[0].mesh.points.mean(0) for t in things if t.label in ("person", "rat", "cat")]
            assert all(abs(x - a) + abs(y - b) > 0.4 for a, b, _ in others)


def test_a_flame_burns_upwards_and_its_outline_lies_in_its_plane() -> None:
    sprite = flame.tongues(3, 0.5)
    assert np.array_equal(sprite, flame.tongues(3, 0.5))
    assert not np.array_equal(sprite, flame.tongues(3, 0.7))
    assert sprite[:20, :, 3].mean() > sprite[-20:, :, 3].mean()
    left, bottom, right, top = flame.extent(sprite)
    assert 0 <= left < right <= 1
    assert 0 <= bottom < top <= 1


def test_a_fires_marks_lie_within_its_picture() -> None:
    plan = room(14)
    fire = next(f for seed in range(50) for f in cast(plan, seed).fires)
    marks = outline(fire, plan.camera).points
    plane = standing_sprite(fire, plan.camera).parts[0].mesh.points
    assert (marks.min(0) >= plane.min(0) - 1e-9).all()
    assert (marks.max(0) <= plane.max(0) + 1e-9).all()


def test_smoke_is_thinner_than_flame() -> None:
    assert flame.puff(1, 0.0)[..., 3].max() <= 0.7 < flame.tongues(1, 0.0)[..., 3].max()


def test_a_label_line_is_class_centre_and_size() -> None:
    text = yolo((("rat", Box(0.2, 0.4, 0.4, 0.5)), ("person", Box(0.0, 0.0, 1.0, 1.0))))
    assert text.splitlines() == [
        f"{CLASSES.index('rat')} 0.300000 0.450000 0.200000 0.100000",
        "0 0.500000 0.500000 1.000000 1.000000",
    ]
