"""The bars of a rescue: what was done, when, against what was allowed."""

from datetime import UTC, datetime, timedelta

import pytest

from api import pages_rescue
from api.rescue_view import bars
from store.clocks import ClockRow
from store.rescue import RescueStep

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def minutes(n: float) -> datetime:
    return NOON + timedelta(minutes=n)


def row(kind: str, limit: float, outcome: str | None = None, done: float | None = None) -> ClockRow:
    return ClockRow(
        "lift-rescue", kind, kind, NOON, minutes(limit), None if done is None else minutes(done), outcome, None, "", ""
    )


def step(action: str, at: float, role: str = "maintainer") -> RescueStep:
    return RescueStep(role, action, minutes(at), None, None, None)


ROWS = [
    row("rescue_called", 0, "fired", 0),
    row("rescue_unanswered", 3),
    row("rescue_absent", 15),
    row("rescue_unfinished", 30),
]


def test_nothing_is_done_yet() -> None:
    assert [bar.state for bar in bars(ROWS, [], minutes(4))] == ["missed", "running", "running"]


def test_in_time_too_late_and_still_running() -> None:
    found = bars(ROWS, [step("answered", 2), step("arrived", 21, "grid")], minutes(25))
    assert [(bar.state, bar.step and bar.step.role) for bar in found] == [
        ("met", "maintainer"),
        ("late", "grid"),
        ("running", None),
    ]
    assert found[0].limit < found[1].limit < found[2].limit < 100
    assert found[1].length > found[1].limit


def test_who_arrives_has_answered_and_who_has_released_has_arrived() -> None:
    assert [bar.state for bar in bars(ROWS, [step("released", 14)], minutes(60))] == ["late", "met", "met"]


def test_called_off_by_the_sensors() -> None:
    rows = [row("rescue_unanswered", 3, "cancelled", 1), row("rescue_unfinished", 30, "cancelled", 1)]
    assert [bar.state for bar in bars(rows, [], minutes(60))] == ["over", "over"]


def test_without_clocks_there_are_no_bars() -> None:
    assert bars([], [], NOON) == []


@pytest.mark.parametrize("text", ["", "now", "2026-11-26T12:00:00", "9999-12-31T23:59:59-12:00"])
def test_a_time_that_is_none_is_left_out(text: str) -> None:
    assert pages_rescue.moment(text) is None


@pytest.mark.parametrize(("north", "east"), [("", ""), ("91", "0"), ("nan", "0"), ("0", "inf"), ("x", "1")])
def test_a_position_that_is_none_is_left_out(north: str, east: str) -> None:
    assert pages_rescue.position(north, east) is None


def test_what_a_phone_says_is_kept() -> None:
    assert pages_rescue.moment("2026-11-26T12:00:00.5Z") == datetime(2026, 11, 26, 12, 0, 0, 500000, tzinfo=UTC)
    assert pages_rescue.position("23.1", "113.2") == (23.1, 113.2)
