"""A gas detector: the air is the well-mixed box's, and what is too much shuts the valve and starts the fan."""

import random
from math import exp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.gas_detector import DRAUGHT, FAN, LEL, ROOM_M3, GasDetector
from simulators.utterance import Event

HOUR = 3600.0


def detector(**wanted: float) -> GasDetector:
    return GasDetector(random.Random(1), wanted)


def steady(leak: float, changes: float) -> float:
    """% of the lower explosive limit that a leak (m³/h) comes to."""
    return leak / (changes * ROOM_M3) / LEL * 100


def names(device: GasDetector, seconds: float) -> list[str]:
    return [word.name for _ in range(round(seconds)) for word in device.step(1.0) if isinstance(word, Event)]


@settings(max_examples=30, deadline=None)
@given(leak=st.floats(1, 2.5), seconds=st.integers(1, 7200), steps=st.integers(1, 50))
def test_the_air_is_the_box_s_however_it_is_cut_into_steps(leak: float, seconds: int, steps: int) -> None:
    device = detector(alarm_lel=50)
    device.begin("leak-at-meter", leak)
    for _ in range(steps):
        device.step(seconds / steps)
    assert device.lel == pytest.approx(steady(leak, DRAUGHT) * (1 - exp(-DRAUGHT * seconds / HOUR)))


def test_a_leaking_hose_is_shut_off_and_the_air_clears() -> None:
    device = detector()
    device.begin("leak")
    assert names(device, 300) == ["gas_leak"]
    assert (device.valve_open, device.fan) == (False, True)
    device.step(HOUR)
    assert device.lel < 1
    assert (device.valve_open, device.fan) == (False, False)


def test_a_leak_before_the_valve_goes_on_as_strong_as_the_fan_lets_it() -> None:
    device = detector()
    device.begin("leak-at-meter")
    assert names(device, 2 * HOUR) == ["gas_leak"]
    assert device.fan
    assert device.lel == pytest.approx(steady(6, FAN), rel=0.01)
    assert device.status()["gas"] <= 100


@pytest.mark.parametrize("level", [5.0, 10.0, 25.0])
def test_it_goes_off_at_its_level_and_not_before(level: float) -> None:
    device = detector(alarm_lel=level)
    device.begin("leak")
    while not names(device, 1):
        assert device.lel < level
    assert device.lel >= level


def test_a_leak_that_the_draught_carries_off_is_no_alarm() -> None:
    device = detector(alarm_lel=20)
    device.begin("leak-at-meter", 1)
    assert steady(1, DRAUGHT) < 20
    assert names(device, 3 * HOUR) == []


def test_the_valve_opens_for_a_cook_and_not_into_gas() -> None:
    device = detector()
    device.begin("gas-on")
    assert names(device, 60) == []
    assert device.status()["valve_open"]
    assert device.status()["gas"] < 1
    device.end("gas-on")
    assert not device.status()["valve_open"]
    device.begin("leak-at-meter", 60)
    device.step(600)
    device.begin("gas-on")
    device.step(1)
    assert not device.status()["valve_open"]


def test_a_failed_sensor_guards_nothing() -> None:
    device = detector()
    device.begin("sensor-fault")
    device.begin("leak")
    assert "gas_leak" not in names(device, HOUR)
    assert device.lel > 50
    assert device.status()["gas"] == 0
    assert device.valve_open


def test_what_burns_badly_or_smokes_says_so_and_ends_with_it() -> None:
    device = detector()
    for fault, event in (("bad-burning", "carbon_monoxide"), ("fire", "smoke")):
        device.begin(fault)
        assert names(device, 600) == [event]
        device.end(fault)
        assert names(device, 60) == [event]
