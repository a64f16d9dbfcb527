"""Posed people and animals: hands where they should be, feet on the floor."""

from itertools import pairwise

import numpy as np
import pytest

from simulators.render.animal import cat, rat
from simulators.render.body import SHAPES, body, posed
from simulators.render.held import phone_in_hand
from simulators.render.person import person
from simulators.render.script import Way, along, swinging
from simulators.render.stance import ANKLE, blended, cooking, phoning, walking
from simulators.render.wear import random_wear


@pytest.mark.parametrize("shape", range(SHAPES))
def test_a_wrist_reaches_a_target_within_the_arms_length(shape: int) -> None:
    stance = phoning(0.4)
    pose = posed(body(shape), stance)
    wrist = pose.heads[body(shape).bone("wrist.R")] + [0, 0, stance.drop]
    assert wrist == pytest.approx(stance.hands["R"], abs=0.01)


def test_a_target_out_of_reach_is_approached_along_a_straight_arm() -> None:
    shape = body(2)
    pose = posed(shape, walking(0.0).__class__(hands={"L": (0.2, -3.0, 0.4)}))
    shoulder, elbow, wrist = (pose.heads[shape.bone(f"{n}.L")] for n in ("upperarm01", "lowerarm01", "wrist"))
    arm = np.linalg.norm(elbow - shoulder) + np.linalg.norm(wrist - elbow)
    assert np.linalg.norm(wrist - shoulder) == pytest.approx(arm, rel=0.01)


@pytest.mark.parametrize("seed", range(4))
def test_a_person_stands_on_the_floor_and_is_of_human_size(seed: int) -> None:
    rng = np.random.default_rng(seed)
    one = person(random_wear(rng), cooking(1.0, seed))
    points = np.concatenate([p.mesh.points for p in one.parts])
    assert abs(points[:, 2].min()) < 0.05
    assert 1.4 < points[:, 2].max() < 2.2


def test_a_walk_lifts_one_foot_at_a_time() -> None:
    for t in np.linspace(0, 2, 21):
        feet = walking(float(t)).feet
        assert min(feet["L"][2], feet["R"][2]) == pytest.approx(ANKLE)
        assert feet["L"][1] == pytest.approx(-feet["R"][1], abs=1e-9)


def test_the_phone_is_in_the_hand_before_the_chest() -> None:
    rng = np.random.default_rng(1)
    wear, stance = random_wear(rng), phoning(0.0)
    phone = np.concatenate([p.mesh.points for p in phone_in_hand(wear, stance, rng).parts])
    shape = body(wear.shape)
    wrist = posed(shape, stance).heads[shape.bone("wrist.R")] - [0, 0, shape.points[:, 2].min()]
    assert np.linalg.norm(phone.mean(0) - wrist) < 0.2
    assert 0.12 < np.ptp(phone, axis=0).max() < 0.2


def test_halfway_between_two_stances_the_hands_are_halfway() -> None:
    a, b = cooking(0.3), phoning(0.7)
    middle = blended(a, b, 0.5)
    assert middle.hands["R"] == pytest.approx((np.array(a.hands["R"]) + b.hands["R"]) / 2)


def test_a_rat_is_longer_than_high_and_a_cat_is_larger() -> None:
    rng = np.random.default_rng(0)
    low = np.concatenate([p.mesh.points for p in rat(rng, length=0.25).parts])
    high = np.concatenate([p.mesh.points for p in cat(rng).parts])
    assert np.ptp(low[:, 1]) > 2.5 * np.ptp(low[:, 2])
    assert low[:, 2].min() > -0.02
    assert np.ptp(high[:, 2]) > 2 * np.ptp(low[:, 2])


def test_a_walker_goes_stands_facing_as_it_came_and_goes_on() -> None:
    ways = [Way(1.0, 0.0, 0.0), Way(3.0, 2.0, 0.0), Way(5.0, 2.0, 0.0), Way(6.0, 2.0, -1.0)]
    halfway, stands, last = along(ways, 2.0), along(ways, 4.0), along(ways, 5.5)
    assert (halfway.x, halfway.speed, halfway.gone) == pytest.approx((1.0, 1.0, 1.0))
    assert (stands.speed, stands.turn) == pytest.approx((0.0, halfway.turn))
    assert (last.y, last.turn, last.gone) == pytest.approx((-0.5, 0.0, 2.5))
    assert along(ways, 99.0).y == -1.0


def test_swinging_moves_by_one_state_and_comes_back() -> None:
    states = [swinging(n, 5) for n in range(17)]
    assert states[:9] == [0, 1, 2, 3, 4, 3, 2, 1, 0]
    assert all(abs(a - b) == 1 for a, b in pairwise(states))
