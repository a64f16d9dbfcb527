"""A simulated lift obeys physics, and its doors, whatever happens to it."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.device_fault import FAULTS, Layer
from simulators.elevator import BRAKE, FLOOR_M, SPEED, TICK_S, UCM_STOP_M, ZONE_M, Elevator

FAULT_NAMES = [fault.name for fault in FAULTS["elevator"].values() if fault.layer is Layer.BODY]
HARMLESS = [name for name in FAULT_NAMES if name != "unintended-movement"]


def car(seed: int = 1, **given: float) -> Elevator:
    return Elevator(random.Random(seed), given)


def test_a_lift_serves_all_floors() -> None:
    lift = car()
    floors = set()
    for _ in range(4000):
        lift.step(0.25)
        floors.add(lift.status()["car_floor"])
    assert floors == set(range(1, 13))
    assert lift.trips > 20


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1000),
    script=st.lists(st.tuples(st.sampled_from(HARMLESS), st.floats(1, 60), st.floats(1, 40)), max_size=4),
)
def test_a_car_never_moves_with_an_open_door(seed: int, script: list[tuple[str, float, float]]) -> None:
    lift = car(seed)
    for fault, for_s, then_s in script or [("entrapment", 1.0, 60.0)]:
        lift.begin(fault)
        stay_shut(lift, for_s)
        lift.end(fault)
        stay_shut(lift, then_s)


def stay_shut(lift: Elevator, seconds: float) -> None:
    for _ in range(round(seconds / 0.25)):
        before = lift.position
        lift.step(0.25)
        assert lift.speed == 0 or lift.door <= 0
        assert lift.position == pytest.approx(before) or lift.door <= 0.1
        assert 0.0 <= lift.door <= 1.0


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), fault=st.sampled_from([name for name in FAULT_NAMES if name != "overspeed"]))
def test_speed_and_its_change_are_bounded(seed: int, fault: str) -> None:
    lift = car(seed)
    for number in range(3000):
        before, place = lift.speed, lift.position
        lift.step(TICK_S)
        if number in (900, 1900):
            lift.begin(fault) if number == 900 else lift.end(fault)
        assert abs(lift.speed) <= SPEED + 1e-9
        assert abs(lift.speed - before) <= BRAKE * TICK_S + 1e-6
        assert abs(lift.position - place) <= (SPEED + BRAKE * TICK_S) * TICK_S
        assert -0.11 <= lift.position <= 11 * FLOOR_M + 0.11


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), before=st.floats(0, 60), floors=st.integers(2, 40))
def test_unintended_movement_goes_as_far_as_its_brake_lets_it_and_levels_again(
    seed: int, before: float, floors: int
) -> None:
    lift = car(seed, floors=floors)
    lift.step(before)
    lift.begin("unintended-movement")
    farthest, opened = 0.0, False
    for _ in range(1000):
        lift.step(0.1)
        if lift.door > 0:
            opened = opened or lift.speed != 0
            farthest = max(farthest, abs(lift.position - round(lift.position / FLOOR_M) * FLOOR_M))
    assert opened
    assert ZONE_M < farthest < UCM_STOP_M + 0.1
    lift.end("unintended-movement")
    lift.step(30)
    assert lift.trips > 0
    assert lift.speed == 0 or lift.door <= 0


def test_an_entrapment_stands_between_floors_with_somebody_inside_until_mended() -> None:
    lift = car()
    lift.begin("entrapment")
    lift.step(40)
    place, trips = lift.position, lift.trips
    lift.step(600)
    status = lift.status()
    assert lift.position == place
    assert (status["car_status"], status["door_closed"], status["passenger_present"], status["door_zone"]) == (
        0,
        True,
        True,
        False,
    )
    lift.end("entrapment")
    lift.step(100)
    assert lift.trips > trips


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1000), before=st.floats(0, 90), fault=st.sampled_from(["entrapment", "stopped-off-floor"]))
def test_a_car_that_stops_off_its_floor_comes_to_rest_off_it(seed: int, before: float, fault: str) -> None:
    lift = car(seed)
    lift.step(before)
    lift.begin(fault)
    lift.step(60)
    assert lift.speed == 0
    assert lift.is_between_floors
    assert lift.door <= 0


def test_mains_that_fail_hold_the_car_and_the_door_where_they_are() -> None:
    lift = car()
    lift.step(33.3)
    lift.begin("power-loss")
    lift.step(1)
    held = (lift.position, lift.door)
    lift.step(300)
    assert (lift.position, lift.door, lift.speed) == (*held, 0.0)


def test_a_motor_that_turns_for_nothing_is_running_until_its_limiter_acts() -> None:
    lift = car()
    lift.begin("motor-limiter")
    lift.step(15)
    place = lift.position
    status = lift.status()
    assert (status["car_status"], status["speed"]) == (1, 0.0)
    lift.step(30)
    assert lift.position == place
    assert lift.status()["car_status"] == 0


@pytest.mark.parametrize("seed", range(5))
def test_the_same_seed_lives_the_same_life(seed: int) -> None:
    one, other = car(seed), car(seed)
    for lift in (one, other):
        lift.step(100)
        lift.begin("door-close-fault")
        lift.step(50)
        lift.end("door-close-fault")
    assert [one.step(1) for _ in range(50)] == [other.step(1) for _ in range(50)]
    assert one.status() == other.status()
