"""Scenario files: the shipped ones load; a bad one is refused with its place and reason."""

from pathlib import Path

import pytest

from domain.profile import parse
from simulators import scenario_file
from simulators.device import body_of
from simulators.scenario_file import BadScenarioError

SHIPPED = sorted(Path("simulators/scenarios").glob("*.toml"))
PROFILES = {"elevator": "elevator-gbt24476", "scale": "scale-jjg1204", "cold_store": "cold-store"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_scenarios_load_and_expect_something(path: Path) -> None:
    scenario = scenario_file.load(path)
    assert scenario.name == path.stem
    assert scenario.expect


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_devices_speak_their_profile(path: Path) -> None:
    for role in scenario_file.load(path).device:
        profile = parse(Path(f"ingest/profiles/{PROFILES[role.kind]}.toml").read_text(encoding="utf-8"))
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


def test_a_missing_scenario_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadScenarioError, match="cannot read"):
        scenario_file.load(tmp_path / "none.toml")
