"""The registry files that ship: they parse, refer to what they contain, and carry valid credit codes."""

from datetime import time

import msgspec
import pytest

from domain.camera import Zone
from domain.scene import Scene
from domain.schedule import ALWAYS_CLOSED
from ingest import library
from mingchu import seed
from mingchu.demo import shipped_scenario
from simulators import scenario_file

# GB 32100-2015: the alphabet has no I, O, S, V, Z; weights are powers of 3 modulo 31.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def check_character(code: str) -> str:
    total = sum(ALPHABET.index(letter) * pow(3, place, 31) for place, letter in enumerate(code[:17]))
    return ALPHABET[-total % 31]


def test_the_demo_refers_to_what_it_contains() -> None:
    demo = seed.shipped("demo")
    authorities, operators = {one.path for one in demo.authority}, {one.uscc for one in demo.operator}
    sites, edges = {one.code for one in demo.site}, {one.code for one in demo.edge}
    assert all(site.authority in authorities and site.operator in operators for site in demo.site)
    assert all(camera.site in sites and camera.edge in edges and camera.zones for camera in demo.camera)
    assert all(device.site in sites for device in demo.device)
    assert {device.profile for device in demo.device} <= {profile.code for profile in library.profiles()}
    assert {person.role for person in demo.person} == {"operator", "regulator", "admin"}
    assert all(uscc[17] == check_character(uscc) for uscc in operators)


def test_the_demos_scenario_places_what_is_registered() -> None:
    demo, scenario = seed.shipped("demo"), scenario_file.load(shipped_scenario("demo"))
    assert {role.code for role in scenario.camera} == {camera.code for camera in demo.camera}
    assert {(role.site, role.code) for role in scenario.device} == {(one.site, one.code) for one in demo.device}


def test_a_closed_site_is_closed_at_every_hour() -> None:
    store = next(site for site in seed.shipped("demo").site if site.code == "store-site-1")
    assert store.schedule() == ALWAYS_CLOSED


ZONE = """
[[camera]]
code = "c"
site = "s"
edge = "e"
zh = "摄像头"
en = "Camera"
[[camera.zones]]
code = "z"
zh = "专间"
en = "Special room"
scenes = ["NO_MASK", "PHONE", "INTRUSION"]
special = true
masks = [[[0.1, 0.1], [0.2, 0.1], [0.2, 0.2]]]
breaks.openings = [{ days = [0, 1], begin = 12:00:00, end = 13:00:00 }]
allowed.openings = [{ days = [6], begin = 22:00:00, end = 02:00:00 }]
overrides.NO_MASK = { min_s = 30.0 }
"""


def test_a_zone_of_a_registry_file_has_all_that_a_zone_has() -> None:
    zone = seed.parse(ZONE).camera[0].zones[0].zone("")
    assert (zone.special, len(zone.masks), zone.polygon) == (True, 1, seed.WHOLE_PICTURE)
    assert zone.breaks.openings[0].begin == time(12)
    assert zone.allowed.openings[0].days == (6,)
    assert zone.overrides == {Scene.NO_MASK: {"min_s": 30.0}}
    plain = Zone(zone.code, zone.zh, zone.en, zone.polygon, zone.scenes)
    assert set(msgspec.to_builtins(plain)) == {"code", "zh", "en", "polygon", "scenes"}
    assert msgspec.json.decode(msgspec.json.encode(zone), type=Zone) == zone
    assert msgspec.json.decode(msgspec.json.encode(plain), type=Zone) == plain


@pytest.mark.parametrize(
    "text, reason", [("site = 3", "site"), ("[[camera]]\ncode = 'A'", r"camera\[0\]"), ("x =", "TOML|Invalid")]
)
def test_a_wrong_file_is_named_with_its_place(text: str, reason: str) -> None:
    with pytest.raises(seed.BadSeedError, match=reason):
        seed.parse(text)


def test_a_cameras_address_and_scenes_are_checked() -> None:
    with pytest.raises(seed.BadSeedError, match="begins with rtsp://"):
        seed.whole_picture("c", "s", "http://192.0.2.7", ["PHONE"], restricted=False)
    with pytest.raises(seed.BadSeedError, match="no such scene: DANCING"):
        seed.whole_picture("c", "s", "rtsp://192.0.2.7", ["DANCING"], restricted=False)
