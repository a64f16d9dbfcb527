"""`mingchu evidence`: checks that evidence is what the edges stated."""

import asyncio
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from store.evidence_chain import Flaw, Report

_HELP = """\
Evidence: what the edges stated, and signed exports of alerts.

\b
Examples:
  mingchu evidence chain kitchen-1-stove           nothing that its edge stated was edited
  mingchu evidence export 17 18 --out case-4711    one signed zip per alert, faces hidden
  mingchu evidence key > platform.pem              the public key: give it to whoever is to check
  mingchu evidence verify mingchu-alert-17.zip --key platform.pem
"""

evidence = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)


@evidence.callback()
def _group() -> None:
    """Evidence of scenes."""


@evidence.command(name="chain")
def chain(
    camera: Annotated[str, typer.Argument(help="The camera's code.")],
    *,
    files: Annotated[bool, typer.Option(help="Read the evidence files too, and compare their SHA-256.")] = True,
    contains: Annotated[str | None, typer.Option(help="A link's hash that must be there.")] = None,
) -> None:
    """Check all that a camera's edge ever stated: nothing edited, removed, moved or slipped in. Exit code 1: broken.

    \b
    Examples:
      mingchu evidence chain kitchen-1-stove
      mingchu evidence chain kitchen-1-stove --no-files
      mingchu evidence chain kitchen-1-stove --contains 5826013ee4c727663167400b71ee23afc9f7a27d3711d6fcc9bbb275e8df2201

    The newest links are covered only by what follows them: note the head that is printed (or the one on an alert's
    page), and ask for it later with --contains.
    """
    from mingchu import settings

    read = settings.read()
    report = asyncio.run(_examine(read.dsn, camera))
    spoilt = _spoilt(read.evidence, report.files) if files else []
    _tell(report)
    for sha256 in spoilt:
        print(f"BROKEN  file {sha256}: its bytes are not those of its name")
    if contains is not None and contains not in report.hashes:
        print(f"BROKEN  no link has the hash {contains}")
    if report.flaws or spoilt or (contains is not None and contains not in report.hashes):
        raise typer.Exit(1)
    print("intact" if report.chains else "no chain: the camera's edge has stated nothing yet")


async def _examine(dsn: str, code: str) -> "Report":
    from store import evidence_chain, evidence_links
    from store.connection import connect

    connection = await connect(dsn, autocommit=True)
    try:
        camera = await evidence_links.camera(connection, code)
        if camera is None:
            raise typer.BadParameter(f"there is no camera {code}")
        return await evidence_chain.examine(connection, camera)
    finally:
        await connection.close()


def _tell(report: "Report") -> None:
    for number, one in enumerate(report.chains):
        begun = "" if number == 0 else " (a new spool: the edge lost its old one, or another edge watches now)"
        print(f"chain {one.chain}: {one.links} links, head {one.head}{begun}")
    for flaw in report.flaws:
        print(f"BROKEN  {_where(flaw)}: {flaw.detail} ({flaw.fault})")


def _where(flaw: "Flaw") -> str:
    if not flaw.place:
        return f"scene event {flaw.event}"
    before = f" (from link {flaw.since} on)" if flaw.since != flaw.place else ""
    return f"chain {flaw.chain[:8]} link {flaw.place}{before}"


def _spoilt(folder: Path, names: set[str]) -> list[str]:
    """Files whose bytes are not what they should be; those that have not come are no fault."""
    return [name for name in sorted(names) if (path := folder / name[:2] / name).is_file() and _sha256(path) != name]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
