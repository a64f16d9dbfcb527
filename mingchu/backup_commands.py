"""`mingchu backup` and `mingchu restore`: the database, the evidence and the secrets, out and back in."""

from pathlib import Path
from typing import Annotated

import typer

from mingchu.errand import settings_of

Keep = Annotated[int | None, typer.Option(min=1, help="Keep so many of the newest, remove the older ones.")]


def backup(
    folder: Annotated[
        Path | None, typer.Argument(help="Where backups lie: on another disk, best on another machine.")
    ] = None,
    keep: Keep = None,
) -> None:
    """Take a backup while the house is at work: database, evidence, secrets. Later ones copy only new evidence.

      \b
      Examples:
        mingchu backup /mnt/backup
        mingchu backup /mnt/backup --keep 14      each night, from cron or a systemd timer
    MINGCHU_BACKUP_DIR=/mnt/backup mingchu backup

      It holds all secrets of this house: keep it where only you can read it. Edges keep what is not committed yet.
    """
    from mingchu import backup as work

    settings = settings_of()
    where = folder or settings.backup_dir
    if where is None:
        raise typer.BadParameter("say where: a folder, or MINGCHU_BACKUP_DIR")
    taken = work.take(settings, where, keep, print)
    rows = sum(taken.manifest.content.rows.values())
    print(f"{taken.folder}: {rows} rows, {taken.manifest.files} evidence files")


def restore(
    folder: Annotated[Path, typer.Argument(help="One backup, such as /mnt/backup/2026-11-26T02-00-00Z.")],
    data_dir: Annotated[Path | None, typer.Option(help="The new house's data (MINGCHU_DATA_DIR).")] = None,
) -> None:
    """Restore a backup into an empty database and data directory, and compare: the same rows, the same last alert.

    \b
    Examples:
      mingchu restore /mnt/backup/2026-11-26T02-00-00Z --data-dir /var/lib/mingchu-new
      MINGCHU_DATABASE_URL=postgresql://… mingchu restore /mnt/backup/2026-11-26T02-00-00Z

    What was committed after the backup is not in it; edges and devices need no change.
    """
    from mingchu import backup as work

    found = work.read(folder)
    work.restore(settings_of(data_dir), found, print)
    print(f"restored: as of {found.manifest.taken:%Y-%m-%d %H:%M:%S} UTC, {found.manifest.files} evidence files")
