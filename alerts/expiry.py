"""Expiry: deletes evidence files whose time is over and that no legal hold keeps, and leaves tombstones (ADR 34).

The decision is written down first, then the file goes, then that it is gone: whatever is killed in between, the next
run ends it, and asks again whether a hold keeps it.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from pathlib import Path

import structlog

from domain.severity import Severity
from store import evidence_keeping as keeping
from store import people
from store.connection import Connection
from store.evidence_keeping import Due

log = structlog.get_logger("alerts")

AT_ONCE = 500


class Fate(Enum):
    """What became of a file."""

    DELETED = "deleted"
    ABSENT = "absent"
    STAYS = "stays"


def is_here(folder: Path) -> bool:
    """Whether the api keeps its evidence there: else a file that is not found would be no sign that it is gone."""
    return (folder / "incoming").is_dir()


async def expire(connection: Connection, folder: Path, now: datetime) -> int:
    """Delete all that is due at `now`; returns how many files. Evidence that is elsewhere is left alone."""
    if not is_here(folder):
        log.warning("evidence.elsewhere", folder=str(folder), why="the api keeps no evidence there; nothing expires")
        return 0
    total = 0
    while True:
        await keeping.lock(connection)
        try:
            wanted = await keeping.due(connection, now, AT_ONCE)
            deleted, settled = await _delete(connection, folder, wanted)
        finally:
            await keeping.unlock(connection)
        total += len(deleted)
        if settled < AT_ONCE:  # the end, or files that cannot be deleted today
            return total


async def _delete(connection: Connection, folder: Path, wanted: Sequence[Due]) -> tuple[list[Due], int]:
    """Returns what was deleted, and of how many it is settled that they are gone."""
    if not wanted:
        return [], 0
    await keeping.decide(connection, wanted)
    fates = await asyncio.to_thread(lambda: [(one, _unlink(folder, one.sha256)) for one in wanted])
    deleted = [one for one, fate in fates if fate is Fate.DELETED or (fate is Fate.ABSENT and one.decided)]
    never = [one for one, fate in fates if fate is Fate.ABSENT and not one.decided]
    async with connection.transaction():
        await keeping.gone(connection, [one.sha256 for one in deleted], found=True)
        await keeping.gone(connection, [one.sha256 for one in never], found=False)
        if deleted:
            await people.audit(connection, None, "evidence_expired", _account(deleted))
    log.info("evidence.expired", files=len(deleted), bytes=sum(one.size for one in deleted), never_came=len(never))
    return deleted, len(deleted) + len(never)


def _unlink(folder: Path, sha256: str) -> Fate:
    try:
        (folder / sha256[:2] / sha256).unlink()
    except FileNotFoundError:
        return Fate.ABSENT
    except OSError as error:
        log.warning("evidence.stays", sha256=sha256, why=error.strerror)
        return Fate.STAYS
    return Fate.DELETED


def _account(deleted: Sequence[Due]) -> dict[str, object]:
    """How many of each class, and the bytes."""
    classes = Counter(Severity(one.severity).name for one in deleted)
    return {"files": len(deleted), "bytes": sum(one.size for one in deleted), "classes": dict(classes)}
