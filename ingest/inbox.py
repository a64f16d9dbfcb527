"""Messages that wait for their transaction: bounded, and taken in batches by size or time."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ingest.message import Message

RECEIVE_MAXIMUM = 2000  # what the broker may send beyond our acknowledgements: two batches
_MOST_MESSAGES = 2 * RECEIVE_MAXIMUM  # after a reconnection those of the old session still wait
_MOST_BYTES = 24 * 1024 * 1024
_BATCH_MESSAGES = 1000
_BATCH_BYTES = 4 * 1024 * 1024
_LINGER_S = 0.02  # how long a first message waits for company


@dataclass(slots=True)
class Inbox:
    """First in, first out. `room` is called when it was full and is so no more."""

    room: Callable[[], None] = lambda: None
    waiting: deque[Message] = field(default_factory=deque)
    bytes: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def full(self) -> bool:
        return len(self.waiting) >= _MOST_MESSAGES or self.bytes >= _MOST_BYTES

    def put(self, messages: Sequence[Message]) -> None:
        """Whoever puts looks at `full` afterwards; what is beyond it is kept all the same."""
        self.waiting.extend(messages)
        self.bytes += sum([len(message.payload) for message in messages])
        if self.waiting:
            self.arrived.set()
        if len(self.waiting) >= _BATCH_MESSAGES or self.bytes >= _BATCH_BYTES:
            self.enough.set()

    async def take(self) -> list[Message]:
        """The next batch: waits for a first message, then a little for more."""
        await self.arrived.wait()
        try:
            async with asyncio.timeout(_LINGER_S):
                await self.enough.wait()
        except TimeoutError:
            pass
        return self._batch()

    def _batch(self) -> list[Message]:
        was_full, size, batch = self.full, 0, list[Message]()
        while self.waiting and len(batch) < _BATCH_MESSAGES and size < _BATCH_BYTES:
            batch.append(self.waiting.popleft())
            size += len(batch[-1].payload)
        self.bytes -= size
        if not self.waiting:
            self.arrived.clear()
        if len(self.waiting) < _BATCH_MESSAGES and self.bytes < _BATCH_BYTES:
            self.enough.clear()
        if was_full and not self.full:
            self.room()
        return batch
