"""When a worker's last connection is over: its own last word has come, and all before it is committed."""

import asyncio

import pytest

from ingest import packet
from ingest.packet import Login, Publication
from ingest.retirement import LAST, Retirement
from ingest.session import Session


@pytest.fixture
async def session() -> Session:
    """A connection that goes nowhere."""
    loop = asyncio.get_running_loop()
    login = Login("id", "user", "secret", 30, 60, 100, 4096)
    return Session(login, lambda _: None, loop.create_future(), loop.create_future(), loop.create_future())


def reading(mid: int) -> Publication:
    return Publication(b"mc/v1/hall/cold/telemetry", b"{}", 1, mid, False)


def word(payload: bytes) -> Publication:
    return Publication(LAST.encode(), payload, 1, 9, False)


async def test_it_is_over_when_nothing_is_owed(session: Session) -> None:
    retirement = Retirement()
    retirement.begin(session)
    assert retirement.heard([reading(1), reading(2)]) == [reading(1), reading(2)]
    retirement.landed(1)
    assert retirement.heard([word(b"of an earlier try"), reading(3)]) == [reading(3)]
    assert retirement.heard([word(retirement.word)]) == []
    retirement.landed(1)
    assert not session.ended.done()
    assert session.goodbye == packet.GOODBYE
    retirement.landed(1)
    assert session.ended.done()
    assert session.goodbye == packet.FAREWELL
    assert session.ended.result() == "retired"


async def test_with_nothing_left_the_word_is_enough(session: Session) -> None:
    retirement = Retirement()
    retirement.begin(session)
    retirement.landed(0)
    assert not session.ended.done()
    retirement.heard([word(retirement.word)])
    assert session.ended.done()


async def test_a_lost_connection_begins_it_anew(session: Session) -> None:
    """What was not committed comes again, and the word after it."""
    retirement = Retirement()
    retirement.begin(session)
    retirement.heard([reading(1), word(retirement.word)])
    retirement.begin(session)
    assert retirement.heard([reading(1)]) == [reading(1)]
    retirement.landed(1)
    assert not session.ended.done()
    retirement.heard([word(retirement.word)])
    assert session.ended.done()


async def test_the_farewell_ends_the_session() -> None:
    """As the standard writes it: DISCONNECT, normal, with a session expiry interval of 0."""
    ((first, body),), rest = packet.cut(packet.FAREWELL)
    assert (first, body, rest) == (packet.DISCONNECT, b"\0\5\x11\0\0\0\0", b"")
