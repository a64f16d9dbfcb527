"""Scenario files: the shipped ones load; a bad one is refused with its place and reason."""

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


CAMERA = '[[camera]]\ncode = "one"\nquiet = "quiet"\n'


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a = 1\nname = ", 2, "Invalid value"),
        (HEAD.replace("5", "-5", 1), 4, ">= 0"),
        ("surprise = 1\n" + HEAD, 1, "unknown field `surprise`"),
        (HEAD + CAMERA + '[[camera]]\ncode = "two"\n', 9, "missing required field `quiet`"),
        (HEAD + CAMERA + CAMERA, 10, "'one' is placed twice"),
        (HEAD + CAMERA + 'play = [\n  { at = 1, clip = "quiet" },\n  { at = -1, clip = "quiet" },\n]', 11, ">= 0"),
        (HEAD + CAMERA + 'play = [{ at = "25:00", clip = "quiet" }]', 9, "a time of day is written as"),
        (HEAD + CAMERA + 'play = [{ at = 1, clip = "cat" }]', 9, "there is no clip 'cat'; there are "),
        (HEAD + CAMERA + '[[camera.fault]]\nat = 1\nfault = "sleepy"', 11, "no camera has a fault 'sleepy'; there are"),
        (HEAD + CAMERA + '[[camera.fault]]\nat = 1\nfault = "black"\nfors_s = 3', 12, "unknown field `fors_s`"),
        (HEAD + CAMERA + '[[expect]]\nrule = "a"\nsubject = "two"\nat = 1', 11, "'two', which it does not place"),
        (HEAD + CAMERA + '[[expect]]\nrule = "a"\nsubject = "one"\nat = 9', 12, "after its own end"),
        (HEAD + '[bars]\nmissed = "none"', 7, "Expected `int`"),
        (
            HEAD + LIFT + LIFT.replace('"lift"', '"lift-2"') + 'fault = [\n  { at = 1, fault = "flood" },\n]',
            15,
            "no fault 'flood'",
        ),
        (HEAD + LIFT + '[[device.fault]]\nat = 1\nfault = "flood"', 12, "no fault 'flood'"),
        (
            HEAD + LIFT + 'fault = [\n{ at = 1, fault = "silent" },\n{ at = 2, fault = "silent", four_s = 3 },\n]',
            12,
            "four_s",
        ),
        (HEAD + LIFT + 'fault = [{ at = 1, fault = "entrapment", by = 3 }]', 10, "takes no amount"),
        (HEAD + LIFT + 'fault = [{ at = 1, fault = "loss", by = 3 }]', 10, "from 0 to 0.99"),
        (HEAD + LIFT + "surprise = 1", 10, "surprise"),
        (HEAD + LIFT + "speed = 0", 10, "speed"),
        (HEAD + LIFT + 'speed = "fast" # speed', 10, "speed"),
        (HEAD + LIFT.replace("elevator", "zeppelin"), 7, "no device is of kind 'zeppelin'; there are elevator, "),
        (HEAD + LIFT + 'dialect = "latin"', 10, "no dialect 'latin'; it has gbt24476"),
        (HEAD + LIFT + "settings = { floors = 1 }", 10, "'floors' is 1.0, but lies from 2 to 120"),
        (HEAD + LIFT + "[device.settings]\nwheels = 4", 11, "no setting 'wheels'"),
        (HEAD + LIFT + LIFT, 13, "'lift' is placed twice"),
        (HEAD + LIFT + '[[expect]]\nrule = "a"\nsubject = "b"\nat = 1', 12, "does not place"),
        (HEAD + LIFT + '[[expect]]\nrule = "a"\nsubject = "lift"\nat = 6', 13, "after its own end"),
        (HEAD + LIFT + "x = = 3", 10, "Invalid value"),
    ],
)
def test_a_bad_scenario_is_refused_with_line_and_reason(tmp_path: Path, text: str, line: int, reason: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(BadScenarioError) as caught:
        scenario_file.load(path)
    assert f"line {line}: " in str(caught.value)
    assert reason in str(caught.value)
    assert str(path) in str(caught.value)


def test_cameras_may_misbehave_and_play_by_the_clock(tmp_path: Path) -> None:
    path = tmp_path / "good.toml"
    path.write_text(
        HEAD
        + "restart = [{ at = 2 }]\n"
        + CAMERA
        + 'play = [{ at = "20:05", clip = "rat-night" }]\nfault = [{ at = 3, fault = "covered", for_s = 1 }]\n'
        + "[bars]\nmissed = 1\nlatency_p95_s = 4"
    )
    scenario = scenario_file.load(path)
    assert scenario.camera[0].play[0].at == "20:05"
    assert (scenario.camera[0].fault[0].fault, scenario.camera[0].fault[0].for_s) == ("covered", 1.0)
    assert (scenario.restart[0].at, scenario.restart[0].for_s) == (2.0, 5.0)
    assert (scenario.bars.missed, scenario.bars.unexpected, scenario.bars.latency_p95_s) == (1, 0, 4.0)


def test_a_scenario_without_bars_lets_nothing_pass_by() -> None:
    bars = scenario_file.load(Path("simulators/scenarios/demo.toml")).bars
    assert bars == scenario_file.Bars(0, 0, 0, 0, 0, None, None, None)


def test_text_that_is_not_utf_8_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(BadScenarioError, match="not UTF-8"):
        scenario_file.load(path)


def test_a_missing_scenario_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadScenarioError, match="cannot read"):
        scenario_file.load(tmp_path / "none.toml")
