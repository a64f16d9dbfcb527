"""Roles that stand for many, and switches: what a scenario is told out to."""

from pathlib import Path

import pytest

from simulators import scenario_file
from simulators.placing import told_out
from simulators.scenario_file import BadScenarioError, Scenario

HEAD = 'name = "x"\nzh = ""\nen = ""\nduration_s = 5\nrepeat_s = 5\n'
MANY = '[[device]]\nkind = "scale"\nsite = "market"\ncode = "stall"\nseed = 7\ncount = 5\nper_site = 2\n'
CAMERAS = '[[camera]]\ncode = "cam"\nquiet = "quiet"\nsite = "mall"\ncount = 2\n'
SWITCH = '[[switch]]\nat = 1\nfor_s = 2\nsites = ["market", "mall"]\n'


def load(tmp_path: Path, text: str) -> Scenario:
    path = tmp_path / "x.toml"
    path.write_text(HEAD + text)
    return scenario_file.load(path)


def test_many_have_codes_sites_and_seeds_of_their_own(tmp_path: Path) -> None:
    devices = told_out(load(tmp_path, MANY)).device
    assert [role.code for role in devices] == ["stall-1", "stall-2", "stall-3", "stall-4", "stall-5"]
    assert [role.site for role in devices] == ["market-1", "market-1", "market-2", "market-2", "market-3"]
    assert [role.seed for role in devices] == [8, 9, 10, 11, 12]
    assert {role.count for role in devices} == {1}


@pytest.mark.parametrize(("factor", "count"), [(1.0, 5), (2.0, 10), (0.5, 2), (0.01, 2)])
def test_a_factor_makes_them_more_or_fewer_but_leaves_the_single_ones(
    tmp_path: Path, factor: float, count: int
) -> None:
    one = MANY.replace("stall", "one").replace("count = 5", "count = 1")
    devices = told_out(load(tmp_path, MANY + one), factor).device
    assert len(devices) == count + 1
    assert devices[-1].code == "one"


def test_a_role_told_out_stays_as_it_is(tmp_path: Path) -> None:
    once = told_out(load(tmp_path, MANY + CAMERAS + SWITCH))
    assert told_out(once, 3.0) == once


def test_an_alert_expected_on_many_is_expected_on_each(tmp_path: Path) -> None:
    text = MANY + '[[expect]]\nrule = "a"\nsubject = "stall"\nat = 1\n'
    assert [each.subject for each in told_out(load(tmp_path, text)).expect] == [f"stall-{n}" for n in range(1, 6)]


def test_behind_a_dead_switch_everything_is_cut_off(tmp_path: Path) -> None:
    other = MANY.replace("stall", "far").replace("market", "market-hall")
    played = told_out(load(tmp_path, MANY + other + CAMERAS + SWITCH))
    cut = {role.code for role in played.device if [(f.fault, f.at, f.for_s) for f in role.fault] == [("cut-off", 1, 2)]}
    assert cut == {f"stall-{n}" for n in range(1, 6)}
    assert [[(f.fault, f.at, f.for_s) for f in role.fault] for role in played.camera] == [[("restart", 1, 2)]] * 2


def test_a_switch_stands_before_something(tmp_path: Path) -> None:
    with pytest.raises(BadScenarioError, match="line 16: nothing is placed at 'moon'"):
        load(tmp_path, MANY + SWITCH.replace('["market", "mall"]', '["moon"]'))


def test_one_of_many_may_not_take_anothers_code(tmp_path: Path) -> None:
    single = '[[device]]\nkind = "scale"\nsite = "market-9"\ncode = "stall-3"\n'
    with pytest.raises(BadScenarioError, match="'stall-3' is placed twice"):
        told_out(load(tmp_path, MANY + single))
