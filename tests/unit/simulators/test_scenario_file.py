"""Scenario files: the shipped ones load; a bad one is refused with its place and reason."""

import re
from pathlib import Path

import pytest

from domain.profile import parse
from simulators import scenario_file
from simulators.device import body_of
from simulators.dialect import find
from simulators.scenario_file import BadScenarioError

SHIPPED = sorted(Path("simulators/scenarios").glob("*.toml"))
HEAD = 'name = "x"\nzh = ""\nen = ""\nduration_s = 5\nrepeat_s = 5\n'
LIFT = '[[device]]\nkind = "elevator"\nsite = "s"\ncode = "lift"\n'


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_scenarios_load_and_expect_something(path: Path) -> None:
    scenario = scenario_file.load(path)
    assert scenario.name == path.stem
    assert scenario.expect


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_devices_speak_their_profile(path: Path) -> None:
    for role in scenario_file.load(path).device:
        profile = parse(
            Path(f"ingest/profiles/{find(role.kind, role.dialect).profile}.toml").read_text(encoding="utf-8")
        )
        for name, value in body_of(role).status().items():
            metric = profile.metric(name)
            assert metric is not None, name
            assert metric.low <= value <= metric.high, name


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("name = ", "is not valid"),
        ('name = "x"\nzh = ""\nen = ""\nduration_s = 5\nrepeat_s = 5\nsurprise = 1', "surprise"),
        ('name = "x"\nzh = ""\nen = ""\nduration_s = -5\nrepeat_s = 5', "duration_s"),
        (
            'name = "x"\nzh = ""\nen = ""\nduration_s = 5\nrepeat_s = 5\n[[expect]]\nrule = "a"\nsubject = "b"\nat = 1',
            "does not place",
        ),
    ],
)
def test_a_bad_scenario_names_its_fault(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(BadScenarioError, match=reason):
        scenario_file.load(path)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (
            LIFT + LIFT.replace('"lift"', '"lift-2"') + 'fault = [\n  { at = 1, fault = "flood" },\n]',
            15,
            "no fault 'flood'",
        ),
        (LIFT + '[[device.fault]]\nat = 1\nfault = "flood"', 12, "no fault 'flood'"),
        (LIFT + 'fault = [\n{ at = 1, fault = "silent" },\n{ at = 2, fault = "silent", four_s = 3 },\n]', 12, "four_s"),
        (LIFT + 'fault = [{ at = 1, fault = "entrapment", by = 3 }]', 10, "takes no amount"),
        (LIFT + 'fault = [{ at = 1, fault = "loss", by = 3 }]', 10, "from 0 to 0.99"),
        (LIFT + "surprise = 1", 10, "surprise"),
        ("surprise = 1\n" + LIFT, 6, "surprise"),
        (LIFT + "speed = 0", 10, "speed"),
        (LIFT + 'speed = "fast" # speed', 10, "speed"),
        (LIFT.replace("elevator", "zeppelin"), 7, "no device is of kind 'zeppelin'; there are elevator, "),
        (LIFT + 'dialect = "latin"', 10, "no dialect 'latin'; it has gbt24476"),
        (LIFT + "settings = { floors = 1 }", 10, "'floors' is 1.0, but lies from 2 to 120"),
        (LIFT + "[device.settings]\nwheels = 4", 11, "no setting 'wheels'"),
        (LIFT + LIFT, 13, "places 'lift' twice"),
        (LIFT + '[[expect]]\nrule = "a"\nsubject = "b"\nat = 1', 12, "does not place"),
        (LIFT + '[[expect]]\nrule = "a"\nsubject = "lift"\nat = 6', 13, "after its own end"),
        (LIFT + "x = = 3", 10, "not valid"),
    ],
)
def test_a_bad_scenario_is_refused_with_the_line_and_the_reason(
    tmp_path: Path, text: str, line: int, reason: str
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(HEAD + text)
    with pytest.raises(BadScenarioError, match=re.escape(reason)) as refused:
        scenario_file.load(path)
    assert re.search(rf"\bline {line}\b", str(refused.value)), str(refused.value)


def test_a_missing_scenario_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadScenarioError, match="cannot read"):
        scenario_file.load(tmp_path / "none.toml")
