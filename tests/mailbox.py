"""A mail server of a test's own: it keeps what it gets, and knows every mailbox but nobody's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from alerts.mail import MailServer


@asynccontextmanager
async def mailbox() -> AsyncIterator[tuple[MailServer, list[str]]]:
    """Where to hand mail in, and what came."""
    mails = list[str]()
    server = await asyncio.start_server(lambda r, w: _smtp(r, w, mails), "127.0.0.1", 0)
    try:
        yield MailServer("127.0.0.1", server.sockets[0].getsockname()[1], "mingchu@city.example"), mails
    finally:
        server.close()


async def _smtp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, mails: list[str]) -> None:
    writer.write(b"220 test\r\n")
    while line := (await reader.readline()).decode().strip():
        verb = line.upper().split(":")[0].split(" ")[0]
        if verb == "RCPT" and "nobody@" in line:
            writer.write(b"550 5.1.1 no such mailbox\r\n")
        elif verb == "DATA":
            writer.write(b"354 go on\r\n")
            mails.append((await reader.readuntil(b"\r\n.\r\n")).decode())
            writer.write(b"250 taken\r\n")
        elif verb == "QUIT":
            writer.write(b"221 bye\r\n")
            break
        else:
            writer.write(b"250 ok\r\n")
    writer.close()
