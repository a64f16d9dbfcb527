"""The ladders and working calendars that ship with the product."""

from importlib.resources import files

from domain import calendar, ladder
from domain.calendar import Calendar
from domain.ladder import Ladder


def ladders() -> tuple[Ladder, ...]:
    """The shipped ladders; raises BadLadderError with the exact fault."""
    return ladder.parse(_read("ladders.toml"))


def calendars() -> tuple[Calendar, ...]:
    """The shipped calendars; raises BadCalendarError with the exact fault."""
    return calendar.parse(_read("calendars.toml"))


def _read(name: str) -> str:
    return files("alerts").joinpath("rules", name).read_text(encoding="utf-8")
