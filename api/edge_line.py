"""The line to the edges: a request over MQTT, its one reply within seconds; bounded, and nothing is kept.

paho is driven by the event loop's own readiness callbacks: no thread.
"""

import asyncio
import secrets
import socket
from collections.abc import Callable
from typing import Any

import msgspec
import structlog
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from api.config import BrokerLogin
from domain import topic
from domain.topic import ROOT, BadTopicError, Channel, EdgeTopic
from domain.wire import MAX_LIVE, EdgeDown, LiveReply, LiveRequest

_log = structlog.get_logger("api.edges")
_reply: msgspec.json.Decoder[LiveReply] = msgspec.json.Decoder(LiveReply)

MOST_ASKED = 64  # requests that wait for their reply
_KEEPALIVE_S = 30
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.2, 10.0


class LineDownError(Exception):
    """There is no broker, or it does not answer now."""


class EdgeSilentError(Exception):
    """The edge did not reply in time."""


class TooManyAskedError(Exception):
    """As many requests as may wait do wait."""


class EdgeLine:
    """One connection to the broker, made again whenever it ends."""

    def __init__(self, broker: BrokerLogin | None) -> None:
        """Without a broker every request is answered LineDownError."""
        self._broker = broker
        self._client: Client | None = None  # while connected
        self._asked: dict[str, tuple[str, asyncio.Future[LiveReply]]] = {}  # request → edge, reply

    async def ask(self, edge: str, request: LiveRequest, patience_s: float) -> LiveReply:
        """The edge's reply; raises LineDownError, EdgeSilentError or TooManyAskedError."""
        if self._client is None:
            raise LineDownError
        if len(self._asked) >= MOST_ASKED:
            raise TooManyAskedError
        reply: asyncio.Future[LiveReply] = asyncio.get_running_loop().create_future()
        self._asked[request.id] = edge, reply
        try:
            payload = msgspec.json.encode(EdgeDown(live=request))
            # Not retained, and at most once: a request that comes late helps nobody.
            self._client.publish(str(EdgeTopic(edge, Channel.DOWN)), payload, qos=0)
            async with asyncio.timeout(patience_s):
                return await reply
        except TimeoutError as error:
            raise EdgeSilentError from error
        finally:
            del self._asked[request.id]

    async def run(self) -> None:
        """Stay connected until cancelled."""
        if self._broker is None:
            return
        wait_s, told = _FIRST_WAIT_S, ""
        while True:
            why = await self._attend(self._broker)
            if self._client is not None:
                self._client, wait_s, told = None, _FIRST_WAIT_S, ""
            if why != told:
                told = why
                _log.warning("no broker: no live view, trying again", reason=why)
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, _LONGEST_WAIT_S)

    async def _attend(self, broker: BrokerLogin) -> str:
        """One connection, to its end; returns why it ended."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[str] = loop.create_future()

        def end(why: str) -> None:
            if not ended.done():
                ended.set_result(why)

        client = self._make_client(broker, loop, end)
        try:
            await asyncio.to_thread(client.connect, broker.host, broker.port, _KEEPALIVE_S, clean_start=True)
        except OSError as error:
            return f"{broker.host}:{broker.port} does not answer: {error}"
        sock: Any = client.socket()
        if sock is None:
            return f"{broker.host}:{broker.port} closed the connection"
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        loop.add_reader(sock, _read, client)
        try:
            while not ended.done():
                await asyncio.wait((ended,), timeout=1.0)
                client.loop_misc()
        finally:
            client.disconnect()
            _unwatch(loop, sock)
        return ended.result()

    def _make_client(self, broker: BrokerLogin, loop: asyncio.AbstractEventLoop, end: Callable[[str], None]) -> Client:
        name = f"{broker.user}-api-{secrets.token_hex(8)}"
        client = Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTProtocolVersion.MQTTv5)
        client.username_pw_set(broker.user, broker.password)
        if broker.tls:
            client.tls_set()

        def on_connect(_c: Client, _u: Any, _f: Any, reason: Any, _p: Any) -> None:
            if reason.is_failure:
                end(str(reason))
                return
            client.subscribe(f"{ROOT}/edge/+/{Channel.LIVE}", qos=0)
            self._client = client

        def writable(sock: Any) -> None:
            current: Any = client.socket()
            if current is sock:
                loop.add_writer(sock, client.loop_write)

        def on_register_write(_c: Client, _u: Any, sock: Any) -> None:
            loop.call_soon_threadsafe(writable, sock)  # the first packet is written by the thread that connects

        def on_unregister_write(_c: Client, _u: Any, sock: Any) -> None:
            loop.remove_writer(sock)

        client.on_connect = on_connect
        client.on_message = self._heard
        client.on_disconnect = lambda _c, _u, _f, reason, _p: end(str(reason))
        client.on_socket_register_write = on_register_write
        client.on_socket_unregister_write = on_unregister_write
        client.on_socket_close = lambda _c, _u, sock: _unwatch(loop, sock)
        return client

    def _heard(self, _client: Client, _userdata: Any, message: MQTTMessage) -> None:
        """Hand a reply to who asked; others' replies, and those that come too late, are nobody's."""
        try:
            where = topic.parse(message.topic)
            reply = _reply.decode(message.payload[:MAX_LIVE])
        except (BadTopicError, UnicodeDecodeError, msgspec.DecodeError, RecursionError) as error:
            _log.warning("an edge's reply is not understood", reason=str(error)[:200])
            return
        edge, waiting = self._asked.get(reply.id, ("", None))
        if waiting is not None and isinstance(where, EdgeTopic) and where.edge == edge and not waiting.done():
            waiting.set_result(reply)


def _read(client: Client) -> None:
    """Read what has come; TLS may hold more than the socket shows."""
    client.loop_read()
    while getattr(client.socket(), "pending", int)() > 0:
        client.loop_read()


def _unwatch(loop: asyncio.AbstractEventLoop, sock: Any) -> None:
    if sock.fileno() >= 0:
        loop.remove_reader(sock)
        loop.remove_writer(sock)
