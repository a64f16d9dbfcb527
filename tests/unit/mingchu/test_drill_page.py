"""The drill's page, bars and timeline over outcomes that the test makes up."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingchu.complaint import sentence
from mingchu.demo import UnknownScenarioError, find, shipped_scenario
from mingchu.drill import tell
from mingchu.drill_bars import hold
from mingchu.drill_glossary import FAULTS
from mingchu.drill_outcome import told
from mingchu.drill_page import TICKS, render, ticks
from mingchu.drill_score import Messages, Seen, Wanted, by_rule, score
from mingchu.drill_timeline import Lane, Noted, Window, lanes, length, worth_drawing
from simulators import device_fault, fault
from simulators.scenario_file import Bars
from tests.unit.mingchu.drills import ZERO, at, demo, outcome

VOID = {"meta", "line", "rect", "path", "br", "link", "img", "input"}


class Page(HTMLParser):
    """Whether tags are balanced, and what the page would fetch or run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.fetched += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "srcset") or name[:2] == "on"]
        self.fetched += [tag] if tag in ("script", "link", "iframe", "object") else []

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_page_is_whole_and_fetches_nothing() -> None:
    text = render(outcome(demo(), missing="pest", surplus="phone"))
    page = Page(text)
    assert page.open == []
    assert page.fetched == []
    assert "url(" not in text
    assert "@import" not in text
    assert "seen &lt;once&gt;" in text


def test_the_page_speaks_both_languages_of_everything_that_happened() -> None:
    words = " ".join(Page(render(outcome(demo(), missing="pest", surplus="phone"))).words)
    for said in (
        "未通过",
        "failed",
        "切配间",
        "kitchen-1",
        "用手机",
        "rat-night",
        "镜头遮挡",
        "Flame left unattended",
        "漏报",
        "误报",
    ):
        assert said in words
    assert "通过 passed" in " ".join(Page(render(outcome(demo()))).words)


def test_nothing_is_drawn_outside_the_axis() -> None:
    text = render(outcome(demo(), surplus="phone"))
    shares = [float(share) for share in re.findall(r'(?:x|x1|x2|width)="(-?[\d.]+)%"', text)]
    assert len(shares) > 40
    assert all(0 <= share <= 100 for share in shares)


@given(st.floats(1, 200_000))
def test_the_axis_has_round_times_and_not_too_many(whole: float) -> None:
    times = ticks(whole)
    assert times[0] == 0
    assert times[-1] <= whole
    assert len(times) <= TICKS + 1
    assert len({later - earlier for earlier, later in pairwise(times)}) <= 1


def test_lanes_on_which_something_went_wrong_are_drawn_however_many_there_are() -> None:
    fine = [Lane(f"fine-{n}", (), (Window("a", 0, 1, "matched"),), ()) for n in range(9)]
    bad = [Lane(f"bad-{n}", (), (Window("a", 0, 1, "missed"),), ()) for n in range(9)]
    quiet = [Lane(f"quiet-{n}", (), (), ()) for n in range(9)]
    drawn = [lane.subject for lane in worth_drawing([*fine, *quiet, *bad], most=3)]
    assert drawn == [f"fine-{n}" for n in range(3)] + [f"bad-{n}" for n in range(9)]


def test_every_fault_has_a_chinese_name() -> None:
    known = {fault for faults in device_fault.FAULTS.values() for fault in faults} | set(fault.NAMES)
    assert known <= set(FAULTS)


def test_lanes_hold_truth_and_alerts_by_subject() -> None:
    found = outcome(demo(), missing="pest", surplus="phone")
    rows = {lane.subject: lane for lane in lanes(found.scenario, ZERO, found.truth, found.score)}
    kitchen, night = rows["kitchen-1"], rows["night-1"]
    assert [(span.kind, span.name, span.begin, span.end) for span in kitchen.spans] == [
        ("clip", "phone", 6, 46),
        ("fault", "covered", 70, 80),
    ]
    assert [(mark.rule, mark.raised, mark.verdict) for mark in kitchen.marks] == [
        ("phone", 18, "matched"),
        ("phone", 60, "unexpected"),
    ]
    assert [(window.rule, window.verdict) for window in night.windows] == [("pest", "missed")]
    assert (night.marks, length(found.scenario, rows.values())) == ((), 100)


def test_what_does_not_end_lasts_to_the_end_and_strangers_get_a_lane() -> None:
    seen = [Seen(1, "phone", "stranger", at(130), None, None, "")]
    rows = lanes(demo(), ZERO, [Noted("fault_began", at(70), "kitchen-1", "black")], score([], seen))
    assert rows[0].spans[0].end == 100
    assert rows[-1].subject == "stranger"
    assert length(demo(), rows) == 130


def test_by_rule_counts_each_rule_and_knows_its_scene() -> None:
    wanted = [Wanted("phone", "a", at(0), at(9)), Wanted("phone", "b", at(0), at(9)), Wanted("lift", "c", at(0), at(9))]
    seen = [
        Seen(1, "phone", "a", at(2), at(1), at(3), "", at(-1)),
        Seen(2, "phone", "z", at(2), at(1), at(3), ""),
        Seen(3, "lift", "c", at(2), None, None, ""),
    ]
    rows = [each.report() for each in by_rule(score(wanted, seen), {"phone": "PHONE"})]
    nothing = {"p50": None, "p95": None, "max": None}
    two = {"p50": 2.0, "p95": 2.0, "max": 2.0}
    assert rows == [
        {"rule": "phone", "scene": "PHONE", "expected": 2, "raised": 2, "matched": 1, "missed": 1, "false": 1,
         "latency_s": two, "since_truth_s": {"p50": 4.0, "p95": 4.0, "max": 4.0}},
        {"rule": "lift", "scene": None, "expected": 1, "raised": 1, "matched": 1, "missed": 0, "false": 0,
         "latency_s": nothing, "since_truth_s": nothing},
    ]  # fmt: skip


def test_the_json_keeps_its_keys_and_gains_four() -> None:
    body = told(outcome(demo()))
    assert list(body) == [
        "expected", "matched", "missed", "unexpected", "latency_s", "since_truth_s", "messages", "alerts", "by_rule",
        "bars", "passed",
    ]  # fmt: skip
    assert len(body["by_rule"]) == 8
    assert {row["rule"]: row["scene"] for row in body["by_rule"]}["pest"] == "PEST"


@pytest.mark.parametrize(
    ("bars", "failing"),
    [
        (Bars(), ["missed", "unexpected", "lost"]),
        (Bars(missed=1, unexpected=1, lost=2), []),
        (Bars(missed=1, unexpected=1, lost=1), ["lost"]),
        (Bars(missed=1, unexpected=1, lost=2, latency_p95_s=1.0, latency_max_s=1.2), ["latency_p95_s"]),
    ],
)
def test_a_scenarios_own_bars_decide(bars: Bars, failing: list[str]) -> None:
    scenario = msgspec.structs.replace(demo(), bars=bars)
    found = outcome(scenario, missing="pest", surplus="phone", lost=2)
    assert [bar.name for bar in found.bars if not bar.holds] == failing
    assert found.passed is not bool(failing)
    assert tell(found, None) is found.passed


def test_without_bars_everything_must_be_right_and_pushed() -> None:
    assert outcome(demo()).passed
    seen = Seen(1, "phone", "a", at(2), at(1), None, "")
    held = hold(Bars(), score([Wanted("phone", "a", at(0), at(9))], [seen]), Messages(5, 5, 1))
    assert [bar.name for bar in held if not bar.holds] == ["unpushed", "duplicated"]


def test_a_latency_that_was_not_measured_holds_no_bar() -> None:
    held = hold(Bars(latency_p50_s=3), score([], []), Messages(0, 0, 0))
    assert [(bar.name, bar.value, bar.holds) for bar in held if bar.value is None] == [("latency_p50_s", None, False)]


def test_a_scenario_is_found_by_name_or_file() -> None:
    assert find("demo") == shipped_scenario("demo")
    assert find(str(shipped_scenario("demo"))) == shipped_scenario("demo")
    with pytest.raises(UnknownScenarioError, match=r"no scenario 'carnival'; name one that ships .*demo") as caught:
        find("carnival")
    assert sentence(caught.value) is not None


def test_what_began_before_zero_is_drawn_from_zero_and_what_ended_before_it_is_not() -> None:
    before = [
        Noted("fault_began", ZERO - timedelta(seconds=9), "night-1", "black"),
        Noted("fault_ended", ZERO - timedelta(seconds=8), "night-1", "black"),
        Noted("fault_began", ZERO - timedelta(seconds=2), "night-1", "stall"),
        Noted("fault_ended", at(3), "night-1", "stall"),
    ]
    night = lanes(demo(), ZERO, before, score([], []))[1]
    assert [(span.name, span.begin, span.end) for span in night.spans] == [("stall", 0, 3)]
