"""`mingchu doctor`: what is wrong, and how to mend it."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mingchu.errand import settings_of, with_database

if TYPE_CHECKING:
    from mingchu.doctor import Finding
    from mingchu.settings import Settings

_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


def doctor(
    *,
    json_lines: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
    forget: Annotated[str, typer.Option(help="SERVICE:INSTANCE that was taken out of service for good.")] = "",
    data_dir: Annotated[Path | None, typer.Option(help="Where the data lie (MINGCHU_DATA_DIR).")] = None,
) -> None:
    """Look at the whole house: disks, database, broker, processes, queues, edges, cameras, messages, pushes, backups.

    Each trouble comes with what to do about it. Exit code 1 when something fails, 0 for warnings.

    \b
    Examples:
      mingchu doctor
      mingchu doctor --json | jq 'select(.level != "ok")'
      mingchu doctor --forget ingest:2
    """
    settings = settings_of(data_dir)
    if forget:
        from store import process

        service, _, instance = forget.partition(":")
        with_database(lambda connection: process.forget(connection, service, instance))
    failed = asyncio.run(_look(settings, json_lines=json_lines))
    sys.exit(1 if failed else 0)


async def _look(settings: "Settings", *, json_lines: bool) -> bool:
    from mingchu import doctor as work

    failed = False
    async for finding in work.examine(settings):
        _tell(finding, json_lines=json_lines)
        failed = failed or finding.level is work.Level.FAIL
    return failed


def _tell(finding: "Finding", *, json_lines: bool) -> None:
    import msgspec

    if json_lines:
        print(msgspec.json.encode(finding).decode(), flush=True)
        return
    typer.secho(f"{finding.level:<5}", fg=_COLOURS[finding.level], nl=False)
    typer.echo(f"{finding.what}: {finding.seen}")
    if finding.mend:
        typer.echo(f"     → {finding.mend}")
