"""Clothes are what they are called; heads, faces, cigarettes and bins are where they should be."""

from dataclasses import replace

import numpy as np
import pytest

from simulators.render import bin as bins
from simulators.render.body import body, posed
from simulators.render.dress import dressed, owners, patches
from simulators.render.hat import hat
from simulators.render.head import TALLEST, head_of
from simulators.render.held import LONG, cigarette, tip
from simulators.render.person import person
from simulators.render.stance import smoking, standing
from simulators.render.thing import Thing
from simulators.render.wear import Clothes, Hat, Wear, random_wear

SEEDS = range(12)


def _points(thing: Thing) -> np.ndarray:
    return np.concatenate([p.mesh.points for p in thing.parts])


def _wear(seed: int, clothes: Clothes | None = None) -> Wear:
    return random_wear(np.random.default_rng(seed), clothes)


@pytest.mark.parametrize("clothes", ["uniform", "other", "bare"])
def test_clothes_are_as_asked(clothes: Clothes) -> None:
    assert {_wear(s, clothes).clothes for s in range(200)} == {clothes}


def test_all_clothes_come_by_chance_and_nobody_bare_or_in_a_shirt_of_their_own_has_an_apron() -> None:
    found = [_wear(s) for s in range(300)]
    assert {w.clothes for w in found} == {"uniform", "other", "bare"}
    assert all(w.apron is None for w in found if w.clothes != "uniform")
    assert all(w.hat == "none" for w in found if w.clothes == "other")


def test_a_coloured_coat_is_work_wear_only_with_an_apron() -> None:
    one = replace(_wear(0, "uniform"), top="coat", coat=(0.3, 0.05, 0.05), apron=None)
    assert one.clothes == "other"
    assert replace(one, apron=(0.7, 0.7, 0.7)).clothes == "uniform"
    assert replace(one, coat=(0.03, 0.03, 0.035)).clothes == "uniform"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_bare_chest_is_skin_and_a_dressed_one_is_not(seed: int) -> None:
    for clothes in ("bare", "other"):
        wear = _wear(seed, clothes)
        shape = body(wear.shape)
        found = patches(shape, wear)
        chest = shape.points[:, 2] > shape.heads[shape.bone("spine02")][2] - 0.1
        chest &= (np.abs(shape.points[:, 0]) < 0.1) & (shape.points[:, 2] < shape.heads[shape.bone("neck01")][2] - 0.12)
        owner = owners(shape, found)[chest[shape.faces].all(1)]
        colours = {found[i].finish.rgb for i in np.unique(owner)}
        assert colours == ({wear.skin} if clothes == "bare" else {wear.coat})


def test_bare_skin_is_not_smoothed_as_cloth_is() -> None:
    wear = _wear(1, "bare")
    shape = body(wear.shape)
    pose = posed(shape, standing())
    chest = shape.points[:, 2] > shape.heads[shape.bone("spine01")][2]
    assert np.array_equal(dressed(shape, pose, wear)[chest & ~_hair(wear)], pose.points[chest & ~_hair(wear)])


def _hair(wear: Wear) -> np.ndarray:
    shape = body(wear.shape)
    found = np.zeros(len(shape.points), bool)
    for patch in patches(shape, wear):
        found |= patch.region if patch.finish.kind == "cloth" and patch.finish.rgb != wear.coat else False
    return found


@pytest.mark.parametrize("kind", ["toque", "cap", "net", "none"])
def test_a_hat_raises_the_heads_box_to_a_third_of_a_head_at_most(kind: Hat) -> None:
    wear = replace(_wear(3), hat=kind, long_hair=False)
    bare = head_of(replace(wear, hat="none"), standing())
    high = np.ptp(bare.skull[:, 2])
    worn = head_of(wear, standing())
    assert np.ptp(worn.skull[:, 2]) <= TALLEST * high + 0.03
    if kind == "toque":
        assert _points(person(wear, standing()))[:, 2].max() > worn.skull[:, 2].max() + 0.01


def test_no_hat_has_no_shape() -> None:
    with pytest.raises(ValueError, match="no hat"):
        hat("none")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_face_looks_ahead_and_turns_with_its_person(seed: int) -> None:
    head = head_of(_wear(seed), standing(look=0.0))
    eye = (0.0, -3.0, float(head.face[:, 2].mean()))
    assert head.aside(eye) < 0.3
    assert head.moved((0, 0, 0), np.pi).aside(eye) > 2.8
    assert head.moved((0, 0, 0), 1.0).aside(eye) == pytest.approx(1.0, abs=0.3)
    assert (head.face.min(0) >= head.skull.min(0) - 1e-9).all()


@pytest.mark.parametrize("side", [None, "L", "R"])
def test_a_cigarette_is_at_the_mouth_or_in_the_raised_hand(side: str | None) -> None:
    wear = _wear(2)
    shape = body(wear.shape)
    stance = smoking(1.0, float(shape.heads[shape.bone("head")][2]), 0.0, "L" if side == "L" else "R")
    stick = cigarette(wear, stance, np.random.default_rng(0), None if side is None else "L" if side == "L" else "R")
    points, face = _points(stick), head_of(wear, stance).face
    assert np.linalg.norm(points[0] - points[-1]) == pytest.approx(LONG, abs=0.02)
    assert np.linalg.norm(points.mean(0) - face.mean(0)) < 0.3
    assert tip(stick)[1] < face[:, 1].max()
    if side is None:
        assert tip(stick)[1] < face[:, 1].min()


@pytest.mark.parametrize("seed", SEEDS)
def test_rubbish_lies_below_an_open_bins_rim_and_above_an_overflowing_ones(seed: int) -> None:
    opened = bins.opened(np.random.default_rng(seed))
    over = bins.overflowing(np.random.default_rng(seed))
    assert (opened.label, over.label) == ("bin_open", "bin_overflow")
    rim = float(opened.parts[0].mesh.points[:, 2].max())
    soft = [p for p in opened.parts if p.finish.rough in (0.3, 0.6)]
    assert all(p.mesh.points[:, 2].max() < rim + 0.01 for p in soft)
    assert _points(over)[:, 2].max() > float(over.parts[0].mesh.points[:, 2].max()) + 0.05


@pytest.mark.parametrize("seed", SEEDS)
def test_an_open_bin_is_hollow(seed: int) -> None:
    shell, inside = bins.opened(np.random.default_rng(seed)).parts[:2]
    rim = shell.mesh.points[:, 2].max()
    middle = np.hypot(shell.mesh.points[:, 0], shell.mesh.points[:, 1]) < 0.05
    assert shell.mesh.points[middle, 2].max() < 0.1
    assert inside.mesh.points[:, 2].min() < 0.1 < rim
    assert sum(inside.finish.rgb) < sum(shell.finish.rgb)


def test_all_three_bins_come_by_chance() -> None:
    assert {bins.any_bin(np.random.default_rng(s)).label for s in range(40)} == {"bin", "bin_open", "bin_overflow"}
