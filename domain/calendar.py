"""A working calendar: when an authority's offices work, and instants counted in working time only.

China moves working days to weekends around its holidays; each year's are announced by the State Council in the autumn
before and are data here. A year that nobody has entered counts its plain weekdays. Pure: no clock is read.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import msgspec

from domain.code import Code

_LONGEST = timedelta(days=3660)  # beyond it a calendar has no working time worth waiting for


class BadCalendarError(ValueError):
    """A calendar has hours in order, at least one weekday, and days of the year that they stand under."""


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From `begin` to `end` local time, within one day."""

    begin: time
    end: time


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whole days that are off, first and last included."""

    first: date
    last: date
    name: str = ""


class Year(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A year's exceptions: days off, and weekend days that are worked instead. `source` says who announced them."""

    year: int
    source: str
    off: tuple[Span, ...] = ()
    work: tuple[date, ...] = ()


class Calendar(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Versioned data: hours of a working day, working weekdays (0 = Monday), and the years' exceptions."""

    code: Code
    version: int
    zh: str
    en: str
    timezone: str
    hours: tuple[Hours, ...]
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    years: tuple[Year, ...] = ()

    def knows(self, year: int) -> bool:
        """Whether that year's exceptions were entered."""
        return any(known.year == year for known in self.years)

    def works(self, day: date) -> bool:
        """Whether that local day is worked."""
        known = next((known for known in self.years if known.year == day.year), None)
        if known is not None and day in known.work:
            return True
        if known is not None and any(span.first <= day <= span.last for span in known.off):
            return False
        return day.weekday() in self.weekdays

    def add(self, start: datetime, working: timedelta) -> datetime:
        """The instant (UTC) when `working` (not negative) of working time has passed since `start` (aware).

        Without any left to wait for, that is `start` itself. Raises BadCalendarError where ten years are not enough.
        """
        left, now = working, start.astimezone(UTC)
        if left <= timedelta(0):
            return now
        for begin, end in self._periods(now):
            if end - begin >= left:
                return begin + left
            left -= end - begin
        raise BadCalendarError(f"calendar {self.code}: {working} of working time do not fit into ten years")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much of the time from `start` to `end` (aware) is working time."""
        total, last = timedelta(0), end.astimezone(UTC)
        for begin, close in self._periods(start.astimezone(UTC)):
            if begin >= last:
                break
            total += min(close, last) - begin
        return total

    def _periods(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The working periods that end after `start`, in UTC, none empty and none beginning before `start`."""
        zone = ZoneInfo(self.timezone)
        day = start.astimezone(zone).date() - timedelta(days=1)
        seen = start  # where the zone's clock goes back, two periods could overlap: time counts once
        while day - start.date() < _LONGEST:
            for hours in self.hours if self.works(day) else ():
                begin, end = (datetime.combine(day, at, zone).astimezone(UTC) for at in (hours.begin, hours.end))
                if end > seen and end > begin:
                    yield max(begin, seen), end
                    seen = end
            day += timedelta(days=1)


class CalendarFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of calendars."""

    calendars: tuple[Calendar, ...]


def parse(text: str) -> tuple[Calendar, ...]:
    """Read calendars from TOML (`[[calendars]]`); raises BadCalendarError with the exact fault."""
    try:
        calendars = msgspec.toml.decode(text, type=CalendarFile).calendars
    except (msgspec.DecodeError, ValueError) as error:
        raise BadCalendarError(str(error)) from error
    for calendar in calendars:
        check(calendar)
    return calendars


def check(calendar: Calendar) -> None:
    """Raise BadCalendarError unless the calendar makes sense."""
    where = f"calendar {calendar.code}"
    if calendar.timezone not in available_timezones():
        raise BadCalendarError(f"{where}: there is no time zone {calendar.timezone!r}")
    if not calendar.weekdays or not set(calendar.weekdays) <= set(range(7)):
        raise BadCalendarError(f"{where}: weekdays are numbers from 0 (Monday) to 6, at least one")
    edges = [at for hours in calendar.hours for at in (hours.begin, hours.end)]
    if not edges or any(a >= b for a, b in pairwise(edges)):
        raise BadCalendarError(f"{where}: hours come in order, each ends after it begins")
    for year in calendar.years:
        days = [*year.work, *(day for span in year.off for day in (span.first, span.last))]
        if any(day.year != year.year for day in days) or any(span.first > span.last for span in year.off):
            raise BadCalendarError(f"{where}: the days of {year.year} lie in it, first before last")
