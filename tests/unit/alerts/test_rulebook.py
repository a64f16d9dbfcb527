"""The shipped rules: one per scene, each readable, each on metrics and codes that its profiles have."""

import msgspec
import pytest

from alerts import rulebook
from alerts.incident import deadline
from domain import derived, predicate
from domain.rule import BadRuleError, RuleKind, check
from domain.scene import KINDS, Scene, SubLabel
from domain.severity import Severity
from domain.wire import Health
from ingest.library import profiles

TRANSACTION = {"gross_g", "tare_g", "net_g", "unit_price", "amount"}


def test_every_rule_reads_what_its_profiles_have() -> None:
    known = {profile.code: profile for profile in profiles()}
    for rule in rulebook.default():
        for code in rule.profiles:
            profile = known[code]
            if rule.kind is RuleKind.THRESHOLD:
                known_names = {metric.name for metric in profile.metrics}
                read = {derived.base(name, known_names) for name in predicate.parse(rule.predicate).metrics}
                assert read <= known_names, rule.code
                assert all(profile.event(guard.event) for guard in rule.guards if guard.event), rule.code
            if rule.kind is RuleKind.EVENT:
                assert all(profile.event(event) for event in rule.codes), rule.code
        if rule.kind is RuleKind.TRANSACTION:
            assert predicate.parse(rule.predicate).metrics <= TRANSACTION
        if rule.kind is RuleKind.HEALTH:
            assert set(rule.codes) <= set(Health)
        if rule.kind in (RuleKind.THRESHOLD, RuleKind.EVENT):
            assert rule.profiles, f"{rule.code}: codes and metrics mean something within a profile only"


def test_each_scene_has_one_rule_of_its_class() -> None:
    scenes = {rule.scene: rule for rule in rulebook.default() if rule.kind is RuleKind.SCENE and not rule.label}
    assert set(scenes) == set(Scene)
    for scene, rule in scenes.items():
        assert scene is not None
        assert rule.code == scene.lower().replace("_", "-")
        assert rule.severity is KINDS[scene].severity
        assert deadline(rule) == KINDS[scene].deadline


def test_a_sub_label_may_be_of_another_class_than_its_scene() -> None:
    rules = {(rule.scene, rule.label): rule for rule in rulebook.default() if rule.label}
    assert set(rules) == {(Scene.NO_UNIFORM, SubLabel.BARE_TORSO), (Scene.NO_MASK, SubLabel.SPECIAL_ROOM)}
    for (scene, _), rule in rules.items():
        assert scene is not None
        assert (rule.severity, deadline(rule)) == (Severity.II, KINDS[scene].deadline)


def test_only_a_scene_has_a_sub_label() -> None:
    short = msgspec.structs.replace(rulebook.default()[0], label=SubLabel.SMOKE)
    with pytest.raises(BadRuleError, match="only a rule of a scene has a label"):
        check(short)


def test_codes_are_unique_and_texts_complete() -> None:
    rules = rulebook.default()
    assert len({rule.code for rule in rules}) == len(rules)
    assert all(rule.zh and rule.en and rule.source for rule in rules)


def test_the_demo_shortens_and_says_so() -> None:
    usual = {rule.code: rule for rule in rulebook.default()}
    for short in rulebook.demo():
        long = usual[short.code]
        assert short.version == long.version + 1
        assert short.for_s <= long.for_s
        assert short.recheck_s <= long.recheck_s
        assert "演示" in short.zh
        assert "demo" in short.en
        assert (short.predicate, short.codes, short.severity) == (long.predicate, long.codes, long.severity)
    waiting = {code for code, rule in usual.items() if rule.for_s >= 60 and rule.kind is RuleKind.THRESHOLD}
    assert waiting - {rule.code for rule in rulebook.demo()} == {
        "scale-battery-low",
        "cold-probes-disagree",  # the slow ones stay slow
        "kitchen-uv-weak",
        "kitchen-gas-on-after-hours",
    }


def test_an_incident_is_named_by_one_of_its_rules() -> None:
    rules = {rule.code: rule for rule in rulebook.default()}
    for rule in rules.values():
        if rule.incident is not None:
            assert rules[rule.incident].incident == rule.incident, rule.code
