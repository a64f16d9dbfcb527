"""The shipped scenarios' devices do what their timelines promise: each expected alert has its cause, once, in time."""

from pathlib import Path

import msgspec
import pytest

from simulators import scenario_file
from simulators.link import Kind
from simulators.scenario_file import DeviceRole, Scenario
from tests.device_life import BEGAN, Life, Said, events, sales, telemetry

SCENARIOS = [scenario_file.load(Path(f"simulators/scenarios/{name}.toml")) for name in ("demo", "bad-network")]
SHORT = {"lift-entrapment": 15.0, "cold-frozen-warm": 10.0}  # how long each must last by the demo's rules
KINDS = {"lift-entrapment": "elevator", "cold-frozen-warm": "cold_store"}
each_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)


def lives(scenario: Scenario, role: DeviceRole, seed: int | None = None) -> list[Said]:
    """What it says until the end, and then until everything has arrived."""
    life = Life(role if seed is None else msgspec.structs.replace(role, seed=seed))
    life.live(scenario.duration_s + 30)
    assert life.device.link.waiting == 0
    return life.broker.said


def device(scenario: Scenario, kind: str) -> DeviceRole:
    return next(role for role in scenario.device if role.kind == kind)


def holds(rule: str, values: dict[str, float | bool]) -> bool:
    if rule == "lift-entrapment":
        return bool(values["door_closed"] and values["passenger_present"] and values["car_status"] == 0)
    return values["air_temp"] > -15 and not values["defrost"]


def lasting(said: list[Said], rule: str) -> list[tuple[float, float]]:
    """From when to when the condition held, by the messages' own times, in whatever order they came."""
    seen = {(status.ts - BEGAN).total_seconds(): holds(rule, status.values) for status in telemetry(said)}
    spans: list[tuple[float, float]] = []
    began: float | None = None
    for at, is_so in sorted(seen.items()):
        if not is_so and began is not None:
            spans.append((began, at))
        began = (at if began is None else began) if is_so else None
    return spans if began is None else [*spans, (began, max(seen))]


@each_scenario
@pytest.mark.parametrize("rule", list(SHORT))
@pytest.mark.parametrize("seed", [None, 11, 12])
def test_a_condition_lasts_long_enough_once(scenario: Scenario, rule: str, seed: int | None) -> None:
    said = lives(scenario, device(scenario, KINDS[rule]), seed)
    long = [(begin, end) for begin, end in lasting(said, rule) if end - begin >= SHORT[rule]]
    assert len(long) == 1
    expected = next(one for one in scenario.expect if one.rule == rule)
    assert expected.at <= long[0][0] + SHORT[rule] <= expected.at + expected.within
    assert events(said) == []


@each_scenario
def test_the_cold_room_never_gets_critical_for_long(scenario: Scenario) -> None:
    said = telemetry(lives(scenario, device(scenario, "cold_store")))
    warm = [status.ts for status in said if status.values["air_temp"] > -12]
    assert not warm or (max(warm) - min(warm)).total_seconds() < 20


@each_scenario
def test_the_scale_opens_its_cover_once_and_charges_wrongly_once(scenario: Scenario) -> None:
    said = [one for one in lives(scenario, device(scenario, "scale")) if one.kind is Kind.MESSAGE]
    assert [(one.code, str(one.phase)) for one in events(said)] == [("cover_opened", "begin"), ("cover_opened", "end")]
    wrong = [sale for sale in sales(said) if abs(sale.amount - sale.net_g * sale.unit_price / 1000) > 1]
    assert len(wrong) == 1
    numbers = [sale.seq for sale in sales(said)]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert all(status.values["battery"] >= 10 for status in telemetry(said))
