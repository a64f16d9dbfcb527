"""A scenario's registry: what the demo's knows stays, and the rest is placed by what it shows."""

from pathlib import Path

import pytest

from domain.camera import Mode
from domain.scene import Scene
from ingest import library
from mingchu import demo, premises, seed

SHIPPED = sorted(path.stem for path in Path("simulators/scenarios").glob("*.toml"))


def test_the_demos_premises_are_the_demos_registry() -> None:
    made, shipped = premises.of(demo.scenario_of(None)), seed.shipped("demo")
    for ours, theirs in ((made.camera, shipped.camera), (made.device, shipped.device), (made.site, shipped.site)):
        assert {entry.code: entry for entry in ours} == {entry.code: entry for entry in theirs}
    assert (made.person, made.channel, made.edge) == (shipped.person, shipped.channel, shipped.edge)


@pytest.mark.parametrize("name", SHIPPED)
def test_everything_placed_has_a_site_and_a_profile(name: str) -> None:
    scenario = demo.scenario_of(demo.find(name))
    made = premises.of(scenario)
    sites = {site.code for site in made.site}
    assert {device.site for device in made.device} | {camera.site for camera in made.camera} == sites
    assert {device.profile for device in made.device} <= {profile.code for profile in library.profiles()}
    assert [device.code for device in made.device] == [role.code for role in scenario.device]
    assert all(camera.zones for camera in made.camera)


def test_a_role_on_patrol_is_registered_so_however_many_it_stands_for(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(
        'name = "x"\nzh = ""\nen = ""\nduration_s = 5\nrepeat_s = 5\n'
        '[[camera]]\ncode = "street"\nquiet = "quiet"\nsite = "far"\nscenes = ["PEST"]\ncount = 500\n'
        'mode = "patrol"\nweight = 2\n'
    )
    cameras = premises.of(demo.scenario_of(path)).camera
    assert [camera.code for camera in cameras] == [f"street-{n}" for n in range(1, 501)]
    assert {(camera.mode, camera.weight) for camera in cameras} == {(Mode.PATROL, 2)}


def test_a_camera_nobody_knows_looks_for_what_its_clips_show(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(
        'name = "x"\nzh = ""\nen = ""\nduration_s = 5\nrepeat_s = 5\n'
        '[[camera]]\ncode = "new"\nquiet = "quiet"\nplay = [{ at = 1, clip = "flame-unattended" }]\n'
        '[[camera]]\ncode = "told"\nquiet = "quiet"\nsite = "store-site-1"\nscenes = ["PEST", "INTRUSION"]\n'
    )
    made = premises.of(demo.scenario_of(path))
    shown, told = made.camera
    assert (shown.site, [zone.scenes for zone in shown.zones]) == ("kitchen-site-1", [(Scene.FIRE_UNATTENDED,)])
    assert shown.zones[0].polygon == seed.polygon_of("flame-unattended", (Scene.FIRE_UNATTENDED,))
    assert (told.site, [zone.scenes for zone in told.zones]) == ("store-site-1", [(Scene.PEST,), (Scene.INTRUSION,)])
    assert {site.code: site.schedule() for site in made.site} == {
        site.code: site.schedule() for site in seed.shipped("demo").site if site.code.endswith("-site-1")
    }
