"""The edge's vault: evidence files by content hash, and which of them the platform has."""

import hashlib
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog

from edge.counters import Counters
from edge.journal import Journal
from edge.spool import Priority

MediaType = Literal["image/jpeg", "video/mp4"]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the vault."""

    sha256: str
    media_type: MediaType
    size: int


class Vault:
    """Files in `folder`, their upload state in the journal. A file is on the disk before anything names it."""

    def __init__(self, folder: Path, journal: Journal, cap: int, counters: Counters) -> None:
        """`cap`: bytes; beyond it uploaded files go first, then the oldest of the least grave events."""
        self.folder, self.cap = folder, cap
        self._journal, self._counters = journal, counters
        self.filled = threading.Event()  # a file was queued since the uploader last cleared it

    def open(self) -> None:
        """Make the folder and sweep what a killed process left half written."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for stray in self.folder.glob("*.part"):
            stray.unlink()

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def put(self, data: bytes, media_type: MediaType, priority: Priority) -> Kept:
        """Keep bytes and queue them for upload. Raises OSError or JournalError, then nothing is kept."""
        with self.part() as part:
            part.write_bytes(data)
            return self.adopt(part, media_type, priority)

    @contextmanager
    def part(self) -> Iterator[Path]:
        """A path for a file in the making; what is still there in the end is removed."""
        handle, name = tempfile.mkstemp(suffix=".part", dir=self.folder)
        os.close(handle)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    def adopt(self, part: Path, media_type: MediaType, priority: Priority) -> Kept:
        """Take a finished file of part()'s over by its content, and queue it for upload."""
        with part.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        size = part.stat().st_size
        home = self.path(sha256)
        home.parent.mkdir(exist_ok=True)
        part.rename(home)
        _flush(home.parent)
        with self._journal.transaction() as connection:
            connection.execute(
                "INSERT INTO upload (sha256, media_type, size, priority, since) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (sha256) DO UPDATE SET state = 'waiting', since = excluded.since",
                (sha256, media_type, size, int(priority), time.time()),
            )
        self.filled.set()
        self._make_room()
        return Kept(sha256, media_type, size)

    def waiting(self, limit: int) -> list[Kept]:
        """What the platform has not got yet: pictures before clips, the gravest and oldest first."""
        query = (
            "SELECT sha256, media_type, size FROM upload WHERE state = 'waiting' "
            "ORDER BY priority, media_type, since LIMIT ?"
        )
        return [Kept(*row) for row in self._journal.rows(query, limit)]

    def settle(self, sha256: str, state: str, why: str = "") -> None:
        """`state`: done (the platform has it) or refused (it never will take it)."""
        with self._journal.transaction() as connection:
            connection.execute(
                "UPDATE upload SET state = ?, why = ?, since = ? WHERE sha256 = ?", (state, why, time.time(), sha256)
            )

    def forget_uploaded(self, kept_s: float) -> None:
        """Remove what the platform has had for so long."""
        rows = self._journal.rows(
            "SELECT sha256 FROM upload WHERE state <> 'waiting' AND since < ? LIMIT 100", time.time() - kept_s
        )
        for (sha256,) in rows:
            self._remove(sha256)

    def _make_room(self) -> None:
        ((size,),) = self._journal.rows("SELECT coalesce(sum(size), 0) FROM upload")
        while size > self.cap:
            rows = self._journal.rows(
                "SELECT sha256, size, state FROM upload ORDER BY state = 'waiting', priority DESC, since LIMIT 20"
            )
            for sha256, length, state in rows:
                if size <= self.cap:
                    return
                if state == "waiting":
                    self._counters.add("evidence_shed")
                    log.warning("evidence was removed before its upload: its folder is full", sha256=sha256)
                self._remove(sha256)
                size -= length

    def _remove(self, sha256: str) -> None:
        self.path(sha256).unlink(missing_ok=True)
        with self._journal.transaction() as connection:
            connection.execute("DELETE FROM upload WHERE sha256 = ?", (sha256,))


def _flush(folder: Path) -> None:
    """A rename is on the disk only once its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
