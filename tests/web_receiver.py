"""A web server of somebody else's, which keeps what it gets and fails when told to."""

import asyncio
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Receiver:
    """A web server that keeps what it gets; a path is answered with `status`, and held up while `held` is not set."""

    status: dict[str, int] = field(default_factory=dict)
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    port: int = 0
    server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def of(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    async def open(self) -> None:
        self.server = await asyncio.start_server(self._answer, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self.server is not None:
            self.server.close()
            await self.server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            start, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
            request = Request(start.split()[1], headers, await reader.readexactly(int(headers["content-length"])))
            self.requests.append(request)
            if request.path in self.held:
                await self.held[request.path].wait()
            status = self.status.get(request.path, 200)
            writer.write(f"HTTP/1.1 {status} X\r\nLocation: {self.url}/operator\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()
        except ConnectionError:
            return
        finally:
            writer.close()
