"""The small things of a kitchen: everybody is checked, every dish has its sample, every delivery is weighed."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.body import Status
from simulators.fridge import Fridge
from simulators.label_printer import KEPT_H, LEAST_G, LabelPrinter
from simulators.morning_check import FEVER, MorningCheck
from simulators.receiving_scale import GOODS, ReceivingScale
from simulators.utterance import Event, Record, Utterance
from tests.device_life import born, telemetry

HOUR, DAY = 3600.0, 86_400.0


def records(words: list[Utterance]) -> list[Status]:
    return [word.values for word in words if isinstance(word, Record)]


def names(words: list[Utterance]) -> list[str]:
    return [word.name for word in words if isinstance(word, Event)]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), staff=st.integers(1, 60), days=st.integers(1, 4))
def test_everybody_is_checked_every_morning(seed: int, staff: int, days: int) -> None:
    check = MorningCheck(random.Random(seed), {"staff": staff})
    for _ in range(days):
        people = records(check.step(6 * HOUR))
        assert sorted(one["person"] for one in people) == list(range(1, staff + 1))
        assert check.status()["checked"] == staff
        assert all(one["passed"] and 35 < one["body_temp"] <= FEVER for one in people)
        assert all(0 < one["certificate_days"] <= 365 for one in people)
        check.step(18 * HOUR)


def test_nobody_with_a_fever_passes_and_a_latecomer_is_checked_too() -> None:
    check = MorningCheck(random.Random(1), {"staff": 3})
    check.step(HOUR)
    check.begin("fever", 39.0)
    words = check.step(200)
    (one,) = records(words)
    assert one["passed"] is False
    assert 38.5 < one["body_temp"] < 39.5
    assert names(words) == ["fever"]
    assert check.status()["refused"] == 1


def test_who_goes_in_unchecked_is_counted() -> None:
    check = MorningCheck(random.Random(1), {"staff": 5})
    check.begin("unchecked")
    assert names(check.step(HOUR)) == ["unchecked"] * 5
    assert (check.status()["checked"], check.status()["unchecked"]) == (0, 5)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), step=st.sampled_from([60.0, 1800.0, DAY]))
def test_each_dish_of_each_meal_has_its_sample_for_its_time(seed: int, step: float) -> None:
    printer = LabelPrinter(random.Random(seed))
    words = [word for _ in range(int(4 * DAY / step)) for word in printer.step(step)]
    labels = records(words)
    assert len(labels) >= 16 * 6
    assert [one["label"] for one in labels] == list(range(1, len(labels) + 1))
    assert all(one["sample_weight"] >= LEAST_G and one["retention"] == KEPT_H for one in labels)
    assert names(words).count("discarded") == len(labels) - printer.status()["samples"]
    assert 0 < printer.status()["oldest"] <= KEPT_H
    assert {"underweight", "sample_missing", "discarded_early"}.isdisjoint(names(words))


def test_without_paper_samples_wait_for_their_labels() -> None:
    printer = LabelPrinter(random.Random(1))
    printer.begin("paper-out")
    assert names(printer.step(HOUR)) == ["paper_out"]
    printer.end("paper-out")
    assert names(printer.step(HOUR)).count("label_printed") == 6


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_deliveries_are_about_what_was_ordered_and_cold_enough(seed: int) -> None:
    scale = ReceivingScale(random.Random(seed))
    words = scale.step(2 * HOUR)
    came = records(words)
    assert len(came) == scale.status()["deliveries"] > 100
    for one in came:
        assert 0.95 * one["ordered"] <= one["net"] <= 1.05 * one["ordered"]
        assert one["net"] % 20 == 0
        assert one["surface_temp"] < one["surface_limit"]
    texts = [word.text for word in words if isinstance(word, Event)]
    assert all("LOT" in text for text in texts)
    assert {text.split()[0] for text in texts} == {goods.name for goods in GOODS}


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000))
def test_a_fridge_in_use_keeps_food_cold_and_does_not_freeze_it(seed: int) -> None:
    fridge = Fridge(random.Random(seed))
    for _ in range(6 * 60):
        fridge.step(60)
        assert 0 < fridge.heat.goods < 8
        assert -1 < fridge.heat.air < 15


def test_a_fridge_without_current_gets_warm_within_some_hours() -> None:
    fridge = Fridge(random.Random(1), {"door_every_s": float("inf")})
    fridge.begin("power-loss")
    fridge.step(HOUR)
    assert fridge.heat.air < 8
    fridge.step(7 * HOUR)
    assert fridge.heat.air > 8


@pytest.mark.parametrize("kind", ["morning_check", "receiving_scale", "label_printer"])
def test_no_two_records_have_the_same_time(kind: str) -> None:
    said = telemetry(born(kind).live(300))
    stamps = [status.ts for status in said]
    assert len(stamps) >= 300
    assert stamps == sorted(set(stamps))
