"""`mingchu profile …`: check, install, list; what a vendor's dialect is made of."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from mingchu.errand import with_database

_HELP = """\
Device profiles: metrics, units, codes, and how a vendor's own messages are read.

\b
Examples:
  mingchu profile check my-lift.toml             its test vectors; no database is needed
  mingchu profile install my-lift.toml --vendor acme
  mingchu profile list
  mingchu profile history my-lift
"""

profile = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)


@profile.command("check")
def check_profiles(
    files: Annotated[list[Path], typer.Argument(help="Profiles in TOML; each may build on another.")],
) -> None:
    """Read profiles and run the test vectors inside them. Exit code 1 when one does not come out."""
    from ingest import library, vectors

    texts = [file.read_text(encoding="utf-8") for file in files]
    failed = False
    for one in library.resolve(texts, library.profiles()):
        faults = vectors.faults(one)
        failed = failed or bool(faults)
        metrics, events = len(one.metrics), len(one.events)
        print(f"{one.code} version {one.version}: {metrics} metrics, {events} events, {len(one.vector)} vectors")
        for fault in faults:
            print(f"  {fault}", file=sys.stderr)
    if failed:
        raise typer.Exit(1)


@profile.command("install")
def install_profile(
    file: Path, vendor: Annotated[str | None, typer.Option(help="Whose it is (`mingchu vendor add`).")] = None
) -> None:
    """Check a profile and put it to use; ingest takes it within seconds. A changed file needs a higher version."""
    from domain.profile import BadProfileError
    from ingest import library, vectors
    from store import profiles as table
    from store.connection import Connection

    text = file.read_text(encoding="utf-8")

    async def work(connection: Connection) -> str:
        known = [*library.profiles(), *await table.read(connection)]
        (one,) = library.resolve([text], known)
        if faults := vectors.faults(one):
            raise BadProfileError(f"{faults[0]}; nothing is installed")
        new = await table.install_vendors(connection, one, vendor)
        return f"profile {one.code} version {one.version} is {'installed' if new else 'there already'}"

    print(with_database(work))


@profile.command("list")
def list_profiles() -> None:
    """List the profiles that are installed."""
    from store import profiles as table

    for row in with_database(table.lines):
        print(
            f"{row.code:<28} version {row.version:<3} {row.kind:<14} devices {row.devices:<6} {row.vendor:<12} {row.zh}"
        )


@profile.command("history")
def show_history(code: str) -> None:
    """List the versions of a profile and since when each was in use."""
    from store import profiles as table

    for row in with_database(lambda connection: table.history(connection, code)):
        since = "from the start" if row.installed.year < 1970 else f"{row.installed:%Y-%m-%d %H:%M:%S} UTC"
        print(f"version {row.version:<3} {since}")
