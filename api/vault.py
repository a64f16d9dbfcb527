"""The evidence files: bytes addressed by their SHA-256, written whole or not at all."""

import errno
import hashlib
import os
import re
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

import anyio
from anyio import to_thread

from api.partial import Partials, Stretch
from domain.fullness import Fullness

_SHA256 = re.compile(r"[0-9a-f]{64}")
_STALE_S = 24 * 3600.0  # an upload that was cut off by a crash, or never went on


class WrongHashError(Exception):
    """The bytes are not those that the address names."""


class NoRoomError(Exception):
    """The disk is full, or the account's share of it."""


class Received(StrEnum):
    """What became of an upload."""

    CREATED = "created"
    EXISTS = "exists"


def is_address(text: str) -> bool:
    """Whether a text is a SHA-256 in lower-case hex, and so cannot lead outside the vault."""
    return _SHA256.fullmatch(text) is not None


class Vault:
    """Files `<folder>/<aa>/<sha256>`, `aa` being the first two digits. `fullness`: of the disk, as writes find it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"
        self._partials = Partials(self._incoming)
        self.fullness = Fullness()

    def open(self) -> None:
        """Make the folders; forget uploads that a crash cut off long ago."""
        self._incoming.mkdir(parents=True, exist_ok=True)
        for left in self._incoming.iterdir():
            if left.stat().st_mtime < time.time() - _STALE_S:
                left.unlink(missing_ok=True)

    def path(self, sha256: str) -> Path:
        """Where those bytes lie; raises ValueError unless it is an address."""
        if not is_address(sha256):
            raise ValueError(f"{sha256[:80]!r} is not a SHA-256")
        return self._folder / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        """Whether the bytes are there."""
        return self.path(sha256).is_file()

    def shown(self, sha256: str | None) -> str | None:
        """The address itself where its bytes are there; None before that (an edge announces first, then uploads)."""
        return sha256 if sha256 is not None and self.has(sha256) else None

    def size(self, sha256: str) -> int | None:
        """Their number of bytes, or None when they are not there."""
        try:
            return self.path(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def read(self, sha256: str) -> bytes:
        """All bytes; raises FileNotFoundError."""
        return self.path(sha256).read_bytes()

    async def receive(self, sha256: str, chunks: AsyncIterator[bytes]) -> Received:
        """Keep streamed bytes; raises WrongHashError or NoRoomError, and leaves nothing behind."""
        target = self.path(sha256)
        temporary = self._incoming / secrets.token_hex(16)
        digest = hashlib.sha256()
        try:
            with self._room():
                async with await anyio.open_file(temporary, "xb") as file:
                    async for chunk in chunks:
                        digest.update(chunk)
                        await file.write(chunk)
                    await file.flush()
                    await to_thread.run_sync(os.fsync, file.wrapped.fileno())
                if digest.hexdigest() != sha256:
                    raise WrongHashError
                return await to_thread.run_sync(_settle, temporary, target)
        finally:
            await to_thread.run_sync(_forget, temporary)

    def begun(self, owner: str, sha256: str) -> int:
        """How many bytes of an upload in pieces have come."""
        return self._partials.size(owner, sha256)

    async def resume(self, owner: str, sha256: str, stretch: Stretch, chunks: AsyncIterator[bytes]) -> int | Received:
        """Add a piece; returns the bytes that there are now, or what became of the whole when it is complete.

        Raises WrongHashError (then nothing is left), partial.OffsetError, partial.BusyError or NoRoomError. What came
        of a piece that breaks off is kept.
        """
        target = self.path(sha256)
        with self._room():
            async with self._partials.opened(owner, sha256) as partial:
                size = await partial.append(stretch, chunks)
                if size < stretch.length:
                    return size
                if await to_thread.run_sync(partial.sha256) != sha256:
                    await to_thread.run_sync(_forget, partial.path)
                    raise WrongHashError
                return await to_thread.run_sync(_settle, partial.path, target)

    async def put(self, data: bytes) -> str:
        """Keep bytes and return their address; raises NoRoomError."""
        sha256 = hashlib.sha256(data).hexdigest()
        await self.receive(sha256, _once(data))
        return sha256

    @contextmanager
    def _room(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            self.fullness.refuse()
            raise NoRoomError from error


def _settle(temporary: Path, target: Path) -> Received:
    if target.is_file():
        _forget(temporary)
        return Received.EXISTS
    target.parent.mkdir(exist_ok=True)
    temporary.replace(target)
    # Whoever sent it deletes its own copy now: the name must survive a power cut too.
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return Received.CREATED


def _forget(temporary: Path) -> None:
    temporary.unlink(missing_ok=True)


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
