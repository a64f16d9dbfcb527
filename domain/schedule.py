"""A site's opening hours: weekly intervals of local time; what is outside them is closed."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec


class Opening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Open from `begin` to `end` local time on `days` (0 = Monday); an end before the begin runs past midnight."""

    days: tuple[int, ...]
    begin: time
    end: time


class Schedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Opening hours in one time zone, and whole local dates on which the site stays closed."""

    openings: tuple[Opening, ...]
    timezone: str = "Asia/Shanghai"
    holidays: tuple[str, ...] = ()  # ISO dates

    def is_open(self, moment: datetime) -> bool:
        """True when the aware UTC `moment` lies in opening hours (begin inclusive, end exclusive)."""
        local = moment.astimezone(ZoneInfo(self.timezone))
        return any(self._covers(opening, local) for opening in self.openings)

    def _covers(self, opening: Opening, local: datetime) -> bool:
        now = local.time().replace(tzinfo=None)
        if opening.begin < opening.end:
            return self._opens(opening, local) and opening.begin <= now < opening.end
        late = self._opens(opening, local) and now >= opening.begin
        return late or (self._opens(opening, local - timedelta(days=1)) and now < opening.end)

    def _opens(self, opening: Opening, day: datetime) -> bool:
        return day.weekday() in opening.days and day.date().isoformat() not in self.holidays


ALWAYS_OPEN = Schedule(
    openings=(Opening(tuple(range(7)), time(0), time(12)), Opening(tuple(range(7)), time(12), time(0)))
)
ALWAYS_CLOSED = Schedule(openings=())
NEVER = ALWAYS_CLOSED  # of windows in a day, such as breaks: there are none
