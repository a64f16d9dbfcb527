"""The numbers of scenes' rules that a zone may replace: what they are by default, and within which bounds they help."""

from dataclasses import dataclass

from domain.scene import Scene, SubLabel


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a number may be. `unit` is a UCUM code, or "1" for shares and counts."""

    low: float
    high: float
    unit: str = "s"
    whole: bool = False


# By the number's name, with a sub-label's before it or not (inference.scene_rule.SceneRule says what each does).
BOUNDS: dict[str, Bounds] = {
    "min_s": Bounds(0.2, 7200),
    "window_s": Bounds(0, 7200),
    "share": Bounds(0.3, 1.0, "1"),
    "min_samples": Bounds(1, 100, "1", whole=True),
    "min_hits": Bounds(1, 60, "1", whole=True),
    "grace_s": Bounds(0, 600),
    "forgive_s": Bounds(0, 600),
    "move": Bounds(0, 10, "1"),
    "clear_s": Bounds(1, 3600),
    "fps": Bounds(0, 10, "1/s"),
}
VARIANTS: dict[Scene, tuple[SubLabel, ...]] = {
    Scene.NO_UNIFORM: (SubLabel.BARE_TORSO,),
    Scene.PEST: (SubLabel.CLOSED_HOURS,),
    Scene.BIN_OPEN: (SubLabel.OPEN_LID,),
    Scene.FIRE_UNATTENDED: (SubLabel.SMOKE,),
    Scene.INTRUSION: (SubLabel.CLOSED_HOURS,),
}
# What the console offers, with its default (DOMAIN §1); the others are for registry files.
OFFERED: dict[Scene, dict[str, float]] = {
    Scene.NO_HAT: {"min_s": 10, "share": 0.7, "grace_s": 15, "clear_s": 30},
    Scene.NO_MASK: {"min_s": 15, "share": 0.7, "clear_s": 30},
    Scene.NO_UNIFORM: {"min_s": 10, "bare_torso.min_s": 5, "share": 0.7, "clear_s": 30},
    Scene.SMOKING: {"min_hits": 3, "window_s": 8, "clear_s": 30},
    Scene.PHONE: {"min_s": 10, "share": 0.6, "clear_s": 30},
    Scene.PEST: {"min_hits": 5, "closed_hours.min_hits": 3, "clear_s": 60},
    Scene.BIN_OPEN: {"min_s": 900, "open_lid.min_s": 300, "share": 0.8, "clear_s": 30},
    Scene.FIRE_UNATTENDED: {"min_s": 180, "smoke.min_s": 60, "share": 0.8, "clear_s": 30},
    Scene.INTRUSION: {"min_s": 15, "closed_hours.min_s": 3, "clear_s": 30},
}


def bounds(scene: Scene, name: str) -> Bounds | None:
    """The bounds of `min_s` or `bare_torso.min_s`; None where that scene has no such number."""
    label, dot, number = name.rpartition(".")
    known = not dot or label in VARIANTS.get(scene, ())
    return BOUNDS.get(number) if known else None


def fits(limits: Bounds, value: float) -> bool:
    """True when the value lies within the bounds, and is whole where it must be."""
    return limits.low <= value <= limits.high and (not limits.whole or value == int(value))
