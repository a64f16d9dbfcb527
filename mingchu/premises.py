"""The registry of a scenario: what the demo's knows of its cameras and devices, and for the rest what they show."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from domain.scene import Scene
from mingchu import seed
from mingchu.seed import CameraEntry, DeviceEntry, Seed, SiteEntry, ZoneEntry
from simulators import dialect
from simulators.scenario_file import CameraRole, DeviceRole, Scenario


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a kind of device is called, and on what kind of site it stands."""

    site: str
    zh: str
    en: str


_KINDS = {
    "elevator": _Kind("building", "电梯", "Lift"),
    "scale": _Kind("market", "电子秤", "Scale"),
    "cold_store": _Kind("cold_store", "冷库", "Cold room"),
    "morning_check": _Kind("restaurant", "晨检机", "Morning check"),
    "label_printer": _Kind("restaurant", "留样标签机", "Sample label printer"),
    "receiving_scale": _Kind("restaurant", "收货秤", "Receiving scale"),
    "fridge": _Kind("restaurant", "冰箱", "Fridge"),
    "gas_detector": _Kind("restaurant", "燃气探测器", "Gas detector"),
}
_SITES = {"building": "楼宇", "market": "农贸市场", "cold_store": "冷库", "restaurant": "餐馆"}
_KITCHEN = "kitchen-site-1"  # of the demo's registry: a camera that names no site hangs there
# DOMAIN §1 gives these scenes minutes; a clip is shorter.
_SHORT = {Scene.FIRE_UNATTENDED: {"min_s": 15.0}, Scene.BIN_OPEN: {"min_s": 15.0, "open_lid.min_s": 15.0}}


def of(scenario: Scenario) -> Seed:
    """The demo's authority, operator, people and channels, with what a scenario places and the sites of that."""
    known = seed.shipped("demo")
    cameras, devices = tuple(_cameras(scenario.camera, known)), tuple(_devices(scenario.device, known))
    sites = tuple(_sites(known, {each.site for each in cameras}, scenario.device))
    placed = {(each.site, each.code) for each in devices}
    rescue = tuple(lift for lift in known.rescue if (lift.site, lift.device) in placed)
    return msgspec.structs.replace(known, site=sites, camera=cameras, device=devices, rescue=rescue)


def _cameras(roles: Iterable[CameraRole], known: Seed) -> Iterator[CameraEntry]:
    named = {entry.code: entry for entry in known.camera}
    for role in roles:
        entry = named.get(role.code) or _camera(role, known.edge[0].code)
        yield msgspec.structs.replace(entry, mode=role.mode, weight=role.weight)


def _camera(role: CameraRole, edge: str) -> CameraEntry:
    """A camera that looks for what the role says, else for what its clips show, each scene where its clip has it."""
    clips = list(dict.fromkeys([*(play.clip for play in role.play), role.quiet]))
    shown = {scene: clip for clip in reversed(clips) for scene in seed.scenes_of(clip)}
    zones = tuple(_zone(scene, shown.get(scene, clips[0])) for scene in role.scenes or shown)
    return CameraEntry(role.code, role.site or _KITCHEN, edge, f"摄像机 {role.code}", f"Camera {role.code}", zones)


def _zone(scene: Scene, clip: str) -> ZoneEntry:
    code = scene.lower().replace("_", "-")
    polygon = seed.polygon_of(clip, (scene,))
    if scene is Scene.INTRUSION:
        polygon = polygon or seed.zone_of(clip, "restricted")
    overrides = {scene: _SHORT[scene]} if scene in _SHORT else {}
    return ZoneEntry(code, code, code, (scene,), polygon, scene is Scene.INTRUSION, overrides=overrides)


def _devices(roles: Iterable[DeviceRole], known: Seed) -> Iterator[DeviceEntry]:
    named = {(entry.site, entry.code): entry for entry in known.device}
    for role in roles:
        yield named.get((role.site, role.code)) or _device(role)


def _device(role: DeviceRole) -> DeviceEntry:
    kind, profile = _KINDS[role.kind], dialect.find(role.kind, role.dialect).profile
    return DeviceEntry(role.site, role.code, profile, f"{kind.zh} {role.code}", f"{kind.en} {role.code}")


def _sites(known: Seed, of_cameras: set[str], devices: Iterable[DeviceRole]) -> Iterator[SiteEntry]:
    """The demo's that are used, and one for each code that it does not know."""
    kinds = dict.fromkeys(sorted(of_cameras), "restaurant") | {role.site: _KINDS[role.kind].site for role in devices}
    named = {entry.code: entry for entry in known.site}
    first = known.site[0]
    for code, kind in kinds.items():
        zh, en = f"{_SITES[kind]} {code}", f"{kind.replace('_', ' ').capitalize()} {code}"
        yield named.get(code) or SiteEntry(code, kind, zh, en, first.authority, first.operator)
