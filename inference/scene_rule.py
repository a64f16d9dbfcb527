"""The numbers of each scene's rule (DOMAIN §1), as data that a zone may override."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta

from domain.camera import Zone
from domain.scene import Scene, SubLabel

VERSION = 2
TABLE_S = 20.0  # the samples shown lie within so many seconds, so that a 30 s ring holds them all
SLACK_S = 12.0  # an idle camera's samples are two to ten seconds apart

Numbers = Mapping[str, float]


class BadOverrideError(ValueError):
    """A zone overrides a number that the scene does not have."""


@dataclass(frozen=True, slots=True)
class SceneRule:
    """k of n over time, on one subject. Seconds, shares, counts.

    min_s: the samples must cover so long, from the first violating one on; window_s: they lie within so long (0: min_s
    and a little); share: so much of the visible ones must violate; min_samples: so many must be visible; min_hits: so
    many must violate. grace_s: samples so soon after the subject was first seen do not count; forgive_s: a spell of
    violating samples no longer than this counts as compliant; move: the least way in body lengths; clear_s: so long
    without a violating sample clears and re-arms; fps: the samples per second that a candidate wants (0: keyframes do).

    variants: what differs for a sub-label. Each is the sharper rule: its samples count for the scene's own as well.
    """

    min_s: float = 0.0
    window_s: float = 0.0
    share: float = 0.0
    min_samples: int = 1
    min_hits: int = 1
    grace_s: float = 0.0
    forgive_s: float = 0.0
    move: float = 0.0
    clear_s: float = 30.0
    fps: float = 1.0
    variants: Mapping[SubLabel, Numbers] = field(default_factory=dict)

    def of(self, label: SubLabel) -> "SceneRule":
        """The rule for a sub-label alone; the rule itself where nothing differs."""
        changes: Mapping[str, float] = self.variants.get(label, {})
        return replace(self, **changes, variants={}) if changes else self  # type: ignore[arg-type]

    @property
    def horizon(self) -> timedelta:
        """How far back samples count."""
        return timedelta(seconds=self.window_s or self.min_s + SLACK_S)

    @property
    def soonest_s(self) -> float:
        """The least time after which any variant may be fulfilled."""
        return min(rule.min_s for rule in (self, *map(self.of, self.variants)))

    @property
    def memory(self) -> timedelta:
        """How long a sample is of use to any variant, or to an event's table."""
        rules = [self, *map(self.of, self.variants)]
        return max(timedelta(seconds=TABLE_S), *(rule.horizon for rule in rules))


_NUMBERS = {each.name for each in fields(SceneRule)} - {"variants"}

# Source: DOMAIN §1, the table of the nine scenes. Three hits in one second are one look at a cigarette: ours.
RULES: dict[Scene, SceneRule] = {
    Scene.NO_HAT: SceneRule(min_s=10, share=0.7, min_samples=5, grace_s=15),
    Scene.NO_MASK: SceneRule(min_s=15, share=0.7, min_samples=5, forgive_s=10),
    Scene.NO_UNIFORM: SceneRule(min_s=10, share=0.7, min_samples=5, variants={SubLabel.BARE_TORSO: {"min_s": 5}}),
    Scene.SMOKING: SceneRule(min_s=1, window_s=8, min_hits=3, fps=2),
    Scene.PHONE: SceneRule(min_s=10, share=0.6, min_samples=5),
    Scene.PEST: SceneRule(
        min_s=0.2,
        window_s=2,
        min_hits=5,
        move=0.5,
        clear_s=60,
        fps=5,
        variants={SubLabel.CLOSED_HOURS: {"min_hits": 3}},
    ),
    Scene.BIN_OPEN: SceneRule(min_s=900, share=0.8, min_samples=5, fps=0, variants={SubLabel.OPEN_LID: {"min_s": 300}}),
    Scene.FIRE_UNATTENDED: SceneRule(
        min_s=180, share=0.8, min_samples=6, fps=0.5, variants={SubLabel.SMOKE: {"min_s": 60}}
    ),
    Scene.INTRUSION: SceneRule(
        min_s=15, share=0.7, min_samples=3, fps=2, variants={SubLabel.CLOSED_HOURS: {"min_s": 3}}
    ),
}


def rule_of(scene: Scene, zone: Zone) -> SceneRule:
    """The scene's rule with the zone's overrides (`min_s`, `bare_torso.min_s`); raises BadOverrideError."""
    rule = RULES[scene]
    changes: dict[str, dict[str, float]] = {label: {} for label in (SubLabel.NONE, *rule.variants)}
    unknown = []
    for name, value in zone.overrides.get(scene, {}).items():
        label, _, number = name.rpartition(".")
        if number in _NUMBERS and label in changes:
            changes[label][number] = value
        else:
            unknown.append(name)
    if unknown:
        raise BadOverrideError(f"zone {zone.code}, scene {scene}: no such number: {', '.join(sorted(unknown))}")
    variants = {label: {**numbers, **changes[label]} for label, numbers in rule.variants.items()}
    return replace(rule, **changes[SubLabel.NONE], variants=variants)  # type: ignore[arg-type]
