"""A site's month as stacked bars."""

from datetime import date

from api.site_desk import charted
from store.site_facts import DayCount

TODAY = date(2026, 11, 26)


def test_thirty_days_with_the_gravest_at_the_bottom() -> None:
    yesterday = date(2026, 11, 25)
    days = charted([DayCount(TODAY, 3, 1), DayCount(yesterday, 2, 3), DayCount(yesterday, 1, 1)], TODAY)
    assert (len(days), days[0].day, days[-1].day) == (30, date(2026, 10, 28), TODAY)
    assert days[-2].bars == ((1, 0.0, 25.0), (2, 25.0, 75.0))
    assert (days[-1].n, days[-1].bars) == (1, ((3, 0.0, 25.0),))
    assert days[0].bars == ()


def test_a_month_without_any_is_flat() -> None:
    assert [day.bars for day in charted([], TODAY)] == [()] * 30
