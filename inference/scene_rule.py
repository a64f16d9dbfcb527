"""The numbers of each scene's time rule (DOMAIN §1), as data that a zone may override."""

from dataclasses import dataclass, fields, replace
from datetime import timedelta

from domain.camera import Zone
from domain.scene import Scene

VERSION = 1
TABLE_S = 20.0  # the samples shown lie within so many seconds, so that a 30 s ring holds them all


class BadOverrideError(ValueError):
    """A zone overrides a number that the scene does not have."""


@dataclass(frozen=True, slots=True)
class SceneRule:
    """k-of-n over time. Seconds and shares; `closed_min_s` replaces `min_s` in closed hours.

    share: least part of the visible samples that must violate; min_samples: least visible samples;
    fps: the rate of samples that a candidate needs; clear_s: so long without a violating sample clears and re-arms;
    move: least way in body lengths (PEST); open_min_samples replaces min_samples in opening hours.
    """

    min_s: float
    share: float
    min_samples: int
    fps: float
    clear_s: float = 30.0
    closed_min_s: float | None = None
    window_s: float | None = None  # look back so far; None: min_s and a little
    move: float = 0.0
    open_min_samples: int | None = None

    def span(self, is_open: bool) -> timedelta:
        """The least time that the samples must cover."""
        closed = self.closed_min_s if self.closed_min_s is not None else self.min_s
        return timedelta(seconds=self.min_s if is_open else closed)

    def needed(self, is_open: bool) -> int:
        return self.open_min_samples if is_open and self.open_min_samples is not None else self.min_samples

    def horizon(self, is_open: bool) -> timedelta:
        """How far back samples count: an idle camera's samples are two to ten seconds apart."""
        return timedelta(seconds=self.window_s) if self.window_s is not None else self.span(is_open) + _SLACK


_SLACK = timedelta(seconds=12)

# Source: DOMAIN §1, the table of the nine scenes.
RULES: dict[Scene, SceneRule] = {
    Scene.PHONE: SceneRule(min_s=10, share=0.6, min_samples=5, fps=1.0),
    Scene.PEST: SceneRule(
        min_s=0.2, share=0.0, min_samples=3, fps=5.0, window_s=2.0, move=0.5, open_min_samples=5, clear_s=60
    ),
    Scene.FIRE_UNATTENDED: SceneRule(min_s=180, share=0.8, min_samples=6, fps=0.5),
    Scene.INTRUSION: SceneRule(min_s=15, closed_min_s=3, share=0.7, min_samples=3, fps=2.0),
}


def rule_of(scene: Scene, zone: Zone) -> SceneRule:
    """The scene's rule with the zone's overrides; raises BadOverrideError naming the unknown number."""
    changes = zone.overrides.get(scene, {})
    unknown = set(changes) - {field.name for field in fields(SceneRule)}
    if unknown:
        raise BadOverrideError(f"zone {zone.code}, scene {scene}: no such number: {', '.join(sorted(unknown))}")
    return replace(RULES[scene], **changes)  # type: ignore[arg-type]
