"""Uploads in pieces: the bytes of a file that have come so far, kept until the rest has come too."""

import fcntl
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from anyio import to_thread

MOST = 8  # uploads under way of one edge: beyond, the one that was longest without a byte is forgotten
_FLUSH = 256 * 1024


class OffsetError(Exception):
    """The piece does not begin where the bytes that are there end; `size` says where that is."""

    def __init__(self, size: int) -> None:
        super().__init__(f"the upload goes on at {size}")
        self.size = size


class BusyError(Exception):
    """Another request is writing this upload: ask again a little later."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece that begins at `offset` of a file of `length` bytes."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Partial:
    """One upload under way, held by one request at a time."""

    path: Path
    file: BinaryIO

    async def append(self, stretch: Stretch, chunks: AsyncIterator[bytes]) -> int:
        """Write on; returns the size then. Raises OffsetError, also for bytes beyond the file's length, or OSError."""
        size = os.fstat(self.file.fileno()).st_size
        if size != stretch.offset:
            raise OffsetError(size)
        held = bytearray()
        try:
            async for chunk in chunks:
                size += len(chunk)
                if size > stretch.length:
                    raise OffsetError(stretch.offset)
                held += chunk
                if len(held) >= _FLUSH:
                    await to_thread.run_sync(self._write, bytes(held))
                    held.clear()
        finally:  # also when the sender broke off: it goes on from here
            if held and size <= stretch.length:
                self._write(bytes(held))
        return size

    def _write(self, data: bytes) -> None:
        self.file.write(data)
        self.file.flush()

    def sha256(self) -> str:
        """The hash of what is there, which is on the disk then."""
        os.fsync(self.file.fileno())
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def _same(path: Path, file: BinaryIO) -> bool:
    try:
        return path.stat().st_ino == os.fstat(file.fileno()).st_ino
    except FileNotFoundError:
        return False


class Partials:
    """Files `<edge>.<sha256>` in the folder of incoming uploads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def size(self, owner: str, sha256: str) -> int:
        """Bytes that have come; 0 when none have."""
        try:
            return self._path(owner, sha256).stat().st_size
        except FileNotFoundError:
            return 0

    @asynccontextmanager
    async def opened(self, owner: str, sha256: str) -> AsyncIterator[Partial]:
        """The upload, locked for this request; raises BusyError. The lock ends with the process that holds it."""
        path = self._path(owner, sha256)
        if not path.exists():
            await to_thread.run_sync(self._make_room, owner)
        with path.open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BusyError from error
            if not _same(path, file):
                raise BusyError  # it was finished while we waited for the lock
            yield Partial(path, file)

    def _path(self, owner: str, sha256: str) -> Path:
        return self._folder / f"{owner}.{sha256}"

    def _make_room(self, owner: str) -> None:
        under_way = sorted(self._folder.glob(f"{owner}.*"), key=lambda path: path.stat().st_mtime)
        for oldest in under_way[: max(0, len(under_way) - MOST + 1)]:
            oldest.unlink(missing_ok=True)
