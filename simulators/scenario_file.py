"""A scenario: a TOML timeline that places cameras, devices, faults and the alerts that must follow."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec

from domain.camera import Mode, Weight
from domain.code import Code
from domain.scene import Scene
from simulators import body, device_fault, device_kind, dialect, toml_line
from simulators import fault as faults

FOOTAGE = Path(__file__).with_name("footage")
TIME_OF_DAY = r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"

Seconds = Annotated[float, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
Moment = Seconds | Annotated[str, msgspec.Meta(pattern=TIME_OF_DAY)]  # s after the start, or daily, local time

_REASON = re.compile(r"^(?P<reason>.*?)(?: - at `(?P<place>\$[^`]*)`)?$", re.DOTALL)
_FIELD = re.compile(r"unknown field `(\w+)`")
_SYNTAX = re.compile(r"^(?P<reason>.*) \(at (line (?P<line>\d+), column \d+|end of document)\)$", re.DOTALL)


class BadScenarioError(ValueError):
    """A scenario file is TOML with a name, a duration, cameras, devices and expected alerts."""


class Play(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Show `clip` once, `at` seconds after the start; or each day at a time of day, as in `at = "20:05"`."""

    at: Moment
    clip: str


class CameraFault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A camera's fault (see simulators/fault.py) from `at` for `for_s` seconds; without `for_s` to the end."""

    at: Moment
    fault: str
    for_s: Seconds | None = None


class CameraRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A camera; between plays it loops the first `quiet_s` seconds of `quiet` (all of it when 0).

    `site` and `scenes`: where it hangs and what is looked for there, for the registry of a drill. `count`: it stands
    for so many, code-1, code-2, …. `mode` and `weight`: how their edge looks at them.
    """

    code: Code
    quiet: str
    quiet_s: Seconds = 0.0
    site: Code | None = None
    scenes: tuple[Scene, ...] = ()
    count: Count = 1
    play: tuple[Play, ...] = ()
    fault: tuple[CameraFault, ...] = ()
    mode: Mode = Mode.WATCH
    weight: Weight = 1


class ServerRestart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All cameras' common server is away from `at` for `for_s` seconds."""

    at: Seconds
    for_s: Seconds = 5.0


class FaultRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device's fault from `at` for `for_s` seconds; `by`: how much of it, where the table of faults has an amount."""

    at: Seconds
    fault: str
    for_s: Seconds = 0.0
    by: float | None = None


class DeviceRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device. `speed`: how many seconds of its physics pass in one of ours; `every_s`: between two messages.

    `dialect`: how its vendor says things, the usual way without; `settings`: what its kind lets a scenario set.
    `count`: it stands for so many, code-1, code-2, …; with `per_site`, so many at each of site-1, site-2, ….
    """

    kind: str
    site: Code
    code: Code
    every_s: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    speed: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    seed: int = 1
    dialect: str | None = None
    settings: dict[str, float] = {}
    count: Count = 1
    per_site: Annotated[int, msgspec.Meta(ge=0)] = 0
    fault: tuple[FaultRole, ...] = ()


class SwitchRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A network switch that is dead from `at` for `for_s` seconds: all cameras and devices of `sites` are cut off."""

    at: Seconds
    for_s: Seconds
    sites: tuple[Code, ...]


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An alert of `rule` on `subject` (a camera's, device's or site's code) must be raised within [at, at + within].

    The code of a role, or of its site, that stands for many expects one on each of them.
    """

    rule: Code
    subject: Code
    at: Seconds
    within: Seconds = 60.0


class Bars(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a drill must reach to pass: the most that may be missed, unexpected, lost …; latencies where they are given.

    `unpushed`: matched alerts that reached no receiver.
    """

    missed: int = 0
    unexpected: int = 0
    unpushed: int = 0
    lost: int = 0
    duplicated: int = 0
    latency_p50_s: Seconds | None = None
    latency_p95_s: Seconds | None = None
    latency_max_s: Seconds | None = None


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One timeline. Times are seconds from its start; `repeat_s` begins it anew when played in a loop."""

    name: Code
    zh: str
    en: str
    duration_s: Seconds
    repeat_s: Seconds
    camera: tuple[CameraRole, ...] = ()
    device: tuple[DeviceRole, ...] = ()
    restart: tuple[ServerRestart, ...] = ()
    switch: tuple[SwitchRole, ...] = ()
    expect: tuple[Expected, ...] = ()
    bars: Bars = Bars()


def load(path: Path) -> Scenario:
    """Read a scenario as it is written; raises BadScenarioError naming the file, the line and the reason."""
    try:
        text = path.read_text(encoding="utf-8")
        scenario = msgspec.toml.decode(text, type=Scenario)
    except OSError as error:
        raise BadScenarioError(f"cannot read the scenario {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadScenarioError(f"the scenario {path} is not valid: it is not UTF-8 text") from error
    except msgspec.DecodeError as error:
        raise BadScenarioError(f"the scenario {path} is not valid{_told(text, str(error))}") from error
    for place, reason in _complaints(scenario):
        raise BadScenarioError(f"the scenario {path} is not valid, line {toml_line.find(text, place)}: {reason}")
    return scenario


def check(role: DeviceRole) -> DeviceRole:
    """The same role, when there is such a device with such faults; raises BadScenarioError."""
    for place, reason in _device_complaints("", role):
        raise BadScenarioError(f"{place.removeprefix('.')}: {reason}")
    return role


def fault_of(text: str) -> FaultRole:
    """A fault as a command line says it: `name@at:for_s`; raises BadScenarioError."""
    name, _, times = text.partition("@")
    at, _, for_s = times.partition(":")
    try:
        return FaultRole(float(at), name, float(for_s))
    except ValueError as error:
        raise BadScenarioError(f"{text!r} is no fault; write NAME@AT:FOR in seconds, as entrapment@10:60") from error


def _told(text: str, message: str) -> str:
    """What the decoder said, with the line that it means."""
    syntax = _SYNTAX.match(message)
    if syntax is not None:
        return f", line {syntax['line'] or len(text.splitlines())}: {syntax['reason']}"
    found = _REASON.match(message)
    reason, place = (found["reason"], found["place"] or "$") if found is not None else (message, "$")
    if "matching regex" in reason and place.endswith(".at"):
        reason = 'a time of day is written as "20:05" or "20:05:30"'
    field = _FIELD.search(reason)
    where = f"{place}.{field[1]}" if field is not None else place
    name = f"{place.removeprefix('$.')}: " if place != "$" else ""
    return f", line {toml_line.find(text, where)}: {name}{reason}"


def _complaints(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """What the types cannot say: (place, reason)."""
    codes: set[str] = set()
    placed = [(f"$.camera[{index}].code", camera.code) for index, camera in enumerate(scenario.camera)]
    placed += [(f"$.device[{index}].code", device.code) for index, device in enumerate(scenario.device)]
    for place, code in placed:
        if code in codes:
            yield place, f"{code!r} is placed twice"
        codes.add(code)
    for index, camera in enumerate(scenario.camera):
        yield from _camera_complaints(f"$.camera[{index}]", camera)
    for index, device in enumerate(scenario.device):
        yield from _device_complaints(f"$.device[{index}]", device)
    sites = {camera.site for camera in scenario.camera} | {device.site for device in scenario.device}
    for index, expected in enumerate(scenario.expect):
        if expected.subject not in codes | sites:
            yield f"$.expect[{index}].subject", f"expects an alert on {expected.subject!r}, which it does not place"
        if expected.at > scenario.duration_s:
            yield f"$.expect[{index}].at", f"expects {expected.rule!r} after its own end"
    for index, switch in enumerate(scenario.switch):
        for site in sorted(set(switch.sites) - sites):
            yield f"$.switch[{index}].sites", f"nothing is placed at {site!r}, so no switch stands before it"


def _camera_complaints(place: str, camera: CameraRole) -> Iterator[tuple[str, str]]:
    clips = [(f"{place}.quiet", camera.quiet)]
    clips += [(f"{place}.play[{index}].clip", play.clip) for index, play in enumerate(camera.play)]
    for where, clip in clips:
        if not (FOOTAGE / f"{clip}.mp4").is_file():
            shipped = ", ".join(sorted(file.stem for file in FOOTAGE.glob("*.mp4")))
            yield where, f"there is no clip {clip!r}; there are {shipped}"
    for index, mishap in enumerate(camera.fault):
        if mishap.fault not in faults.NAMES:
            known = ", ".join(faults.NAMES)
            yield f"{place}.fault[{index}].fault", f"no camera has a fault {mishap.fault!r}; there are {known}"


def _device_complaints(place: str, device: DeviceRole) -> Iterator[tuple[str, str]]:
    try:
        kind = device_kind.of(device.kind)
    except ValueError as error:
        yield f"{place}.kind", str(error)
        return
    try:
        dialect.find(device.kind, device.dialect)
    except ValueError as error:
        yield f"{place}.dialect", str(error)
    for name, value in device.settings.items():
        try:
            body.settings_of(kind, {name: value})
        except ValueError as error:
            yield f"{place}.settings.{name}", str(error)
    for index, mishap in enumerate(device.fault):
        where = f"{place}.fault[{index}]"
        try:
            found = device_fault.find(device.kind, mishap.fault)
        except ValueError as error:
            yield f"{where}.fault", str(error)
            continue
        try:
            found.amount(mishap.by)
        except ValueError as error:
            yield f"{where}.by", str(error)
