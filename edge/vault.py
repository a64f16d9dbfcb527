"""The edge's vault: evidence files by content hash, whose evidence they are, and which of them the platform has."""

import hashlib
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import structlog

from domain.wire import EvidenceKind, EvidenceMissing
from edge.counters import Counters
from edge.spool import Draft, Priority, Spool

MediaType = Literal["image/jpeg", "video/mp4"]

# Of the cap, what a class and all below it may take together: what is graver always finds room without waiting.
SHARES = ((Priority.CLASS_III, 0.75), (Priority.CLASS_II, 0.9), (Priority.CLASS_I, 1.0))

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the vault."""

    sha256: str
    media_type: MediaType
    size: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Whose evidence a file is, and which part of it."""

    event: str
    camera: str
    part: EvidenceKind


class Vault:
    """Files in `folder`, their upload state in the journal. A file is on the disk before anything names it.

    What is given up before the platform had it is told to the platform in the same transaction.
    """

    def __init__(self, folder: Path, spool: Spool, cap: int, counters: Counters) -> None:
        """`cap`: bytes; beyond it uploaded files go first, then the oldest of the least grave events."""
        self.folder, self.cap = folder, cap
        self._spool, self._journal, self._counters = spool, spool.journal, counters
        self.filled = threading.Event()  # a file was queued since the uploader last cleared it

    def open(self) -> None:
        """Make the folder and sweep what a killed process left behind. Raises OSError or JournalError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for stray in self.folder.glob("*.part"):
            stray.unlink()
        known = {str(sha256) for (sha256,) in self._journal.rows("SELECT sha256 FROM upload")}
        for file in self.folder.glob("??/*"):
            if file.name not in known:
                self._sweep(file)

    def _sweep(self, file: Path) -> None:
        """A file that the journal does not know: of no event, unless it is the journal that was lost."""
        if not self._journal.renewed or _sha256(file) != file.name:
            file.unlink()
            return
        media_type: MediaType = "image/jpeg" if file.read_bytes()[:2] == b"\xff\xd8" else "video/mp4"
        self._enter(Kept(file.name, media_type, file.stat().st_size), Priority.CLASS_II)

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def put(self, data: bytes, media_type: MediaType, priority: Priority, piece: Piece) -> Kept:
        """Keep bytes and queue them for upload. Raises OSError or JournalError, then nothing is kept."""
        with self.part() as part:
            part.write_bytes(data)
            return self.adopt(part, media_type, priority, piece)

    @contextmanager
    def part(self) -> Iterator[Path]:
        """A path for a file in the making; what is still there in the end is removed."""
        handle, name = tempfile.mkstemp(suffix=".part", dir=self.folder)
        os.close(handle)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    def adopt(self, part: Path, media_type: MediaType, priority: Priority, piece: Piece) -> Kept:
        """Take a finished file of part()'s over by its content, and queue it for upload."""
        kept = Kept(_sha256(part, flush=True), media_type, part.stat().st_size)
        home = self.path(kept.sha256)
        home.parent.mkdir(exist_ok=True)
        part.rename(home)
        _flush(home.parent)
        with self._journal.transaction() as connection:
            self._enter(kept, priority)
            connection.execute(
                "INSERT OR IGNORE INTO piece (sha256, event, part, camera) VALUES (?, ?, ?, ?)",
                (kept.sha256, piece.event, str(piece.part), piece.camera),
            )
            self._make_room()
        return kept

    def _enter(self, kept: Kept, priority: Priority) -> None:
        with self._journal.transaction() as connection:
            connection.execute(
                "INSERT INTO upload (sha256, media_type, size, priority, since) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (sha256) DO UPDATE SET state = 'waiting', since = excluded.since",
                (kept.sha256, kept.media_type, kept.size, int(priority), time.time()),
            )
            self.filled.set()

    def waiting(self, limit: int) -> list[Kept]:
        """What the platform has not got yet: pictures before clips, the gravest and oldest first."""
        query = (
            "SELECT sha256, media_type, size FROM upload WHERE state = 'waiting' "
            "ORDER BY priority, media_type, since LIMIT ?"
        )
        return [Kept(*row) for row in self._journal.rows(query, limit)]

    def settle(self, sha256: str) -> None:
        """The platform has it."""
        with self._journal.transaction() as connection:
            connection.execute("UPDATE upload SET state = 'done', since = ? WHERE sha256 = ?", (time.time(), sha256))

    def sound(self, sha256: str) -> bool:
        """Whether the file is there, and still what its name says."""
        try:
            return _sha256(self.path(sha256)) == sha256
        except FileNotFoundError:
            return False

    def give_up(self, sha256: str, why: str) -> None:
        """Forget a file that the platform never will have, and tell the platform so of its events."""
        query = (
            "SELECT piece.event, piece.camera, piece.part, upload.priority "
            "FROM piece JOIN upload USING (sha256) WHERE sha256 = ?"
        )
        now = datetime.now(UTC)
        with self._journal.transaction():
            missing = [
                Draft(Priority(priority), EvidenceMissing(event, camera, EvidenceKind(part), now, why, sha256))
                for event, camera, part, priority in self._journal.rows(query, sha256)
            ]
            self._spool.append(missing)
            self._forget(sha256)
        self.path(sha256).unlink(missing_ok=True)

    def forget_uploaded(self, kept_s: float) -> None:
        """Remove what the platform has had for so long."""
        rows = self._journal.rows(
            "SELECT sha256 FROM upload WHERE state <> 'waiting' AND since < ? LIMIT 100", time.time() - kept_s
        )
        for (sha256,) in rows:
            self._remove(sha256)

    def relieve(self) -> None:
        """The disk is full: remove the files that the platform has, whether the journal can be written or not."""
        for (sha256,) in self._journal.rows("SELECT sha256 FROM upload WHERE state = 'done'"):
            self.path(sha256).unlink(missing_ok=True)

    def _make_room(self) -> None:
        for least, share in SHARES:
            self._shed(least, int(self.cap * share))

    def _shed(self, least: Priority, room: int) -> None:
        """Bring what is of the class `least` and below it down to `room` bytes."""
        ((size,),) = self._journal.rows("SELECT coalesce(sum(size), 0) FROM upload WHERE priority >= ?", int(least))
        query = (
            "SELECT sha256, size, state FROM upload WHERE priority >= ? "
            "ORDER BY state = 'waiting', priority DESC, since LIMIT 20"
        )
        while size > room:
            for sha256, length, state in self._journal.rows(query, int(least)):
                if size <= room:
                    return
                size -= length
                if state == "waiting":
                    self._counters.add("evidence_shed")
                    log.warning("evidence was removed before its upload: its folder is full", sha256=sha256)
                    self.give_up(sha256, "the edge's evidence folder was full: removed before it was uploaded")
                else:
                    self._remove(sha256)

    def _remove(self, sha256: str) -> None:
        self.path(sha256).unlink(missing_ok=True)
        self._forget(sha256)

    def _forget(self, sha256: str) -> None:
        with self._journal.transaction() as connection:
            connection.execute("DELETE FROM piece WHERE sha256 = ?", (sha256,))
            connection.execute("DELETE FROM upload WHERE sha256 = ?", (sha256,))


def _sha256(path: Path, *, flush: bool = False) -> str:
    """A file's hash; with `flush`, of one that is on the disk then."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        if flush:
            os.fsync(file.fileno())
    return sha256


def _flush(folder: Path) -> None:
    """A rename is on the disk only once its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
