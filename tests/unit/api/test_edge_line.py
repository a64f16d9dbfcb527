"""The line to the edges: one reply to one request, from the edge that was asked; bounded, and no one waits for ever."""

import asyncio
import secrets
from typing import Any, cast

import msgspec
import pytest
from paho.mqtt.client import Client, MQTTMessage

from api.edge_line import MOST_ASKED, EdgeLine, EdgeSilentError, LineDownError, TooManyAskedError
from domain.topic import Channel, EdgeTopic
from domain.wire import EdgeDown, LiveEnded, LiveLook, LiveReply


class Broker:
    """Keeps what is published; the test answers."""

    def __init__(self) -> None:
        self.published: list[tuple[str, bytes]] = []

    def publish(self, topic: str, payload: bytes, **_: Any) -> None:
        self.published.append((topic, payload))


def stood() -> tuple[EdgeLine, Broker]:
    line, broker = EdgeLine(None), Broker()
    line._client = cast(Client, broker)
    return line, broker


def hears(line: EdgeLine, edge: str, payload: bytes) -> None:
    message = MQTTMessage(topic=str(EdgeTopic(edge, Channel.LIVE)).encode())
    message.payload = payload
    line._heard(cast(Client, None), None, message)


def look() -> LiveLook:
    return LiveLook(secrets.token_hex(16), "cam")


async def test_a_request_goes_down_to_its_edge_and_its_reply_comes_back() -> None:
    line, broker = stood()
    request = look()
    asking = asyncio.create_task(line.ask("e1", request, 5))
    await asyncio.sleep(0)
    ((topic, payload),) = broker.published
    assert topic == "mc/v1/edge/e1/down"
    assert msgspec.json.decode(payload, type=EdgeDown) == EdgeDown(live=request)
    reply: LiveReply = LiveEnded(request.id)
    hears(line, "e1", msgspec.json.encode(LiveEnded("f" * 32)))  # somebody else's
    hears(line, "e2", msgspec.json.encode(reply))  # an edge that was not asked
    hears(line, "e1", b"{}")
    await asyncio.sleep(0)
    assert not asking.done()
    hears(line, "e1", msgspec.json.encode(reply))
    hears(line, "e1", msgspec.json.encode(reply))
    assert await asking == reply


async def test_nobody_waits_for_ever_or_in_a_crowd() -> None:
    line, _ = stood()
    with pytest.raises(EdgeSilentError):
        await line.ask("e1", look(), 0.01)
    waiting = [asyncio.create_task(line.ask("e1", look(), 60)) for _ in range(MOST_ASKED)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyAskedError):
        await line.ask("e1", look(), 60)
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert line._asked == {}


async def test_without_a_broker_it_says_so_at_once() -> None:
    line = EdgeLine(None)
    await line.run()
    with pytest.raises(LineDownError):
        await line.ask("e1", look(), 60)
