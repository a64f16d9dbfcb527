"""Live updates: one ear on the database, many bounded queues for the people who watch."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import psycopg
import structlog

from store import changes
from store.changes import Change
from store.connection import DatabaseUnreachableError
from store.people import Person

_log = structlog.get_logger("api.live")
_QUEUE = 256  # alert ids that wait for one reader
_READERS = 1000
_PER_PERSON = 20
_BACK_OFF_S = 10.0
_KEEP_S, _KEPT = 2.0, 500

_T = TypeVar("_T")


class TooManyReadersError(Exception):
    """One person, or all together, hold more live connections than the service bears."""


@dataclass(eq=False)
class Reader:
    """One open stream of somebody's session. `lost`: ids were dropped, so that the tables must be read again."""

    person: Person
    session: bytes  # its token's hash
    ids: asyncio.Queue[int] = field(default_factory=lambda: asyncio.Queue(_QUEUE))
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    lost: bool = False

    def tell(self, alert: int) -> None:
        try:
            self.ids.put_nowait(alert)
        except asyncio.QueueFull:
            self.lost = True
        self.wake.set()

    def reset(self) -> None:
        self.lost = True
        self.wake.set()

    async def wait(self, heartbeat_s: float) -> bool:
        """True when there is something to tell, False after a quiet heartbeat."""
        try:
            async with asyncio.timeout(heartbeat_s):
                await self.wake.wait()
        except TimeoutError:
            return False
        self.wake.clear()
        return True

    def take(self) -> tuple[bool, list[int]]:
        """Whether something was lost, and the ids heard since, each once."""
        lost, self.lost = self.lost, False
        heard: dict[int, None] = {}
        while not self.ids.empty():
            heard[self.ids.get_nowait()] = None
        return lost, list(heard)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was read within a person's scope, or is being read, since then."""

    person: Person
    began: float
    reading: "asyncio.Future[Any]"


class Live:
    """Hears which alerts changed and tells every reader; what a reader may see is checked by the reader's own scope."""

    def __init__(self, listen: Callable[[], AsyncIterator[Change | None]], *, first_wait_s: float = 0.5) -> None:
        self._listen = listen
        self._shared: dict[Hashable, asyncio.Future[str]] = {}
        self._kept: dict[Hashable, _Kept] = {}
        self._first_wait_s = first_wait_s
        self._readers: set[Reader] = set()
        self.told = frozenset[bytes]()  # the sessions of those whom the last change woke
        self.closing = False
        self._deaf = True  # notices may have been missed, also by who joined before the first one could be heard

    @classmethod
    def of(cls, dsn: str) -> "Live":
        """The updates of that database."""
        return cls(lambda: changes.listen(dsn))

    async def run(self) -> None:
        """Listen until cancelled; a lost connection is made again with back-off, and every reader told to reload."""
        wait_s = self._first_wait_s
        while True:
            try:
                async for change in self._listen():
                    wait_s = self._first_wait_s
                    self._tell(change)
            except (psycopg.Error, DatabaseUnreachableError, OSError) as error:
                self._deaf = True
                _log.warning("live updates are cut off", reason=str(error).strip(), retry_s=wait_s)
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, _BACK_OFF_S)

    def _tell(self, change: Change | None) -> None:
        self.forget(change)
        if change is not None:
            woken = [one for one in self._readers if change.concerns(one.person.authority, one.person.operator_id)]
            self.told = frozenset(reader.session for reader in woken)
            for reader in woken:
                reader.tell(change.alert)
        elif self._deaf:
            self._deaf = False
            for reader in self._readers:
                reader.reset()

    async def together(self, what: Hashable, read: Callable[[], Awaitable[str]]) -> str:
        """What `read` brings, read once for all who ask for `what` at the same time: many see the same change.

        Nobody is given what was begun to be read before a change that he has been told of.
        """
        reading = self._shared.get(what)
        if reading is None:
            reading = self._shared[what] = asyncio.ensure_future(read())
            reading.add_done_callback(partial(self._read, what))
        return await asyncio.shield(reading)

    def _read(self, what: Hashable, reading: asyncio.Future[str]) -> None:
        if self._shared.get(what) is reading:
            del self._shared[what]

    async def lately(self, what: Hashable, person: Person, read: Callable[[], Awaitable[_T]]) -> _T:
        """What `read` brings, or brought since the last change that the person's scope may see, two seconds at most.

        `what` must say all that the answer depends on. Everybody whom a change wakes asks for the same.
        """
        now, kept = time.monotonic(), self._kept.get(what)
        if kept is None or now - kept.began > _KEEP_S or (kept.reading.done() and kept.reading.exception()):
            while len(self._kept) >= _KEPT:
                del self._kept[next(iter(self._kept))]
            kept = self._kept[what] = _Kept(person, now, asyncio.ensure_future(read()))
        found: _T = await asyncio.shield(kept.reading)
        return found

    def forget(self, change: Change | None = None) -> None:
        """What a change makes old, also while it is being read; everything where nobody knows what has changed."""
        self._shared.clear()
        if change is None:
            self._kept.clear()
            return
        old = [
            what for what, one in self._kept.items() if change.concerns(one.person.authority, one.person.operator_id)
        ]
        for what in old:
            del self._kept[what]

    @property
    def readers(self) -> int:
        """How many streams are open."""
        return len(self._readers)

    def close(self) -> None:
        """End all streams, so that the server can stop."""
        self.closing = True
        for reader in self._readers:
            reader.wake.set()

    @asynccontextmanager
    async def reader(self, person: Person, session: bytes = b"") -> AsyncIterator[Reader]:
        """Join; raises TooManyReadersError."""
        own = sum(other.person.id == person.id for other in self._readers)
        if own >= _PER_PERSON or len(self._readers) >= _READERS:
            raise TooManyReadersError
        reader = Reader(person, session)
        self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)
