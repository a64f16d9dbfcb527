"""A scenario: a TOML timeline that places cameras, devices, faults and the alerts that must follow."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec

from domain.code import Code
from simulators import body, device_fault, device_kind, dialect
from simulators.scenario_line import line_of, line_of_error

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
    """A device's fault from `at` for `for_s` seconds; `by`: how much of it, where the table of faults has an amount."""

    at: Seconds
    fault: str
    for_s: Seconds = 0.0
    by: float | None = None


class DeviceRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device. `speed`: how many seconds of its physics pass in one of ours; `every_s`: between two messages.

    `dialect`: how its vendor says things, the usual way without; `settings`: what its kind lets a scenario set.
    """

    kind: str
    site: Code
    code: Code
    every_s: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    speed: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    seed: int = 1
    dialect: str | None = None
    settings: dict[str, float] = {}
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
    """Read a scenario; raises BadScenarioError naming the file, the line and the reason."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadScenarioError(f"cannot read the scenario {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadScenarioError(f"the scenario {path} is not valid: {error}") from error
    try:
        scenario = msgspec.toml.decode(text, type=Scenario)
    except msgspec.DecodeError as error:
        line = line_of_error(text, str(error))
        place = "" if line is None else f", line {line},"
        raise BadScenarioError(f"the scenario {path}{place} is not valid: {error}") from error
    _Check(path, text, scenario).run()
    return scenario


class _Check:
    """What the types cannot say: names that must be known, and codes that must be placed."""

    def __init__(self, path: Path, text: str, scenario: Scenario) -> None:
        self._path, self._text, self._scenario = path, text, scenario

    def run(self) -> None:
        self._check_codes()
        for index, role in enumerate(self._scenario.device):
            for word, error in _faults_of(role):
                self._refuse(("device", index), word, str(error))
        self._check_expectations()

    def _check_codes(self) -> None:
        seen: set[str] = set()
        places = [("camera", index, role.code) for index, role in enumerate(self._scenario.camera)]
        places += [("device", index, role.code) for index, role in enumerate(self._scenario.device)]
        for table, index, code in places:
            if code in seen:
                self._refuse((table, index), code, f"places {code!r} twice")
            seen.add(code)

    def _check_expectations(self) -> None:
        scenario = self._scenario
        subjects = {camera.code for camera in scenario.camera} | {device.code for device in scenario.device}
        for index, expected in enumerate(scenario.expect):
            if expected.subject not in subjects:
                reason = f"expects an alert on {expected.subject!r}, which it does not place"
                self._refuse(("expect", index), expected.subject, reason)
            if expected.at > scenario.duration_s:
                self._refuse(("expect", index), "at", f"expects {expected.rule!r} after its own end")

    def _refuse(self, table: tuple[str, int], word: str, reason: str) -> NoReturn:
        raise BadScenarioError(f"the scenario {self._path}, line {line_of(self._text, table, word)}: {reason}")


def _faults_of(role: DeviceRole) -> Iterator[tuple[str, ValueError]]:
    """What is wrong with a device, each with the word that is wrong."""
    try:
        kind = device_kind.of(role.kind)
    except ValueError as error:
        yield role.kind, error
        return
    try:
        dialect.find(role.kind, role.dialect)
    except ValueError as error:
        yield role.dialect or "dialect", error
    for name, value in role.settings.items():
        try:
            body.settings_of(kind, {name: value})
        except ValueError as error:
            yield name, error
    for fault in role.fault:
        try:
            device_fault.find(role.kind, fault.fault).amount(fault.by)
        except ValueError as error:
            yield fault.fault, error
