"""What the console offers of the scenes' numbers is what the rules have, with the rules' own defaults."""

from dataclasses import fields

from domain import scene_number
from domain.camera import Zone
from domain.scene import Scene
from inference.scene_rule import RULES, SceneRule, rule_of

_WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def test_every_number_of_a_rule_has_bounds_and_its_default_lies_in_them() -> None:
    names = {each.name for each in fields(SceneRule)} - {"variants"}
    assert set(scene_number.BOUNDS) == names
    for scene, rule in RULES.items():
        assert scene_number.VARIANTS.get(scene, ()) == tuple(rule.variants)
        for name in names:
            limits, value = scene_number.bounds(scene, name), getattr(rule, name)
            assert limits is not None
            assert value == 0 or scene_number.fits(limits, value), (scene, name)  # 0: the rule does without


def test_what_is_offered_has_the_rules_default_and_is_taken() -> None:
    for scene, offered in scene_number.OFFERED.items():
        rule = RULES[scene]
        for name, default in offered.items():
            label, _, number = name.rpartition(".")
            assert default == getattr(next((rule.of(each) for each in rule.variants if each == label), rule), number)
        zone = Zone("z", "z", "z", _WHOLE, (scene,), overrides={scene: dict(offered)})
        assert rule_of(scene, zone) == rule
    assert set(scene_number.OFFERED) == set(Scene)


def test_bounds_know_what_is_not_there_and_what_is_whole() -> None:
    assert scene_number.bounds(Scene.NO_HAT, "bare_torso.min_s") is None
    assert scene_number.bounds(Scene.NO_HAT, "speed") is None
    assert scene_number.bounds(Scene.NO_HAT, ".min_s") is None
    hits = scene_number.bounds(Scene.PEST, "closed_hours.min_hits")
    assert hits is not None
    assert [scene_number.fits(hits, value) for value in (0, 1, 2.5, 60, 61, float("nan"))] == [
        False, True, False, True, False, False,
    ]  # fmt: skip
