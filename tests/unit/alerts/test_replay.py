"""Replayed stories told as timelines: which alerts the signals of time that has passed make, and how they compare."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.incident import Contact
from alerts.replay import Episode, Raised, Stories, Told, compare
from domain import replay
from domain.rule import Rule, RuleKind
from domain.scene import Scene
from domain.schedule import ALWAYS_OPEN, Schedule
from domain.severity import Severity
from store.signals import Signal

START = datetime(2026, 1, 1, tzinfo=UTC)
WARM = Rule("warm", 1, RuleKind.THRESHOLD, "", "", Severity.II, "", predicate="t > 1", for_s=60.0, recheck_s=600.0)
BUTTON = Rule("button", 1, RuleKind.EVENT, "", "", Severity.I, "", codes=("90",))
PHONE = Rule("phone", 1, RuleKind.SCENE, "", "", Severity.I, "", scene=Scene.PHONE)
DARK = Rule("dark", 1, RuleKind.HEALTH, "", "", Severity.III, "", codes=("BLACK",), for_s=60.0)
CLOSED = Schedule(())


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def said(minute: float, *, value: bool, pulse: bool = False, scene: str | None = None, late: float = 0.0) -> Told:
    zone = "stove" if scene else ""
    return Told(Signal("r", 1, value, at(minute), "why", 7, None, zone, scene, pulse), at(minute + late))


def episodes(rule: Rule, *told: Told, until: float = 10_000, schedule: Schedule = ALWAYS_OPEN) -> list[Episode]:
    stories = Stories(rule, schedule)
    stories.tell(told)
    return [one for some in stories.end(at(until), None).values() for one in some]


def spans(found: list[Episode]) -> list[tuple[float, float | None, int]]:
    return [
        (
            (one.begin - START).total_seconds() / 60,
            None if one.end is None else (one.end - START).total_seconds() / 60,
            one.times,
        )
        for one in found
    ]


def test_what_lasts_is_an_alert_and_what_does_not_is_none() -> None:
    told = (said(0, value=True), said(0.5, value=False), said(10, value=True), said(12, value=False))
    assert spans(episodes(WARM, *told)) == [(10, 12, 1)]


def test_what_still_holds_at_the_end_is_an_alert_once_it_has_lasted() -> None:
    assert spans(episodes(WARM, said(0, value=True), until=0.9)) == []
    assert spans(episodes(WARM, said(0, value=True), until=1)) == [(0, None, 1)]


def test_a_device_that_fell_silent_proves_nothing() -> None:
    stories = Stories(WARM, ALWAYS_OPEN)
    stories.tell([said(0, value=True)])
    assert stories.end(at(30), Contact(at(0.1), at(0.1), False, at(30))) == {(7, None, ""): []}
    assert spans(stories.end(at(30), Contact(at(5), at(5), False, at(30)))[7, None, ""]) == [(0, None, 1)]


def test_what_comes_again_before_the_deadline_is_the_same_alert_and_later_another() -> None:
    told = [said(minute + begin, value=begin == 0) for minute in (0, 30, 60, 300) for begin in (0, 5)]
    assert spans(episodes(WARM, *told)) == [(0, 65, 3), (300, 305, 1)]  # class II: two hours


def test_a_condition_must_have_been_clear_for_the_recheck() -> None:
    told = (said(0, value=True), said(115, value=False), said(124, value=True), said(130, value=False))
    assert spans(episodes(WARM, *told)) == [(0, 130, 2)]


def test_pulses_are_over_at_once_and_stale_ones_are_none() -> None:
    assert spans(episodes(BUTTON, said(3, value=True, pulse=True))) == [(3, 3, 1)]
    assert episodes(BUTTON, said(3, value=True, pulse=True, late=13 * 60)) == []


def test_a_zone_is_clear_when_its_last_scene_has_ended() -> None:
    told = (
        said(0, value=True, scene="a"),
        said(1, value=True, scene="b"),
        said(2, value=False, scene="a"),
        said(9, value=False, scene="b"),
    )
    assert spans(episodes(PHONE, *told)) == [(0, 9, 1)]


def test_a_cameras_health_waits_for_opening_hours() -> None:
    told = (said(0, value=True), said(600, value=False))
    assert spans(episodes(DARK, *told)) == [(0, 600, 1)]
    assert episodes(DARK, *told, schedule=CLOSED) == []


@given(st.lists(st.tuples(st.floats(0.01, 100), st.booleans()), max_size=30))
def test_alerts_never_overlap_and_come_in_order(steps: list[tuple[float, bool]]) -> None:
    minute, told = 0.0, []
    for gap, value in steps:
        minute += gap
        told.append(said(minute, value=value))
    found = spans(episodes(WARM, *told))
    assert all(end is not None and end <= later for (_, end, _), (later, _, _) in pairwise(found))
    assert all(end is None or begin <= end for begin, end, _ in found)


def test_alerts_are_matched_where_their_times_meet() -> None:
    made = [Episode(at(0), at(5), "x"), Episode(at(20), at(25), "x"), Episode(at(50), None, "x")]
    raised = [Raised(1, at(2), at(3)), Raised(2, at(30), at(31)), Raised(3, at(55), None), Raised(4, at(-9), at(-8))]
    found = compare(made, raised, START)
    assert [(one.episode and one.episode.begin, one.raised and one.raised.id) for one in found] == [
        (at(20), None),
        (None, 2),
        (at(0), 1),
        (at(50), 3),
    ]


def test_what_recurred_within_one_raised_alert_is_one() -> None:
    made = [Episode(at(0), at(5), "x"), Episode(at(20), at(25), "x", 2)]
    (one,) = compare(made, [Raised(1, at(0), at(60))], START)
    assert one.episode == Episode(at(0), at(25), "x", 3)


@pytest.mark.parametrize("kind", [RuleKind.SILENCE, RuleKind.EDGE])
def test_what_cannot_be_replayed_says_so(kind: RuleKind) -> None:
    reason = replay.cannot(Rule("r", 1, kind, "", "", Severity.III, "", codes=("FULL",)))
    assert reason is not None
    assert "kept" in reason
    assert replay.cannot(WARM) is None


def test_a_rule_that_says_more_than_a_replay_knows_is_not_replayed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "HONOURED", replay.HONOURED - {"recheck_s"})
    assert replay.beyond(WARM) == ["recheck_s"]
    assert replay.cannot(WARM) == "recheck_s cannot be replayed yet"
    assert replay.cannot(BUTTON) is None
