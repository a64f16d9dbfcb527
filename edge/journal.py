"""The journal: the agent's SQLite file, in which spool, open incidents and upload queue survive a kill or a power cut.

WAL with synchronous=FULL: each commit is flushed to the disk before it counts as done. With NORMAL a power cut would
undo the last commits, and the agent would already have acted on them (a sequence number sent, a file removed).
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog

log = structlog.get_logger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS spool (  -- one row: the spool's name, and what waits in it, kept by the triggers below
    id TEXT PRIMARY KEY, depth INTEGER NOT NULL DEFAULT 0, size INTEGER NOT NULL DEFAULT 0,
    shed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS item (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice, whatever is deleted
    kind TEXT NOT NULL, priority INTEGER NOT NULL, body BLOB NOT NULL, size INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS item_priority ON item (priority, seq);
CREATE TRIGGER IF NOT EXISTS item_added AFTER INSERT ON item BEGIN
    UPDATE spool SET depth = depth + 1, size = size + new.size;
END;
CREATE TRIGGER IF NOT EXISTS item_gone AFTER DELETE ON item BEGIN
    UPDATE spool SET depth = depth - 1, size = size - old.size;
END;
CREATE TABLE IF NOT EXISTS incident (
    id TEXT PRIMARY KEY, camera TEXT NOT NULL, scene TEXT NOT NULL, zone TEXT NOT NULL, track INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS upload (
    sha256 TEXT PRIMARY KEY, media_type TEXT NOT NULL, size INTEGER NOT NULL, priority INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'refused')),
    since REAL NOT NULL, why TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS piece (  -- whose evidence a file is
    sha256 TEXT NOT NULL, event TEXT NOT NULL, part TEXT NOT NULL, camera TEXT NOT NULL,
    PRIMARY KEY (sha256, event, part)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS awaited (  -- evidence of spooled events that is still to be made
    event TEXT NOT NULL, part TEXT NOT NULL, camera TEXT NOT NULL, priority INTEGER NOT NULL,
    PRIMARY KEY (event, part)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS chain (  -- the newest link of each camera
    camera TEXT PRIMARY KEY, place INTEGER NOT NULL, hash TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""

_DAMAGED = ("malformed", "not a database", "corrupt")


class JournalError(Exception):
    """The journal cannot be written now (disk full, read-only): nothing was recorded, try again."""


class DamagedError(JournalError):
    """The journal's file was damaged while it was in use: start anew, which sets it aside."""


class Journal:
    """One connection for all threads, one transaction at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self.damaged = threading.Event()
        self.renewed = False  # this file was begun now: what an older one held is lost
        self._within = False

    def open(self) -> None:
        """Open or create; a damaged file is set aside under another name, with a log line. Raises JournalError."""
        self.renewed = not self.path.exists()
        try:
            self._connect()
            return
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise JournalError(f"cannot open the spool {self.path}: {error}") from error
        self._set_aside()
        self.renewed = True
        try:
            self._connect()
        except sqlite3.DatabaseError as error:
            raise JournalError(f"cannot create the spool {self.path}: {error}") from error

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, on the disk when it ends well; one inside another is part of it. Raises JournalError."""
        with self._lock:
            if self._within:
                yield self._connection
                return
            self._within = True
            try:
                with _committed(self._connection):
                    yield self._connection
            except sqlite3.DatabaseError as error:
                raise self._failure("write", error) from error
            finally:
                self._within = False

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Read; raises JournalError."""
        with self._lock:
            try:
                return list(self._connection.execute(query, values))
            except sqlite3.DatabaseError as error:
                raise self._failure("read", error) from error

    def _failure(self, what: str, error: sqlite3.DatabaseError) -> JournalError:
        if _is_damage(error):
            self.damaged.set()
            return DamagedError(f"the spool {self.path} was damaged while it was in use ({error})")
        return JournalError(f"cannot {what} the spool {self.path}: {error}")

    def _connect(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            _check(connection)
            connection.executescript(_SCHEMA)
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    def _set_aside(self) -> None:
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        aside = self.path.with_name(f"{self.path.name}.damaged-{stamp}")
        for suffix in ("", "-wal", "-shm"):
            file = self.path.with_name(self.path.name + suffix)
            if file.exists():
                file.rename(aside.with_name(aside.name + suffix))
        log.error("the spool was damaged: set aside, and a new one begun; what it held may be lost", file=str(aside))


@contextmanager
def _committed(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _check(connection: sqlite3.Connection) -> None:
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"malformed: {verdict}")


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return any(word in str(error) for word in _DAMAGED)
