"""`mingchu ladder …`: the time limits of alerts, who hears when one runs out, and the working calendars."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mingchu.errand import with_database

if TYPE_CHECKING:
    from domain.calendar import Calendar
    from domain.ladder import Ladder
    from store.connection import Connection

_HELP = """\
Ladders: time limits of alerts, and who hears when one runs out; working calendars.

\b
Examples:
  mingchu ladder list                          the ladders in force, and the calendars with their years
  mingchu ladder install city.toml             a city's own; each needs a higher version than before
  mingchu ladder calendar china-2027.toml      a calendar with the next year's holidays and moved working days
  mingchu ladder use yunhai.lincheng china     which calendar an authority and those below it keep
"""

ladder = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)

File = Annotated[Path, typer.Argument(help="TOML, like those in alerts/rules.")]


@ladder.command("list")
def list_ladders() -> None:
    """List the ladders and calendars in force."""
    from store import ladders

    async def work(connection: "Connection") -> "tuple[tuple[Ladder, ...], list[Calendar]]":
        return (await ladders.known(connection)).active, await ladders.calendars(connection)

    known, calendars = with_database(work)
    for one in known:
        scope = ", ".join([*(f"class {severity}" for severity in one.severities), *one.rules])
        print(f"{one.code:<14} version {one.version:<3} {scope:<18} {'working time' if one.working else 'real time'}")
        for rung in one.rungs:
            after = "the alert's deadline" if rung.after_s is None else f"{rung.after_s / 60:g} min"
            print(f"  {rung.code:<14} {after} after {', '.join(rung.begins)}: {', '.join(rung.tell)}")
    for calendar in calendars:
        years = ", ".join(str(year.year) for year in calendar.years) or "none"
        print(f"calendar {calendar.code} version {calendar.version}: years {years}, {calendar.timezone}")


@ladder.command("install")
def install_ladders(file: File) -> None:
    """Put ladders in force. Alerts that are open finish on the version that they began with."""
    from domain.ladder import parse
    from store import ladders

    found = parse(file.read_text(encoding="utf-8"))
    _tell(with_database(lambda connection: ladders.install(connection, found, [])), len(found), "ladders")


@ladder.command("calendar")
def install_calendars(file: File) -> None:
    """Put calendars in force; time limits that start from now on count by them."""
    from domain.calendar import parse
    from store import ladders

    found = parse(file.read_text(encoding="utf-8"))
    _tell(with_database(lambda connection: ladders.install(connection, [], found)), len(found), "calendars")


def _tell(added: int, found: int, what: str) -> None:
    there = "" if added == found else f"; {found - added} there already: a change needs a higher version"
    print(f"{added} {what} installed{there}")


@ladder.command("use")
def use_calendar(
    authority: Annotated[str, typer.Argument(help="The authority's path.")],
    calendar: Annotated[str, typer.Argument(help="The calendar's code.")],
) -> None:
    """Choose the calendar of an authority, and of those below it that choose none of their own."""
    from store import ladders
    from store.registry import UnknownCodeError

    async def work(connection: "Connection") -> None:
        if calendar not in {one.code for one in await ladders.calendars(connection)}:
            raise UnknownCodeError(f"there is no calendar {calendar!r}: `mingchu ladder list` shows them")
        if not await ladders.choose(connection, authority, calendar):
            raise UnknownCodeError(f"there is no authority {authority!r}")

    with_database(work)
    print(f"{authority} keeps the calendar {calendar}")
