"""Topics, units, schedules, credentials, the state table: small pure things that all rooms lean on."""

from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import credential, topic, unit
from domain.alert import FINISHED, TRANSITIONS, Action, Role, Status, actions, transition
from domain.schedule import ALWAYS_CLOSED, ALWAYS_OPEN, Opening, Schedule
from domain.topic import BadTopicError, Channel, DeviceTopic, EdgeTopic


def test_topics_read_what_they_write() -> None:
    for name in (DeviceTopic("site-1", "lift-1", Channel.EVENT), EdgeTopic("edge-1", Channel.UP)):
        assert topic.parse(str(name)) == name


@pytest.mark.parametrize(
    "text",
    ["", "mc/v1/a/b", "mc/v2/a/b/state", "mc/v1/a/b/up", "mc/v1/edge/e/telemetry", "mc/v1/A/b/state", "mc/v1/+/b/state",
     "mc/v1/a/b/state/x", "mc/v1/../b/state"],
)  # fmt: skip
def test_bad_topics_are_refused(text: str) -> None:
    with pytest.raises(BadTopicError):
        topic.parse(text)


@given(st.floats(-50, 50), st.sampled_from(["Cel", "[degF]", "K"]), st.sampled_from(["Cel", "[degF]", "K"]))
def test_unit_conversions_return(value: float, source: str, target: str) -> None:
    there, back = unit.conversion(source, target), unit.conversion(target, source)
    assert (value * there[0] + there[1]) * back[0] + back[1] == pytest.approx(value, abs=1e-9)


def test_units_of_another_quantity_are_refused() -> None:
    assert unit.conversion("[degF]", "Cel")[0] * 212 + unit.conversion("[degF]", "Cel")[1] == pytest.approx(100)
    with pytest.raises(unit.UnitMismatchError):
        unit.conversion("kg", "Cel")
    with pytest.raises(unit.UnknownUnitError):
        unit.conversion("furlong", "m")


def test_schedules_cross_midnight_and_know_holidays() -> None:
    late = Schedule((Opening((4,), time(18), time(2)),), "Asia/Shanghai", ("2026-01-09",))
    friday_evening = datetime(2026, 1, 2, 11, tzinfo=UTC)  # 19:00 in Shanghai
    saturday_night = datetime(2026, 1, 2, 17, 30, tzinfo=UTC)  # 01:30 on Saturday
    assert late.is_open(friday_evening)
    assert late.is_open(saturday_night)
    assert not late.is_open(datetime(2026, 1, 2, 18, tzinfo=UTC))
    assert not late.is_open(datetime(2026, 1, 9, 11, tzinfo=UTC))


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1)))
def test_always_is_always(moment: datetime) -> None:
    assert ALWAYS_OPEN.is_open(moment)
    assert not ALWAYS_CLOSED.is_open(moment)


def test_credentials_verify_and_differ_by_salt() -> None:
    secret = credential.generate()
    stored = credential.protect(secret)
    assert stored.startswith("$7$101$")
    assert credential.protect(secret) != stored
    assert credential.verify(secret, stored)
    assert not credential.verify(secret + "x", stored)
    assert not credential.verify(secret, "garbage")


def test_finished_alerts_have_no_way_out_and_nobody_acts_beyond_the_table() -> None:
    assert all(move.source not in FINISHED for move in TRANSITIONS)
    assert actions(Status.OPEN, Role.OPERATOR) == (Action.ACKNOWLEDGE, Action.APPEAL, Action.ASSIGN, Action.COMMENT)
    assert all(not actions(status, Role.ADMIN) for status in Status)
    assert transition(Action.ACCEPT, Status.OPEN) is None
