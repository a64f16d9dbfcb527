"""The demo's devices do what its timeline promises: each expected alert has its cause in time, and no other has one."""

from pathlib import Path

import msgspec
import pytest

from simulators import scenario_file
from simulators.scenario_file import DeviceRole
from tests.device_life import Life, Said, events, sales, telemetry

DEMO = scenario_file.load(Path("simulators/scenarios/demo.toml"))
ROLES = {role.code: role for role in DEMO.device}
SHORT = {"lift-entrapment": 15.0, "cold-frozen-warm": 10.0}  # how long each must last in the demo's rules


def lives(role: DeviceRole, seed: int) -> list[Said]:
    return Life(msgspec.structs.replace(role, seed=seed)).live(DEMO.duration_s)


def holds(rule: str, values: dict[str, float | bool]) -> bool:
    if rule == "lift-entrapment":
        return bool(values["door_closed"] and values["passenger_present"] and values["car_status"] == 0)
    return values["air_temp"] > -15 and not values["defrost"]


def lasting(said: list[Said], rule: str) -> list[tuple[float, float]]:
    """From when to when the status said so: the demo's two conditions."""
    spans: list[tuple[float, float]] = []
    began: float | None = None
    for one in said:
        for status in telemetry([one]):
            if not holds(rule, status.values) and began is not None:
                spans.append((began, one.at))
            began = (began or one.at) if holds(rule, status.values) else None
    return spans if began is None else [*spans, (began, DEMO.duration_s)]


@pytest.mark.parametrize("rule, code", [("lift-entrapment", "lift-1"), ("cold-frozen-warm", "cold-1")])
@pytest.mark.parametrize("seed", [None, 11, 12])
def test_a_condition_lasts_long_enough_once(rule: str, code: str, seed: int | None) -> None:
    role = ROLES[code]
    said = lives(role, role.seed if seed is None else seed)
    long = [(begin, end) for begin, end in lasting(said, rule) if end - begin >= SHORT[rule]]
    assert len(long) == 1
    expected = next(one for one in DEMO.expect if one.rule == rule)
    assert expected.at <= long[0][0] + SHORT[rule] <= expected.at + expected.within
    assert events(said) == []


def test_the_cold_room_never_gets_critical_for_long() -> None:
    warm = [
        one.at for one in lives(ROLES["cold-1"], 3) for status in telemetry([one]) if status.values["air_temp"] > -12
    ]
    assert not warm or max(warm) - min(warm) < 20


def test_the_scale_opens_its_cover_once_and_charges_wrongly_once() -> None:
    said = lives(ROLES["scale-1"], 2)
    assert [(one.code, str(one.phase)) for one in events(said)] == [("cover_opened", "begin"), ("cover_opened", "end")]
    wrong = [sale for sale in sales(said) if abs(sale.amount - sale.net_g * sale.unit_price / 1000) > 1]
    assert len(wrong) == 1
    assert all(float(one.values["battery"]) >= 10 for one in telemetry(said))
