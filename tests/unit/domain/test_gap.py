"""Gaps: each silence gets the cause that is best known, and what came late is told as stretches."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.gap import Cause, Facts, Gap, Silence, Spell, explain

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def at(minute: float) -> datetime:
    return NOON + timedelta(minutes=minute)


HOLE = Silence(at(10), at(20), 100, 101)


def cause(silence: Silence = HOLE, **known: object) -> tuple[Cause, int]:
    (gap,) = explain([silence], Facts(**known))  # type: ignore[arg-type]
    return gap.cause, gap.messages


def test_nothing_known_is_never_sent() -> None:
    assert cause() == (Cause.NEVER_SENT, 0)


def test_a_hole_in_the_sequence_was_sent_and_lost() -> None:
    assert cause(Silence(at(10), at(20), 100, 161)) == (Cause.LOST, 60)


def test_a_count_that_began_anew_is_no_hole() -> None:
    assert cause(Silence(at(10), at(20), 100, 1)) == (Cause.NEVER_SENT, 0)


def test_refused_messages_explain_it_before_all_else() -> None:
    known = {"rejected": [at(12), at(13), at(40)], "offline": [Spell(at(0), None)], "mistimed": [at(11)]}
    assert cause(Silence(at(10), at(20), 1, 9), **known) == (Cause.REJECTED, 2)


def test_a_wrong_clock() -> None:
    assert cause(mistimed=[at(10), at(19)]) == (Cause.CLOCK, 2)


def test_offline_for_most_of_it() -> None:
    assert cause(offline=[Spell(at(12), at(18))]) == (Cause.OFFLINE, 0)
    assert cause(offline=[Spell(at(0), at(12)), Spell(at(15), None)]) == (Cause.OFFLINE, 0)
    assert cause(offline=[Spell(at(12), at(16))]) == (Cause.NEVER_SENT, 0)


def test_late_minutes_that_touch_are_one_stretch() -> None:
    gaps = explain([], Facts(late=[(at(3), 5), (at(2), 6), (at(9), 1)]))
    assert gaps == [Gap(at(2), at(4), Cause.LATE, 11), Gap(at(9), at(10), Cause.LATE, 1)]


def test_begun_minutes_count() -> None:
    assert Gap(at(0), at(1.2), Cause.LOST).minutes == 2


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 60)), max_size=20))
def test_late_stretches_hold_every_minute_once(minutes: list[tuple[int, int]]) -> None:
    late = {at(minute): count for minute, count in minutes}
    gaps = explain([], Facts(late=list(late.items())))
    assert sum(gap.messages for gap in gaps) == sum(late.values())
    assert sum(gap.minutes for gap in gaps) == len(late)
