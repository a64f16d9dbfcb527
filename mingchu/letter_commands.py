"""`mingchu gaps` and `mingchu letters …`: which minutes are missing and why, and what could not be read."""

import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from mingchu.errand import with_database

if TYPE_CHECKING:
    from domain.gap import Gap
    from store.connection import Connection
    from store.dead_letters import Letter, LetterFilter

_HELP = """\
Messages that could not be read, wholly or in part: kept whole, with the reason.

\b
Examples:
  mingchu letters list --reason "has no metric"
  mingchu letters show 41
  mingchu letters replay --topic mc/v1/market-1/   after a profile or a registration was mended
"""

letters = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)

_TIME = "%Y-%m-%dT%H:%M:%SZ"
Topic = Annotated[str, typer.Option(help="What the topic begins with.")]
Reason = Annotated[str, typer.Option(help="A part of the reason.")]


def gaps(
    device: Annotated[str, typer.Option("--device", help="SITE/DEVICE")],
    hours: Annotated[float, typer.Option(min=0.1, help="How far back.")] = 24.0,
) -> None:
    """Which minutes of a device are missing, and why: never sent, lost, offline, refused, wrong clock, or late.

    \b
    Example:
      mingchu gaps --device market-1/scale-2 --hours 48
    """
    site, _, code = device.partition("/")
    if not code:
        raise typer.BadParameter("--device is SITE/DEVICE, for example market-1/scale-2")
    found = with_database(lambda connection: _gaps(connection, site, code, timedelta(hours=hours)))
    for gap in found:
        count = f"{gap.messages} messages" if gap.messages else ""
        print(f"{gap.begin:{_TIME}}  {gap.end:{_TIME}}  {gap.minutes:>5} min  {gap.cause:<10}  {count}")
    if not found:
        print("nothing is missing")


async def _gaps(connection: "Connection", site: str, code: str, span: timedelta) -> "list[Gap]":
    from domain import gap
    from domain.topic import ROOT
    from store import gaps as table

    end = datetime.now(UTC)
    identity, silence_s = await table.pace(connection, site, code)
    found = await table.silences(connection, identity, end - span, end, timedelta(seconds=silence_s))
    facts = await table.facts(connection, identity, f"{ROOT}/{site}/{code}/", end - span, end)
    return gap.explain(found, facts)


@letters.command("list")
def list_letters(
    topic: Topic = "",
    reason: Reason = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")] = 50,
) -> None:
    """List them, the newest first."""
    from store import dead_letters

    wanted = _filter(topic, reason)
    for letter in with_database(lambda connection: dead_letters.page(connection, wanted, None, limit)):
        what = f"{letter.topic}  {letter.reason}  {_state(letter)}"
        print(f"{letter.id:>8}  {letter.last:{_TIME}}  {letter.seen:>4} x  {what}")


def _state(letter: "Letter") -> str:
    if letter.replay:
        return "waits to be read again"
    return f"partial, {letter.kept} kept" if letter.partial else ""


@letters.command("show")
def show_letter(letter: int) -> None:
    """Print one message's payload as it came."""
    from store import dead_letters

    found: Letter | None = with_database(lambda connection: dead_letters.one(connection, letter))
    if found is None:
        raise typer.BadParameter(f"there is no letter {letter}")
    print(f"{found.topic}\n{found.reason}", file=sys.stderr)
    sys.stdout.buffer.write(found.payload + b"\n")


@letters.command("replay")
def replay_letters(
    letter: Annotated[int | None, typer.Argument(help="Only this one.")] = None, topic: Topic = "", reason: Reason = ""
) -> None:
    """Have ingest read them again; what lands is no dead letter any more, and a repeat does no harm.

    Of a partial one, which stands for all messages of a topic and a reason, what was left out of each is stored.
    """
    from store import dead_letters

    wanted = _filter(topic, reason)
    count = with_database(lambda connection: dead_letters.ask(connection, wanted, letter))
    print(f"{count} letters will be read again")


def _filter(topic: str, reason: str) -> "LetterFilter":
    from store.dead_letters import LetterFilter

    return LetterFilter(topic, reason)
