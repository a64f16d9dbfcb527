"""Messages that wait for their transaction: bounded, and taken in batches by size or time."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ingest.message import Message

# A transaction costs as much as the devices and series in it, whatever they say: under load, batches are large.
BATCH_MESSAGES = 4000
RECEIVE_MAXIMUM = 3 * BATCH_MESSAGES  # beyond our acknowledgements: one batch lands, one is read, one arrives
_MOST_MESSAGES = RECEIVE_MAXIMUM  # mosquitto 2.0 sends more than that: then we stop reading
_MOST_BYTES = 24 * 1024 * 1024
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
    roomy: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.roomy.set()

    @property
    def full(self) -> bool:
        return len(self.waiting) >= _MOST_MESSAGES or self.bytes >= _MOST_BYTES

    def put(self, messages: Sequence[Message]) -> None:
        """Whoever puts looks at `full` afterwards; what is beyond it is kept all the same."""
        self.waiting.extend(messages)
        self.bytes += sum([len(message.payload) for message in messages])
        if self.waiting:
            self.arrived.set()
        if len(self.waiting) >= BATCH_MESSAGES or self.bytes >= _BATCH_BYTES:
            self.enough.set()
        if self.full:
            self.roomy.clear()

    async def take(self, busy: asyncio.Future[None] | None = None) -> list[Message]:
        """The next batch: waits for a first message, then a little for more, or for a full one while still `busy`."""
        await self.arrived.wait()
        filling = asyncio.ensure_future(self.enough.wait())
        try:
            await asyncio.wait((filling,), timeout=_LINGER_S)
            if busy is not None:
                await asyncio.wait((filling, busy), return_when=asyncio.FIRST_COMPLETED)
        finally:
            filling.cancel()
        return self._batch()

    def _batch(self) -> list[Message]:
        was_full, size, batch = self.full, 0, list[Message]()
        while self.waiting and len(batch) < BATCH_MESSAGES and size < _BATCH_BYTES:
            batch.append(self.waiting.popleft())
            size += len(batch[-1].payload)
        self.bytes -= size
        if not self.waiting:
            self.arrived.clear()
        if len(self.waiting) < BATCH_MESSAGES and self.bytes < _BATCH_BYTES:
            self.enough.clear()
        if was_full and not self.full:
            self.roomy.set()
            self.room()
        return batch
