"""The line between a device and the kit's broker: bytes pass through, until the kit breaks it."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

_CHUNK = 65536


@dataclass(slots=True)
class Line:
    """Listens where the device connects. `dead`: calls are dropped as they come; the port stays ours."""

    host: str
    port: int
    target: int  # the broker's port on this machine
    dead: bool = False
    server: asyncio.Server | None = None
    calls: set[asyncio.StreamWriter] = field(default_factory=set)

    async def open(self) -> None:
        """Take calls; raises OSError where the port is in use."""
        self.server = await asyncio.start_server(self._answer, self.host, self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    def break_off(self) -> None:
        """Break all calls as a bad network does: without a goodbye."""
        for writer in self.calls:
            writer.transport.abort()

    async def close(self) -> None:
        """Stop listening, and break the calls that there are."""
        if self.server is not None:
            self.server.close()
            self.break_off()
            await self.server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.dead:
            writer.transport.abort()
            return
        self.calls.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
            async with asyncio.TaskGroup() as group:
                group.create_task(_pass_on(reader, far_writer))
                group.create_task(_pass_on(far_reader, writer))
        except OSError:
            writer.transport.abort()
        finally:
            self.calls.discard(writer)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until one side ends: then the other ends too."""
    with suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    with suppress(OSError):
        writer.close()
