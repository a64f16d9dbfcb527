"""`mingchu audit …`: whether anybody has edited the audit log or an alert's history."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mingchu.errand import settings_of, with_database

if TYPE_CHECKING:
    from domain.export import Manifest
    from store.chains import Broken
    from store.connection import Connection

_HELP = """\
The audit log and the alerts' histories: hash chains, in which an edit shows.

\b
Examples:
  mingchu audit verify                                  every row follows the one before it
  mingchu audit verify --export mingchu-alert-17.zip    and what an export saw is still there
"""

audit = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)


@audit.callback()
def about() -> None:
    """A group, though of one command."""


@audit.command()
def verify(
    export: Annotated[
        list[Path] | None, typer.Option(help="Hold the chains against this export, too; may be repeated.")
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option("--key", help="The public key that the exports are checked with.")
    ] = None,
) -> None:
    """Check every row of every chain; names the first that is broken. Exit code 1 when one is.

    A chain alone does not miss its newest rows, nor see that somebody made all hashes anew: an export does, since it
    carries the chains' heads as they were.

    \b
    Examples:
      mingchu audit verify
      mingchu audit verify --export mingchu-alert-17.zip --key platform.pem
    """
    witnesses = [(file, _manifest(file, key_file)) for file in export or ()]
    failures = with_database(lambda connection: _failures(connection, witnesses))
    sys.exit(1 if failures else 0)


def _manifest(file: Path, key_file: Path | None) -> "Manifest":
    from mingchu import evidence_check, signing

    known = signing.kept_public(settings_of().data) if key_file is None else signing.public(key_file)
    verdict = evidence_check.verify(file, known)
    if verdict.manifest is None or not verdict.intact:
        raise typer.BadParameter(f"{file} proves nothing itself: see `mingchu evidence verify {file}`")
    return verdict.manifest


async def _failures(connection: "Connection", witnesses: "list[tuple[Path, Manifest]]") -> int:
    from store import chains

    rows, steps = await chains.lengths(connection)
    unlike = await chains.first_unlike(connection)
    other = None if unlike is None else f"alert {unlike.alert} is {unlike.status}, its history ends {unlike.told}"
    said = [
        _said(f"audit log: {rows} rows", _broken(await chains.first_broken_audit(connection))),
        _said(f"histories: {steps} steps", _broken(await chains.first_broken_history(connection))),
        _said("status of alerts", other),
    ]
    return sum(said) + sum([await _unlike(connection, file.name, told) for file, told in witnesses])


async def _unlike(connection: "Connection", name: str, told: "Manifest") -> int:
    """How much of what an export saw is not there as it was."""
    from store import chains

    said = []
    for head in told.chains:
        held = await chains.holds(connection, head)
        if held is not None:
            changed = None if held else "the entry is gone or was made anew"
            said.append(_said(f"{name}: {head.chain} {head.subject} entry {head.entry}", changed))
    pieces = [file.sha256 for file in told.files if file.kind != "report"] + [item.sha256 for item in told.withheld]
    lost = await chains.unknown(connection, pieces)
    gone = f"no row has {', '.join(lost[:3])}" if lost else None
    said.append(_said(f"{name}: {len(pieces)} pieces of evidence", gone))
    return sum(said)


def _broken(found: "Broken | None") -> str | None:
    if found is None:
        return None
    whose = "" if found.alert is None else f" of alert {found.alert}"
    return f"entry {found.entry}{whose} ({found.action}, {found.at}) was edited, or a row before it is gone"


def _said(what: str, wrong: str | None) -> bool:
    print(f"{'FAILED' if wrong else 'ok':<7} {what}{f': {wrong}' if wrong else ''}")
    return wrong is not None
