"""Which rules hear of a scene event: those of its sub-label, else the scene's; of its end all of them."""

from datetime import UTC, datetime

import msgspec
import pytest

from alerts import rulebook
from domain.scene import Scene, SubLabel
from domain.wire import SceneBegan, SceneEnded
from ingest import clock, scene_signals
from ingest.landing import Begun, Ended
from ingest.roster import Roster

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROSTER = Roster(
    scene_rules={scene: tuple(rule for rule in rulebook.default() if rule.scene is scene) for scene in Scene}
)


def began(scene: Scene, label: SubLabel) -> SceneBegan:
    return SceneBegan("a" * 32, "cam", scene, "z", 1, NOW, NOW, NOW, "seen", (), "b" * 64, 2, label=label)


@pytest.mark.parametrize(
    ("scene", "label", "rule"),
    [
        (Scene.NO_UNIFORM, SubLabel.NONE, "no-uniform"),
        (Scene.NO_UNIFORM, SubLabel.BARE_TORSO, "no-uniform-bare-torso"),
        (Scene.NO_MASK, SubLabel.SPECIAL_ROOM, "no-mask-special-room"),
        (Scene.BIN_OPEN, SubLabel.OVERFLOW, "bin-open"),
        (Scene.INTRUSION, SubLabel.CLOSED_HOURS, "intrusion"),
    ],
)
def test_the_most_exact_rule_hears_of_it(scene: Scene, label: SubLabel, rule: str) -> None:
    signals = scene_signals.begins(Begun(0, 3, began(scene, label)), ROSTER, clock.instant(NOW))
    assert [(signal.rule, signal.value) for signal in signals] == [(rule, True)]


def test_all_rules_of_the_scene_hear_of_the_end() -> None:
    ended = Ended(0, 3, Scene.NO_UNIFORM, "z", SceneEnded("a" * 32, "cam", NOW, "over"))
    signals = scene_signals.ends(ended, ROSTER, clock.instant(NOW))
    assert {(signal.rule, signal.value) for signal in signals} == {
        ("no-uniform", False),
        ("no-uniform-bare-torso", False),
    }


def test_an_edge_of_before_the_sub_labels_is_understood() -> None:
    said = msgspec.to_builtins(began(Scene.PEST, SubLabel.NONE))
    del said["label"]
    assert msgspec.convert(said, SceneBegan).label is SubLabel.NONE
