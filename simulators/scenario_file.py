"""A scenario: a TOML timeline that places cameras, devices, faults and the alerts that must follow."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from domain.code import Code

Seconds = Annotated[float, msgspec.Meta(ge=0)]


class BadScenarioError(ValueError):
    """A scenario file is TOML with a name, a duration, cameras, devices and expected alerts."""


class Play(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Show `clip` once, `at` seconds after the start."""

    at: Seconds
    clip: str


class CameraRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A camera; between plays it loops the first `quiet_s` seconds of `quiet` (all of it when 0)."""

    code: Code
    quiet: str
    quiet_s: Seconds = 0.0
    play: tuple[Play, ...] = ()


class FaultRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device's fault from `at` for `for_s` seconds."""

    at: Seconds
    fault: str
    for_s: Seconds = 0.0


class DeviceRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device. `speed`: how many seconds of its physics pass in one of ours; `every_s`: between two messages."""

    kind: Literal["elevator", "scale", "cold_store"]
    site: Code
    code: Code
    every_s: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    speed: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    seed: int = 1
    fault: tuple[FaultRole, ...] = ()


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An alert of `rule` on `subject` (a camera's or device's code) must be raised within [at, at + within]."""

    rule: Code
    subject: Code
    at: Seconds
    within: Seconds = 60.0


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One timeline. Times are seconds from its start; `repeat_s` begins it anew when played in a loop."""

    name: Code
    zh: str
    en: str
    duration_s: Seconds
    repeat_s: Seconds
    camera: tuple[CameraRole, ...] = ()
    device: tuple[DeviceRole, ...] = ()
    expect: tuple[Expected, ...] = ()


def load(path: Path) -> Scenario:
    """Read a scenario; raises BadScenarioError naming the file, the place and the reason."""
    try:
        scenario = msgspec.toml.decode(path.read_bytes(), type=Scenario)
    except OSError as error:
        raise BadScenarioError(f"cannot read the scenario {path}: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise BadScenarioError(f"the scenario {path} is not valid: {error}") from error
    _check(path, scenario)
    return scenario


def _check(path: Path, scenario: Scenario) -> None:
    subjects = {camera.code for camera in scenario.camera} | {device.code for device in scenario.device}
    for expected in scenario.expect:
        if expected.subject not in subjects:
            raise BadScenarioError(
                f"the scenario {path} expects an alert on {expected.subject!r}, which it does not place"
            )
        if expected.at > scenario.duration_s:
            raise BadScenarioError(f"the scenario {path} expects {expected.rule!r} after its own end")
