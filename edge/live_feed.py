"""What the viewers of one camera are shown: its own packets, its sub-stream's, or a transcode that they share."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from domain.wire import LiveRefusal
from edge.counters import Counters
from edge.live_track import CODEC, is_annex_b, is_reordered
from edge.ring import Ring, Stretch
from edge.source import SourceOptions
from edge.substream import SubStream
from edge.transcode import Transcode

log = structlog.get_logger(__name__)

STALE_S = 10.0  # a camera whose newest packet is older sends nothing now
SUB_S = 3.5  # so long a sub-stream may take to show its first pictures; the api waits 8 s in all


class RefusedError(Exception):
    """A request that is not granted, and why."""

    def __init__(self, reason: LiveRefusal) -> None:
        super().__init__(reason)
        self.reason = reason


class Opened(Protocol):
    """What is there only while somebody watches."""

    ring: Ring

    def open(self) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class SubAddress:
    """Where a camera's second stream is."""

    url: str = field(repr=False)
    options: SourceOptions


@dataclass(slots=True)
class Slots:
    """Transcodes that run, and how many may."""

    most: int
    taken: int = 0


class LiveFeed:
    """One camera's; used in the live loop only."""

    def __init__(self, ring: Ring, sub: SubAddress | None, slots: Slots, counters: Counters) -> None:
        self.ring, self._sub, self._slots, self._counters = ring, sub, slots, counters
        self._choosing = asyncio.Lock()
        self._shared: Opened | None = None
        self._users = 0

    async def take(self) -> "Lease":
        """Begin to watch; raises RefusedError. Whoever takes a lease gives it back."""
        async with self._choosing:
            if self._shared is None:
                self._shared = await self._choose()
            if self._shared is None:
                return Lease(self.ring, None)
            self._users += 1
            return Lease(self._shared.ring, self)

    async def leave(self) -> None:
        """One viewer less; with the last one what was opened for them is closed."""
        async with self._choosing:
            self._users -= 1
            if self._users == 0 and self._shared is not None:
                shared, self._shared = self._shared, None
                await self._close(shared)

    def fresh(self) -> Stretch:
        """The camera's newest pictures; raises RefusedError when there are none of now."""
        newest = self.ring.newest()
        if not newest.packets or newest.packets[-1].at < time.time() - STALE_S:
            raise RefusedError(LiveRefusal.NO_PICTURE)
        return newest

    async def _choose(self) -> Opened | None:
        """None: the camera's own stream, passed through."""
        if self._sub is not None:
            sub = SubStream(self._sub.url, self._sub.options, self._counters)
            if await self._shows(sub):
                return sub
        why = refusal(self.fresh())
        return None if why is None else self._transcode(why)

    async def _shows(self, sub: SubStream) -> bool:
        sub.open()
        await asyncio.to_thread(sub.settle, SUB_S)
        if is_playable(sub.ring.newest()):
            return True
        log.info("a sub-stream cannot be shown, the camera's own stream is")
        await asyncio.to_thread(sub.close)
        return False

    def _transcode(self, why: LiveRefusal) -> Transcode:
        if self._slots.most == 0:
            raise RefusedError(why)
        if self._slots.taken >= self._slots.most:
            raise RefusedError(LiveRefusal.BUSY)
        self._slots.taken += 1
        self._counters.add("live_transcodes")
        made = Transcode(self.ring, self._counters)
        made.open()
        return made

    async def _close(self, shared: Opened) -> None:
        await asyncio.to_thread(shared.close)
        if isinstance(shared, Transcode):
            self._slots.taken -= 1


@dataclass(slots=True)
class Lease:
    """The ring to show, until it is given back."""

    ring: Ring
    _feed: LiveFeed | None

    async def end(self) -> None:
        """Give it back; harmless twice."""
        feed, self._feed = self._feed, None
        if feed is not None:
            await feed.leave()


def is_playable(newest: Stretch) -> bool:
    """Browsers can be sent these packets as they are."""
    return len(newest.packets) > 0 and refusal(newest) is None


def refusal(newest: Stretch) -> LiveRefusal | None:
    """Why these packets cannot be passed on as they are; None when they can."""
    if newest.format.codec != CODEC or not is_annex_b(newest.format):
        return LiveRefusal.CODEC
    return LiveRefusal.REORDERED if is_reordered(newest.packets) else None
