"""Working time: China's moved days, and the arithmetic in any time zone."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import ladderbook
from domain import calendar
from domain.calendar import BadCalendarError, Calendar, Hours, Span, Year

CHINA = next(one for one in ladderbook.calendars() if one.code == "china")
_ZONES = sorted(
    zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix", "right"))
)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2026-02-13", True),  # the Friday before the spring festival
        ("2026-02-14", True),  # a Saturday that is worked instead
        ("2026-02-16", False),  # a Monday of the festival
        ("2026-02-28", True),  # a Saturday
        ("2026-10-07", False),
        ("2026-10-10", True),  # a Saturday
        ("2026-10-11", False),  # a Sunday
        ("2025-10-08", False),
        ("2025-09-28", True),
    ],
)
def test_chinas_holidays_and_moved_working_days(day: str, worked: bool) -> None:
    assert CHINA.works(date.fromisoformat(day)) is worked


def test_every_year_that_ships_is_whole() -> None:
    for year in CHINA.years:
        off = sum((span.last - span.first).days + 1 for span in year.off)
        assert (year.year, off) in {(2025, 28), (2026, 33)}
        assert all(day.weekday() >= 5 for day in year.work)
        assert not any(span.first <= day <= span.last for span in year.off for day in year.work)
        assert all(a.last < b.first for a, b in pairwise(year.off))


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-23T10:00", 1, "2026-11-23T11:00"),
        ("2026-11-23T11:30", 1, "2026-11-23T14:00"),  # over lunch
        ("2026-11-23T20:00", 1, "2026-11-24T10:00"),
        ("2026-11-27T17:00", 1, "2026-11-30T09:30"),  # over a weekend
        ("2026-09-30T16:00", 8, "2026-10-08T17:00"),  # over the national holiday
        ("2026-11-23T09:00", 3, "2026-11-23T12:00"),  # the end of a period belongs to it
        ("2026-11-21T09:00", 0, "2026-11-21T09:00"),
    ],
)
def test_working_time_is_added(start: str, hours: float, end: str) -> None:
    assert CHINA.add(local(start), timedelta(hours=hours)) == local(end)


def test_a_year_that_nobody_entered_counts_its_weekdays() -> None:
    assert not CHINA.knows(2031)
    assert CHINA.works(date(2031, 10, 1))  # a Wednesday


_times = st.times(max_value=time(23, 58), timezones=st.none()).map(lambda at: at.replace(second=0, microsecond=0))
_moments = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
_spans = st.timedeltas(timedelta(0), timedelta(hours=300))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Any zone, hours and weekdays, and some exceptions."""
    edges = sorted(draw(st.lists(_times, min_size=2, max_size=6, unique=True)))
    hours = tuple(Hours(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False))
    off = draw(st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 20)), max_size=4))
    work = draw(st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=4))
    year = Year(
        2026, "test", tuple(Span(day, day + timedelta(days=draw(st.integers(0, 9)))) for day in off), tuple(work)
    )
    weekdays = tuple(draw(st.sets(st.integers(0, 6), min_size=1)))
    return Calendar("any", 1, "任意", "Any", draw(st.sampled_from(_ZONES)), hours, weekdays, (year,))


@settings(max_examples=60, deadline=None)
@given(calendars(), _moments, _spans, _spans)
def test_what_is_added_is_what_lies_between(
    one: Calendar, start: datetime, first: timedelta, second: timedelta
) -> None:
    hours = max(timedelta(minutes=1), sum(_lengths(one), timedelta(0)))
    first, second = (min(span, hours * 40) for span in (first, second))
    end = one.add(start, first)
    assert end >= start
    assert one.between(start, end) == first
    assert one.add(end, second) == one.add(start, first + second) or second == timedelta(0) or first == timedelta(0)
    assert one.between(start, one.add(start, first + second)) == first + second


def _lengths(one: Calendar) -> list[timedelta]:
    return [datetime.combine(date.min, at.end) - datetime.combine(date.min, at.begin) for at in one.hours]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"timezone": "Mars/Base"}, "no time zone"),
        ({"weekdays": ()}, "weekdays"),
        ({"hours": (Hours(time(9), time(9)),)}, "hours come in order"),
        ({"hours": (Hours(time(9), time(12)), Hours(time(11), time(13)))}, "hours come in order"),
        ({"years": (Year(2026, "x", (Span(date(2026, 1, 3), date(2026, 1, 1)),)),)}, "first before last"),
        ({"years": (Year(2026, "x", (), (date(2027, 1, 3),)),)}, "lie in it"),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(change: dict[str, object], fault: str) -> None:
    wrong = msgspec.structs.replace(CHINA, **change)
    with pytest.raises(BadCalendarError, match=fault):
        calendar.check(wrong)


def test_no_working_time_within_ten_years_is_said() -> None:
    with pytest.raises(BadCalendarError, match="do not fit"):
        CHINA.add(local("2026-01-01T00:00"), timedelta(days=3000))
