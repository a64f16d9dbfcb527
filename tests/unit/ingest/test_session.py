"""One connection to a broker that the test plays: who is let in, what is written when, why it ends."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from ingest import packet
from ingest.packet import Login, Publication
from ingest.session import Address, LinkLostError, Session, open_session
from tests.servers import PATIENCE_S

LOGIN = Login("id", "user", "secret", 30, 60, 100, 4096)
WELCOME = b"\x20\x06\0\0\x03\x21\0\x02"  # two may be unanswered
GRANTED = b"\x90\x04\0\2\0\1"


class Broker:
    """Answers with what it is told; keeps what it was sent."""

    def __init__(self) -> None:
        self.packets: list[tuple[int, bytes]] = []
        self.arrived = asyncio.Event()
        self.writer: asyncio.StreamWriter | None = None
        self._rest = b""

    async def attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        while data := await reader.read(1 << 16):
            found, self._rest = packet.cut(self._rest + data)
            self.packets += found
            self.arrived.set()
        writer.close()

    async def got(self, count: int) -> list[tuple[int, bytes]]:
        """All packets, once there are so many."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.packets) < count:
                self.arrived.clear()
                await self.arrived.wait()
        return self.packets

    def say(self, data: bytes) -> None:
        assert self.writer is not None
        self.writer.write(data)


@asynccontextmanager
async def met(heard: list[Publication] | None = None) -> AsyncIterator[tuple[Broker, Session, Address]]:
    broker = Broker()
    server = await asyncio.start_server(broker.attend, "127.0.0.1", 0)
    where = Address("127.0.0.1", server.sockets[0].getsockname()[1], tls=False)
    session = await open_session(where, LOGIN, (heard if heard is not None else []).extend)
    yield broker, session, where
    session.close()
    server.close()


async def entered(broker: Broker, session: Session, where: Address) -> None:
    entering = asyncio.ensure_future(session.enter(["t"], ["old"], where))
    await broker.got(1)
    broker.say(WELCOME)
    await broker.got(3)
    broker.say(GRANTED)
    await entering


async def test_publications_wait_for_the_brokers_answers() -> None:
    async with met() as (broker, session, where):
        session.publish("early", b"0")  # before we are let in
        await entered(broker, session, where)
        for n in range(1, 4):
            session.publish("topic", b"%d" % n, retain=n == 1)
        said = [packet.publication(*one) for one in (await broker.got(5)) if one[0] & 0xF0 == packet.PUBLISH]
        assert [one.payload for one in said] == [b"0", b"1"]
        assert [one.retained for one in said] == [False, True]
        broker.say(packet.acknowledge([said[0].mid]))
        said = [packet.publication(*one) for one in (await broker.got(6)) if one[0] & 0xF0 == packet.PUBLISH]
        assert [one.payload for one in said] == [b"0", b"1", b"2"]
        assert len({one.mid for one in said}) == 3


async def test_what_is_left_is_left_when_the_rest_is_heard() -> None:
    async with met() as (broker, session, where):
        await entered(broker, session, where)
        assert [first for first, _ in await broker.got(3)] == [0x10, 0x82, 0xA2]


async def test_a_broker_that_says_no() -> None:
    async with met() as (broker, session, where):
        entering = asyncio.ensure_future(session.enter(["t"], [], where))
        await broker.got(1)
        broker.say(b"\x20\x03\0\x87\0")
        with pytest.raises(LinkLostError, match="does not let us in: Not authorized"):
            await entering


async def test_subscriptions_that_are_not_granted() -> None:
    async with met() as (broker, session, where):
        entering = asyncio.ensure_future(session.enter(["t"], [], where))
        await broker.got(1)
        broker.say(WELCOME + b"\x90\x04\0\2\0\x87")
        with pytest.raises(LinkLostError, match="does not take our subscriptions"):
            await entering


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"\xe0\x01\x8e", "Session taken over"),
        (b"\x32\x02\0\x05", "a packet ends within its head"),
        (b"\x30\xff\xff\xff\xff\x01", "a length takes more than four bytes"),
    ],
)
async def test_why_a_connection_ends(said: bytes, why: str) -> None:
    async with met() as (broker, session, where):
        await entered(broker, session, where)
        broker.say(said)
        async with asyncio.timeout(PATIENCE_S):
            assert await session.run() == why


async def test_a_paused_session_hears_nothing_until_it_is_resumed() -> None:
    heard: list[Publication] = []
    async with met(heard) as (broker, session, where):
        await entered(broker, session, where)
        session.pause()
        broker.say(packet.publish("t", b"x", 1))
        for _ in range(20):
            await asyncio.sleep(0)
        assert heard == []
        session.resume()
        async with asyncio.timeout(PATIENCE_S):
            while not heard:
                await asyncio.sleep(0)
        assert [one.payload for one in heard] == [b"x"]


async def test_a_broker_that_is_not_there(free_port: Callable[[], int]) -> None:
    where = Address("127.0.0.1", free_port(), tls=False)
    with pytest.raises(LinkLostError, match="does not answer"):
        await open_session(where, LOGIN, lambda _: None)
