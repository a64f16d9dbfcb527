"""`mingchu database …`: what its readings lie on, and how long what is kept."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from mingchu.errand import with_database

if TYPE_CHECKING:
    from store.connection import Connection
    from store.retention import Kept

_HELP = """\
The database: how long what is kept, and the move to TimescaleDB.

\b
Examples:
  mingchu database retention              how long what is kept
  mingchu database retention reading 60   keep raw readings for 60 days
  mingchu database hypertables            move a plain database to TimescaleDB, in place
"""

database = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)


@database.command()
def hypertables() -> None:
    """Move the readings of a plain PostgreSQL database to TimescaleDB, in place; may be interrupted and run again.

    For a server that has got the extension after its database was made. Ingest and console go on meanwhile; the newest
    days move first.
    """
    from store.hypertables import Moved, convert

    def tell(moved: Moved) -> None:
        print(f"moved {moved.part}: {moved.rows} rows, {moved.left} days left")

    done = with_database(lambda connection: convert(connection, tell))
    print("all readings lie on hypertables" if done else "nothing to do: the readings lie on hypertables already")


@database.command()
def retention(
    kind: Annotated[str | None, typer.Argument(help="What: reading, rollup, transaction, …; omit to list all.")] = None,
    days: Annotated[int | None, typer.Argument(min=1, help="Keep it for so many days.")] = None,
) -> None:
    """How long what is kept. Older records go once a day; alerts, their evidence and the audit log are not among them.

    \b
    Examples:
      mingchu database retention
      mingchu database retention reading 60
    """
    from store import retention as store

    if kind is not None and (kind not in set(store.Kept) or days is None):
        raise typer.BadParameter(f"give a kind ({', '.join(store.Kept)}) and a number of days")

    async def work(connection: "Connection") -> "Mapping[Kept, int]":
        if kind is not None and days is not None:
            await store.keep(connection, store.Kept(kind), days)
        return await store.days(connection)

    for each, number in sorted(with_database(work).items()):
        print(f"{each:<13} {number} days")
