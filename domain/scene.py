"""The nine scenes (DOMAIN §1), their sub-labels, and what each scene is called, how grave it is and when it is due."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from domain.severity import Severity


class Scene(StrEnum):
    """Codes of the default scene profile, V1 to V9."""

    NO_HAT = "NO_HAT"
    NO_MASK = "NO_MASK"
    NO_UNIFORM = "NO_UNIFORM"
    SMOKING = "SMOKING"
    PHONE = "PHONE"
    PEST = "PEST"
    BIN_OPEN = "BIN_OPEN"
    FIRE_UNATTENDED = "FIRE_UNATTENDED"
    INTRUSION = "INTRUSION"


class SubLabel(StrEnum):
    """A kind of a scene that a rule may treat by itself: it needs less time, or is of another class."""

    NONE = ""
    SPECIAL_ROOM = "special_room"  # NO_MASK in a special room
    BARE_TORSO = "bare_torso"  # NO_UNIFORM
    OPEN_LID = "open_lid"  # BIN_OPEN
    OVERFLOW = "overflow"  # BIN_OPEN
    SMOKE = "smoke"  # FIRE_UNATTENDED
    CLOSED_HOURS = "closed_hours"  # PEST and INTRUSION


@dataclass(frozen=True, slots=True)
class SceneKind:
    """One scene's names and its default class."""

    scene: Scene
    number: str
    zh: str
    en: str
    severity: Severity
    deadline: timedelta


_HOUR = timedelta(hours=1)

KINDS: dict[Scene, SceneKind] = {
    kind.scene: kind
    for kind in (
        SceneKind(Scene.NO_HAT, "V1", "未戴厨师帽", "No hat", Severity.III, 24 * _HOUR),
        SceneKind(Scene.NO_MASK, "V2", "未戴口罩", "No mask", Severity.III, 24 * _HOUR),
        SceneKind(Scene.NO_UNIFORM, "V3", "未穿工作服", "No uniform", Severity.III, 24 * _HOUR),
        SceneKind(Scene.SMOKING, "V4", "吸烟", "Smoking", Severity.II, 2 * _HOUR),
        SceneKind(Scene.PHONE, "V5", "玩手机", "Using a phone", Severity.III, 24 * _HOUR),
        SceneKind(Scene.PEST, "V6", "鼠患", "Rat or mouse", Severity.I, _HOUR / 2),
        SceneKind(Scene.BIN_OPEN, "V7", "垃圾桶未盖或溢出", "Bin open or overflowing", Severity.II, 2 * _HOUR),
        SceneKind(Scene.FIRE_UNATTENDED, "V8", "动火离人", "Flame unattended", Severity.I, _HOUR / 2),
        SceneKind(Scene.INTRUSION, "V9", "非授权进入", "Intrusion", Severity.II, 2 * _HOUR),
    )
}
