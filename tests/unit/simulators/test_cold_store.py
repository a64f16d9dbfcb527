"""A simulated cold room: heat is conserved, its thermostat keeps the band, its defrosts and doors leave their marks."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.cold_store import BAND, DEFROST_S, OPEN_S, ColdStore
from simulators.thermal import FRIDGE, STEP_S, WALK_IN, Doing, Heat, Room

ROOM_FAULTS = ["compressor-failure", "door-left-open", "defrost-overrun", "power-loss", "probe-jumps", "stuck-probe"]


def room(seed: int = 1, **given: float) -> ColdStore:
    return ColdStore(random.Random(seed), given)


@settings(max_examples=40, deadline=None)
@given(
    of=st.sampled_from([WALK_IN, FRIDGE]),
    inside=st.floats(-30, 10),
    outside=st.floats(-10, 45),
    doings=st.lists(st.builds(Doing, *[st.booleans()] * 4), min_size=1, max_size=60),
)
def test_what_is_stored_is_what_came_in(of: Room, inside: float, outside: float, doings: list[Doing]) -> None:
    heat = Heat.settled(of, outside, inside)
    before = heat.stored
    for doing in doings:
        heat.step(STEP_S, doing)
    assert heat.stored - before == pytest.approx(heat.entered, abs=1.0)


@settings(max_examples=20, deadline=None)
@given(inside=st.floats(-30, 10), outside=st.floats(-10, 45), door=st.booleans())
def test_without_a_machine_a_room_goes_towards_the_outside_and_not_beyond(
    inside: float, outside: float, door: bool
) -> None:
    heat = Heat.settled(WALK_IN, outside, inside)
    low, high = min(inside, outside) - 1e-6, max(inside, outside) + 1e-6
    gap = abs(outside - heat.air)
    for _ in range(720):
        heat.step(STEP_S, Doing(door=door))
        assert low <= heat.air <= high
        assert low <= heat.goods <= high
        assert low <= heat.wall <= high
    assert abs(outside - heat.air) <= gap + 1e-6


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), fault=st.sampled_from(ROOM_FAULTS), hours=st.floats(0.1, 6))
def test_whatever_happens_temperatures_stay_plausible(seed: int, fault: str, hours: float) -> None:
    one = room(seed, door_every_s=1200, defrost_every_s=14_400)
    one.begin(fault)
    for _ in range(int(hours * 60)):
        one.step(60)
        assert -45 < one.heat.coil < 30
        assert -25 < one.heat.goods < one.heat.air + 5 < 30
        assert 0 <= float(one.status()["humidity"]) <= 100


def test_a_quiet_room_keeps_its_band() -> None:
    one, airs = room(), []
    for _ in range(2000):
        one.step(10)
        airs.append(one.heat.air)
    assert -20 - BAND - 0.5 < min(airs) < max(airs) < -20 + BAND + 0.5
    assert one.heat.goods == pytest.approx(-20, abs=0.5)


@pytest.mark.parametrize("step", [1.0, 60.0, 600.0])
def test_the_model_does_not_depend_on_the_step(step: float) -> None:
    one = room()
    one.begin("compressor-failure")
    for _ in range(int(3600 / step)):
        one.step(step)
    assert one.heat.air == pytest.approx(-12.8, abs=0.1)


def test_a_failed_compressor_warms_air_before_goods_and_recovers() -> None:
    one = room()
    one.begin("compressor-failure")
    one.step(7200)
    assert one.heat.air > -15
    assert one.heat.air > one.heat.goods > -20
    one.end("compressor-failure")
    one.step(7200)
    assert one.heat.air < -18


def test_a_compressor_rests_before_it_starts_again() -> None:
    one, runs = room(door_every_s=900), list[bool]()
    for _ in range(6 * 3600):
        one.step(1)
        runs.append(one.compressor)
    text = "".join("x" if on else "." for on in runs).strip(".")
    rests = [len(rest) for rest in text.split("x") if rest]
    assert rests
    assert min(rests) >= 175


def test_an_open_door_warms_a_room_more_than_a_closed_one() -> None:
    shut, opened = room(), room()
    for one in (shut, opened):
        one.begin("compressor-failure")
    opened.begin("door-left-open")
    for one in (shut, opened):
        one.step(900)
    assert opened.heat.air > shut.heat.air + 5
    assert opened.status()["door_open"] is True


def test_people_open_the_door_for_about_half_a_minute() -> None:
    one, opens = room(door_every_s=600), list[bool]()
    for _ in range(86_400 // 5):
        one.step(5)
        opens.append(one.door_open)
    begun = sum(now and not before for before, now in pairwise(opens))
    assert 100 < begun < 180
    assert OPEN_S / 2 < sum(opens) * 5 / begun < OPEN_S * 2


def test_a_defrost_ends_by_itself_and_an_overrun_one_does_not() -> None:
    one, lasted = room(defrost_every_s=3600), 0
    for _ in range(7200 // 5):
        one.step(5)
        lasted += 5 if one.defrosting else 0
    assert 60 < lasted < DEFROST_S
    one.begin("defrost-overrun")
    one.step(3600)
    assert one.status()["defrost"] is True
    assert one.heat.coil < 25
    one.end("defrost-overrun")
    assert one.status()["defrost"] is False


def test_a_stuck_probe_shows_the_same_while_the_air_moves() -> None:
    one = room()
    one.begin("stuck-probe")
    one.begin("compressor-failure")
    shown = set()
    for _ in range(60):
        one.step(60)
        shown.add(one.status()["air_temp"])
    assert len(shown) == 1
    assert one.heat.air > -14
    one.end("stuck-probe")
    assert float(one.status()["air_temp"]) == pytest.approx(one.heat.air, abs=0.3)


def test_probes_that_disagree_do_so_by_their_amount() -> None:
    one = room()
    one.begin("probes-disagree", -10)
    assert float(one.status()["product_temp"]) == pytest.approx(-30, abs=0.2)


def test_a_chilled_room_keeps_above_freezing() -> None:
    one = room(set_point=4)
    for _ in range(600):
        one.step(60)
        assert 0 < one.heat.air < 8
