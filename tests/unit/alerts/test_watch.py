"""A device's condition beside a scene: both orders, both ends, and nothing on what nobody knows."""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import rulebook, watch
from domain.rule import BadRuleError, Rule, RuleKind, check
from domain.scene import Scene, SubLabel
from store.figures import Figures
from store.sights import Sight
from store.signals import Signal

RULE = {rule.code: rule for rule in rulebook.default()}["kitchen-stove-unattended"]
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
GAS = 7
EVENT = "a" * 32
SURE, UNSURE = Sight(EVENT, "stove-1", sure=True), Sight(EVENT, "stove-1", sure=False)

VALVES = st.sampled_from([0.0, 1.0, np.nan, None])  # None: the device is away
SIGHTS = st.sampled_from([None, SURE, UNSURE])


def look(valve: float | None, sight: Sight | None, held: set[int], rule: Rule = RULE) -> list[Signal]:
    found = Figures([], {}) if valve is None else Figures([GAS], {"valve_open": np.array([valve])})
    seen: Mapping[int, Sight] = {} if sight is None else {GAS: sight}
    return watch.flipped(rule, found, held, NOW, seen)


def told(looks: list[tuple[float | None, Sight | None]]) -> list[Signal]:
    """All signals of looks one after the other; what is held is all that is remembered between them."""
    held, said = set[int](), list[Signal]()
    for valve, sight in looks:
        for one in look(valve, sight, held):
            held = {GAS} if one.value else set()
            said.append(one)
    return said


@given(st.lists(st.tuples(VALVES, SIGHTS), max_size=8), st.sampled_from([0.0, 1.0]), st.sampled_from([None, SURE]))
def test_whatever_came_before_both_together_hold_and_either_end_ends_it(
    before: list[tuple[float | None, Sight | None]], valve: float, sight: Sight | None
) -> None:
    said = told([*before, (valve, sight)])
    assert (bool(said) and said[-1].value) is (valve == 1.0 and sight is not None)
    assert [one.value for one in said] == [place % 2 == 0 for place in range(len(said))]  # begin, end, begin, …


@given(st.permutations([(1.0, None), (0.0, SURE)]), st.sampled_from([(0.0, SURE), (1.0, None), (None, None)]))
def test_both_orders_and_both_ends(
    first: list[tuple[float | None, Sight | None]], last: tuple[float | None, Sight | None]
) -> None:
    assert [one.value for one in told([*first, (1.0, SURE), last])] == [True, False]


@pytest.mark.parametrize(("valve", "sight"), [(1.0, UNSURE), (np.nan, SURE), (np.nan, UNSURE), (None, SURE)])
def test_what_nobody_knows_flips_nothing(valve: float | None, sight: Sight) -> None:
    assert look(valve, sight, set()) == []
    assert look(valve, sight, {GAS}) == []


def test_the_reason_names_the_scene_and_the_reading_and_brings_the_pictures() -> None:
    [begun] = look(1.0, SURE, set())
    assert (begun.why, begun.scene_event) == ("FIRE_UNATTENDED at camera stove-1: valve_open=1", EVENT)
    assert [one.why for one in look(0.0, SURE, {GAS})] == ["FIRE_UNATTENDED at camera stove-1: valve_open=0"]
    assert [one.why for one in look(1.0, None, {GAS})] == ["FIRE_UNATTENDED is over: valve_open=1"]
    [ended] = look(None, None, {GAS})
    assert (ended.why, ended.scene_event) == ("FIRE_UNATTENDED is over", None)


def test_a_rule_without_a_scene_asks_for_none() -> None:
    alone = msgspec.structs.replace(RULE, scene=None)
    assert [one.why for one in look(1.0, None, set(), alone)] == ["valve_open=1"]
    assert look(None, None, {GAS}, alone) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"kind": RuleKind.THRESHOLD, "look": None}, "only a rule of scenes or figures has a scene"),
        ({"label": SubLabel.SMOKE}, "only a rule of a scene has a label"),
        ({"scene": None, "zones": ("stove",)}, "only a rule of a scene has zones"),
    ],
)
def test_a_scene_stands_where_it_is_asked_for(change: dict[str, object], fault: str) -> None:
    check(msgspec.structs.replace(RULE, scene=Scene.SMOKING, zones=("stove",)))
    with pytest.raises(BadRuleError, match=fault):
        check(msgspec.structs.replace(RULE, **change))
