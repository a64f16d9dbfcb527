"""What the machine says after a report, as a timeline."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.recheck import judge
from domain import reason
from domain.alert import Recheck
from store.rechecks import Outcome, Watch

BEGAN = datetime(2026, 11, 1, 12, tzinfo=UTC)
WATCH_S = 600.0


def at(minutes: float) -> datetime:
    return BEGAN + timedelta(minutes=minutes)


def watch(
    minutes: float,
    *,
    cleared: datetime | None = None,
    blind: str = "",
    is_camera: bool = True,
    predicate: str = "",
    measured: str = "{}",
) -> Watch:
    return Watch(1, 1, BEGAN, WATCH_S, at(minutes), cleared, False, blind, is_camera, predicate, measured, 0.0, "")


@pytest.mark.parametrize(
    "seen,want",
    [
        (watch(1, cleared=at(-30)), at(10)),  # what was clear before the report counts from the report
        (watch(9.9, blind="OFFLINE"), at(10)),
        (watch(10, cleared=at(-30)), Recheck.CLEAR),
        (watch(10), Recheck.VIOLATING),
        (watch(10, cleared=at(4)), at(14)),  # it came back and cleared: the whole time anew
        (watch(14, cleared=at(4)), Recheck.CLEAR),
        (watch(28, cleared=at(25)), at(30)),  # not for ever
        (watch(30, cleared=at(25)), Recheck.VIOLATING),
        (watch(10, blind="OFFLINE"), Recheck.UNJUDGED),
        (watch(10, cleared=at(-30), blind="OCCLUDED"), Recheck.UNJUDGED),
    ],
)
def test_what_becomes_of_a_look(seen: Watch, want: Recheck | datetime) -> None:
    got = judge(seen)
    assert (got.result if isinstance(got, Outcome) else got) == want
    if isinstance(got, Outcome):
        assert (got.clear_since is not None) == (got.result is Recheck.CLEAR)


def test_a_sensor_says_what_it_measured_and_every_reason_reads_in_chinese() -> None:
    got = judge(watch(10, cleared=at(0), predicate="air_temp > -15", measured='{"air_temp": -18.2, "set_point": -20}'))
    assert isinstance(got, Outcome)
    assert got.why == "air_temp=-18.2"
    for seen in (watch(10), watch(10, cleared=at(0)), watch(30, cleared=at(25)), watch(10, blind="OFFLINE"),
                 watch(10, blind="OFFLINE", is_camera=False)):  # fmt: skip
        outcome = judge(seen)
        assert isinstance(outcome, Outcome)
        assert reason.wording(outcome.why, "zh") != outcome.why
