"""Dialects: what a simulator says is what its profile knows, and the same life means the same in every dialect."""

from pathlib import Path

import pytest

from domain.profile import DeviceProfile, parse
from simulators import device_fault
from simulators.dialect import DIALECTS, SECOND_LIST, Dialect, find
from tests.device_life import born, events, telemetry

SORTS = {"receiving_scale": "scale", "fridge": "cold_store"}  # other profiles of a kind that there is
ALL = [(kind, dialect) for kind, dialects in DIALECTS.items() for dialect in dialects]


def profile_of(dialect: Dialect) -> DeviceProfile:
    return parse(Path(f"ingest/profiles/{dialect.profile}.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind, dialect", ALL, ids=lambda one: getattr(one, "name", one))
def test_a_dialect_says_only_what_its_profile_knows(kind: str, dialect: Dialect) -> None:
    profile = profile_of(dialect)
    assert profile.kind == SORTS.get(kind, kind)
    life = born(kind, dialect=dialect.name)
    said = life.live(30)
    for fault in device_fault.FAULTS[kind].values():
        if fault.layer is device_fault.Layer.BODY:
            life.device.body.begin(fault.name)
            said += life.live(fault.shows_s if fault.shows_s < 100 else 100)
            life.device.body.end(fault.name)
            said += life.live(30)
    for status in telemetry(said):
        for name in status.values:
            metric = profile.metric(name)
            assert metric is not None, name
            assert set(status.units) <= {each.name for each in profile.metrics}
    assert {event.code for event in events(said)} <= {event.code for event in profile.events}
    if dialect.codes is not None:
        assert set(dialect.codes.values()) <= {event.code for event in profile.events}
    assert {metric.name for metric in profile.metrics if metric.inverted} == dialect.inverted


def test_the_second_list_is_the_first_with_other_words() -> None:
    usual, other = born("elevator", seed=5), born("elevator", seed=5, dialect="second-list")
    for life in (usual, other):
        life.live(20)
        life.device.body.begin("entrapment")
        life.live(60)
        life.device.body.end("entrapment")
        life.live(20)
    plain, foreign = telemetry(usual.broker.said), telemetry(other.broker.said)
    for one, same in zip(plain, foreign, strict=True):
        assert same.units == {"speed": "mm/s"}
        assert same.values["speed"] == pytest.approx(one.values["speed"] * 1000)
        assert {name: same.values[name] for name in ("door_closed", "passenger_present", "door_zone")} == {
            name: int(not one.values[name]) for name in ("door_closed", "passenger_present", "door_zone")
        }
        assert same.values["car_floor"] == one.values["car_floor"]
    assert events(usual.broker.said) == []  # GB/T 24476 has no code for it: the listener must find out
    assert [(one.code, str(one.phase)) for one in events(other.broker.said)] == [("8", "begin"), ("8", "end")]


def test_the_lists_use_the_same_numbers_for_other_things() -> None:
    usual = find("elevator", None)
    assert usual.codes is not None
    shared = {word for word in usual.codes if word in SECOND_LIST and usual.codes[word] == SECOND_LIST[word]}
    assert shared == {"unintended-movement"}
