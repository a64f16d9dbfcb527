"""Periods of the calendar: whole, without gaps, closed an hour after their end."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.period import SETTLES, Span, closed, holding


@given(st.sampled_from(Span), st.dates(date(2001, 1, 1), date(2199, 12, 1)))
def test_every_day_lies_in_one_period_and_they_follow_each_other(span: Span, day: date) -> None:
    period = holding(span, day)
    assert period.first <= day <= period.last
    assert holding(span, period.last + timedelta(days=1)).begin == period.end
    assert holding(span, period.first) == holding(span, period.last) == period


@given(st.sampled_from(Span), st.datetimes(datetime(2001, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC)))
def test_the_newest_closed_period_is_closed_and_the_next_is_not(span: Span, now: datetime) -> None:
    period = closed(span, now)
    assert period.closes <= now
    assert holding(span, period.last + timedelta(days=1)).closes > now
    assert period.closes - period.end == SETTLES


@pytest.mark.parametrize(
    "span, first, last",
    [
        (Span.DAY, date(2026, 11, 26), date(2026, 11, 26)),
        (Span.WEEK, date(2026, 11, 23), date(2026, 11, 29)),
        (Span.MONTH, date(2026, 11, 1), date(2026, 11, 30)),
    ],
)
def test_periods_are_of_the_citys_calendar(span: Span, first: date, last: date) -> None:
    period = holding(span, date(2026, 11, 26))
    assert (period.first, period.last) == (first, last)
    assert period.begin.hour == 16  # midnight in Shanghai
