"""A scenario told out: roles that stand for many become so many, and a dead switch becomes the faults behind it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from simulators.scenario_file import (
    BadScenarioError,
    CameraFault,
    CameraRole,
    DeviceRole,
    Expected,
    FaultRole,
    Scenario,
    SwitchRole,
)

CUT_OFF = "cut-off"  # a device's fault, see device_fault.py
UNREACHABLE = "restart"  # a camera's fault, see fault.py


@dataclass(frozen=True, slots=True)
class _Counted:
    """Which codes a role of the file stands for."""

    codes: dict[str, tuple[str, ...]]

    def of(self, code: str) -> tuple[str, ...]:
        return self.codes.get(code, (code,))


def told_out(scenario: Scenario, factor: float = 1.0) -> Scenario:
    """The same scenario with every `count` at 1 and without switches; `factor` multiplies the counts above 1.

    Raises BadScenarioError where two would have one code.
    """
    cameras, devices, codes = [], [], {}
    for camera in scenario.camera:
        same = [_camera(camera, index) for index in _indices(camera.count, factor)]
        codes[camera.code] = tuple(each.code for each in same)
        cameras += [replace(each, fault=(*each.fault, *_camera_faults(each, scenario.switch))) for each in same]
    sites: dict[str, list[str]] = {}
    for device in scenario.device:
        many = [_device(device, index) for index in _indices(device.count, factor)]
        codes[device.code] = tuple(each.code for each in many)
        sites.setdefault(device.site, []).extend(each.site for each in many)
        devices += [replace(each, fault=(*each.fault, *_device_faults(each, scenario.switch))) for each in many]
    _refuse_twice([*(each.code for each in cameras), *(each.code for each in devices)])
    named = {site: tuple(dict.fromkeys(many)) for site, many in sites.items()}
    expected = tuple(_expected(scenario.expect, _Counted(named | codes)))
    return replace(scenario, camera=tuple(cameras), device=tuple(devices), switch=(), expect=expected)


def _refuse_twice(codes: Sequence[str]) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise BadScenarioError(f"{code!r} is placed twice: by a role of its own, and by one that stands for many")
        seen.add(code)


def _indices(count: int, factor: float) -> Sequence[int]:
    """0 for a role that stands for itself; 1, 2, … for one that stands for many."""
    return (0,) if count == 1 else range(1, max(2, round(count * factor)) + 1)


def _camera(role: CameraRole, index: int) -> CameraRole:
    return role if index == 0 else replace(role, code=f"{role.code}-{index}", count=1)


def _device(role: DeviceRole, index: int) -> DeviceRole:
    if index == 0:
        return role
    site = f"{role.site}-{(index - 1) // role.per_site + 1}" if role.per_site else role.site
    return replace(role, code=f"{role.code}-{index}", site=site, seed=role.seed + index, count=1, per_site=0)


def _camera_faults(role: CameraRole, switches: Sequence[SwitchRole]) -> Iterator[CameraFault]:
    for switch in switches:
        if role.site is not None and _behind(switch, role.site):
            yield CameraFault(switch.at, UNREACHABLE, switch.for_s)


def _device_faults(role: DeviceRole, switches: Sequence[SwitchRole]) -> Iterator[FaultRole]:
    for switch in switches:
        if _behind(switch, role.site):
            yield FaultRole(switch.at, CUT_OFF, switch.for_s)


def _behind(switch: SwitchRole, site: str) -> bool:
    """A switch stands before the sites that it names, and before all that a role's site with `per_site` became."""
    return any(site == named or site.removeprefix(f"{named}-").isdigit() for named in switch.sites)


def _expected(expected: Sequence[Expected], counted: _Counted) -> Iterator[Expected]:
    for want in expected:
        yield from (replace(want, subject=code) for code in counted.of(want.subject))
