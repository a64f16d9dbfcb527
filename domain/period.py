"""Periods: days, weeks and months of the city's calendar, as times in UTC."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
SETTLES = timedelta(hours=1)  # what edges kept through an outage may still come; then a period is closed


class Span(StrEnum):
    """How long a period is."""

    DAY = "day"
    WEEK = "week"  # Monday to Sunday
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """[begin, end) of the calendar, both UTC."""

    span: Span
    begin: datetime
    end: datetime

    @property
    def closes(self) -> datetime:
        """When its figures no longer change: what we hear of later does not count."""
        return self.end + SETTLES

    @property
    def first(self) -> date:
        """Its first day in the calendar."""
        return self.begin.astimezone(ZONE).date()

    @property
    def last(self) -> date:
        """Its last day in the calendar."""
        return (self.end - timedelta(seconds=1)).astimezone(ZONE).date()


def midnight(day: date) -> datetime:
    """When a day of the calendar begins."""
    return datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)


def holding(span: Span, day: date) -> Period:
    """The period that a day lies in."""
    first = _first(span, day)
    return Period(span, midnight(first), midnight(_next(span, first)))


def closed(span: Span, now: datetime) -> Period:
    """The newest period that is closed at `now`."""
    day = (now - SETTLES).astimezone(ZONE).date()
    return holding(span, _first(span, day) - timedelta(days=1))


def _first(span: Span, day: date) -> date:
    match span:
        case Span.DAY:
            return day
        case Span.WEEK:
            return day - timedelta(days=day.weekday())
        case Span.MONTH:
            return day.replace(day=1)


def _next(span: Span, first: date) -> date:
    match span:
        case Span.DAY:
            return first + timedelta(days=1)
        case Span.WEEK:
            return first + timedelta(days=7)
        case Span.MONTH:
            return (first + timedelta(days=31)).replace(day=1)
