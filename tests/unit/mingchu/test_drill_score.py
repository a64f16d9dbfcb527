"""The drill's score told by small cases: what meets what, and what the report says of it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mingchu.drill_score import Messages, Seen, Wanted, report, score

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def want(rule: str, begin: float, end: float) -> Wanted:
    return Wanted(rule, "s", at(begin), at(end))


def alert(number: int, rule: str, raised: float, pushed: float | None = None) -> Seen:
    return Seen(number, rule, "s", at(raised), at(raised - 0.5), None if pushed is None else at(pushed), "")


def test_an_alert_in_time_matches_and_one_out_of_time_does_not() -> None:
    result = score([want("a", 10, 20)], [alert(1, "a", 9), alert(2, "a", 15, 15.2)])
    assert [seen.id for _, seen in result.matched] == [2]
    assert [seen.id for seen in result.unexpected] == [1]
    assert not result.passed


def test_one_alert_cannot_meet_two_truths() -> None:
    result = score([want("a", 0, 10), want("a", 0, 10)], [alert(1, "a", 5, 5.1)])
    assert (len(result.matched), len(result.missed)) == (1, 1)


def test_a_match_that_reached_nobody_does_not_pass() -> None:
    assert not score([want("a", 0, 10)], [alert(1, "a", 5)]).passed
    assert score([want("a", 0, 10)], [alert(1, "a", 5, 6)]).passed


def test_the_report_counts_and_measures() -> None:
    result = score([want("a", 0, 10), want("b", 0, 10)], [alert(1, "a", 5, 5.3), alert(2, "c", 5, 6)])
    told = report(result, Messages(10, 8, 1))
    assert (told["expected"], told["matched"], told["missed"], told["unexpected"]) == (2, 1, 1, 1)
    assert told["latency_s"]["max"] == 0.8
    assert told["messages"] == {"sent": 10, "stored": 8, "lost": 2, "duplicated": 1}
    assert [row["verdict"] for row in told["alerts"]] == ["matched", "missed", "unexpected"]


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 50))),
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 80))),
)
def test_every_alert_and_every_truth_is_accounted_for_once(
    truths: list[tuple[str, int]], raised: list[tuple[str, int]]
) -> None:
    alerts = [alert(number, rule, moment) for number, (rule, moment) in enumerate(raised)]
    result = score([want(rule, begin, begin + 30) for rule, begin in truths], alerts)
    assert len(result.matched) + len(result.missed) == len(truths)
    assert sorted([seen.id for _, seen in result.matched] + [seen.id for seen in result.unexpected]) == list(
        range(len(alerts))
    )
