"""The broker: MQTT 5 with a session that outlives us, shared subscription, manual acknowledgement.

paho is driven by the event loop's own readiness callbacks: no thread, and no select() per packet.
"""

import asyncio
import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import structlog
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from domain.topic import FOREIGN, ROOT, SHARE_GROUP, Channel
from ingest import clock, sparkplug
from ingest.backoff import Backoff
from ingest.config import IngestConfig
from ingest.counters import Counters
from ingest.inbox import RECEIVE_MAXIMUM, Inbox
from ingest.message import Message

log = structlog.get_logger()

_SESSION_S = 14 * 86400  # the broker keeps our messages so long while we are away
_KEEPALIVE_S = 30
_ANSWER_S = 10.0
_MOST_PACKET = 8 * 1024 * 1024  # a bound for a broker without one; larger payloads than ours become dead letters
_BURST = 200  # packets read in one go, so that the database's answers are not kept waiting
# Presence is not shared: a shared subscription brings no retained messages, and workers that took turns could write
# them in any order. Each worker hears and writes every state; whoever is last writes the newest.
_TOPICS = (
    *(f"$share/{SHARE_GROUP}/{ROOT}/+/+/{channel}" for channel in ("telemetry", "event", "transaction", "up")),
    f"{ROOT}/+/+/{Channel.STATE}",
    f"$share/{SHARE_GROUP}/{FOREIGN}/+/+/#",
    # Nor is Sparkplug: a node's data can be read only after its birth. The ledger knows what another worker has landed.
    *(f"{sparkplug.ROOT}/+/{kind}/+" for kind in sparkplug.NODE_KINDS),
    *(f"{sparkplug.ROOT}/+/{kind}/+/+" for kind in sparkplug.DEVICE_KINDS),
)


class LinkLostError(Exception):
    """The broker does not answer, does not let us in, or has gone."""


class BadUrlError(ValueError):
    """The broker's address is mqtt://host[:port], or mqtts:// for TLS."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the broker listens."""

    host: str
    port: int
    tls: bool


def address(url: str) -> Address:
    """Read the broker's address; raises BadUrlError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadUrlError(f"{url!r}: {BadUrlError.__doc__}") from None
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
        raise BadUrlError(f"{url!r}: {BadUrlError.__doc__}")
    tls = parts.scheme == "mqtts"
    return Address(parts.hostname, port or (8883 if tls else 1883), tls)


@dataclass(slots=True)
class Link:
    """Brings messages into the inbox, for ever; carries acknowledgements and the edges' answers back."""

    config: IngestConfig
    inbox: Inbox
    counters: Counters
    retained: dict[str, bytes] = field(default_factory=dict)  # what must stand on the broker
    told: dict[str, bytes] = field(default_factory=dict)  # what this connection has published of it
    session: int = 0
    client: Client | None = None  # while connected
    ended: asyncio.Future[str] | None = None
    paused: bool = False

    async def run(self) -> None:
        """Connect, and again whenever the connection ends, until cancelled."""
        self.inbox.room = self._resume
        where, backoff, complaint = address(self.config.mqtt_url), Backoff(), ""
        while True:
            try:
                await self._attend(where, backoff)
            except LinkLostError as error:
                if str(error) != complaint:
                    complaint = str(error)
                    log.warning("no broker; messages wait there, trying again", reason=complaint)
            await backoff.wait()

    async def _attend(self, where: Address, backoff: Backoff) -> None:
        """One connection, to its end; raises LinkLostError."""
        loop = asyncio.get_running_loop()
        self.ended = ended = loop.create_future()
        connected = asyncio.Event()
        client = self._make_client(where, loop, connected)
        try:
            await asyncio.to_thread(
                client.connect, where.host, where.port, _KEEPALIVE_S, clean_start=False, properties=_connect()
            )
        except OSError as error:
            raise LinkLostError(f"the broker at {where.host}:{where.port} does not answer: {error}") from None
        sock: Any = client.socket()
        if sock is None:
            raise LinkLostError(f"the broker at {where.host}:{where.port} closed the connection")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.session, self.client, self.paused = self.session + 1, client, False
        loop.add_reader(sock, self._read)
        try:
            await self._until(connected.wait(), ended, where)
            log.info("broker connected", host=where.host, port=where.port)
            backoff.reset()
            self._subscribe(client)
            self.told.clear()
            self.keep(self.retained)
            await self._keep_alive(client, ended)
        finally:
            self._leave(client, loop)
        raise LinkLostError(f"the connection to the broker at {where.host}:{where.port} ended: {ended.result()}")

    async def _until(self, answer: Any, ended: asyncio.Future[str], where: Address) -> None:
        waiting = asyncio.ensure_future(answer)
        await asyncio.wait((waiting, ended), timeout=_ANSWER_S, return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            return
        waiting.cancel()
        reason = ended.result() if ended.done() else f"no answer in {_ANSWER_S:.0f} s"
        raise LinkLostError(f"the broker at {where.host}:{where.port} does not let us in: {reason}")

    async def _keep_alive(self, client: Client, ended: asyncio.Future[str]) -> None:
        while not ended.done():
            await asyncio.wait((ended,), timeout=1.0)
            # Paused, we do not hear the broker's answers, and must not take that for its silence.
            if not self.paused and not ended.done():
                client.loop_misc()

    def _make_client(self, where: Address, loop: asyncio.AbstractEventLoop, connected: asyncio.Event) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=_client_id(self.config),
            protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=True,
        )
        client.username_pw_set(self.config.mqtt_user, self.config.mqtt_password)
        client.max_inflight_messages_set(1000)
        if where.tls:
            client.tls_set()

        def writable(sock: Any) -> None:
            current: Any = client.socket()
            if current is sock:
                loop.add_writer(sock, client.loop_write)

        def on_register_write(_c: Client, _u: Any, sock: Any) -> None:
            loop.call_soon_threadsafe(writable, sock)  # the first packet is written by the thread that connects

        def on_unregister_write(_c: Client, _u: Any, sock: Any) -> None:
            loop.remove_writer(sock)

        def on_connect(_c: Client, _u: Any, _f: Any, reason: Any, _p: Any) -> None:
            self._end(str(reason)) if reason.is_failure else connected.set()

        client.on_message = self._on_message
        client.on_connect = on_connect
        client.on_disconnect = lambda _c, _u, _f, reason, _p: self._end(str(reason))
        client.on_socket_register_write = on_register_write
        client.on_socket_unregister_write = on_unregister_write
        client.on_socket_close = lambda _c, _u, sock: _unwatch(loop, sock)
        return client

    def _end(self, reason: str) -> None:
        if self.ended is not None and not self.ended.done():
            self.ended.set_result(reason)

    def _leave(self, client: Client, loop: asyncio.AbstractEventLoop) -> None:
        self.client = None
        sock = client.socket()
        if sock is not None:
            client.disconnect()
            client.loop_write()
            if client.socket() is not None:  # what could not be written is of no use any more
                _unwatch(loop, sock)
                sock.close()
        self._end("we left")

    def _subscribe(self, client: Client) -> None:
        client.subscribe(_subscriptions())

    def _read(self) -> None:
        """Read what has come, as long as there is room for it."""
        client = self.client
        for _ in range(_BURST):
            if client is None or self.ended is None or self.ended.done():
                return
            if self.inbox.full:
                self._pause(client)
                return
            before = self.counters.received
            try:
                client.loop_read()
            except Exception as error:
                log.exception("the broker sent what cannot be read; connecting anew")
                self._end(str(error))
            if self.counters.received == before and not _pending(client):
                return
        asyncio.get_running_loop().call_soon(self._read)  # TLS may hold more than the socket shows

    def _pause(self, client: Client) -> None:
        sock = client.socket()
        if sock is not None:
            self.paused = True
            asyncio.get_running_loop().remove_reader(sock)

    def _resume(self) -> None:
        sock = self.client.socket() if self.client is not None and self.paused else None
        if sock is not None:
            self.paused = False
            asyncio.get_running_loop().add_reader(sock, self._read)

    def _on_message(self, _client: Client, _userdata: Any, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = "(a topic that is not UTF-8)"
        self.counters.received += 1
        self.inbox.put(
            Message(
                topic=topic,
                payload=bytes(message.payload),
                received=clock.now(),
                qos=message.qos,
                mid=message.mid,
                session=self.session,
                retained=message.retain,
            )
        )

    def acknowledge(self, messages: Iterable[Message]) -> None:
        """After commit. Those of an ended session are brought again by the broker, and the ledger will know them."""
        if self.client is not None:
            for message in messages:
                if message.session == self.session and message.qos:
                    self.client.ack(message.mid, message.qos)

    def publish(self, topic: str, payload: bytes, qos: int = 1) -> None:
        """At least once while connected; else never, and the edge will ask again."""
        if self.client is not None:
            self.client.publish(topic, payload, qos=qos)

    def keep(self, retained: Mapping[str, bytes]) -> None:
        """Have these stand on the broker, now and after each reconnection."""
        self.retained = dict(retained)
        if self.client is not None:
            for topic, payload in self.retained.items():
                if self.told.get(topic) != payload:
                    self.client.publish(topic, payload, qos=1, retain=True)
                    self.told[topic] = payload


def enrol(config: IngestConfig) -> None:
    """Subscribe and leave, so that the broker keeps for this worker what devices say before its first connection.

    A broker acknowledges a message that nobody has subscribed to, and drops it. Blocks; raises LinkLostError.
    """
    where = address(config.mqtt_url)
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=_client_id(config),
        protocol=MQTTProtocolVersion.MQTTv5,
        manual_ack=True,  # what an earlier life left there stays there
    )
    client.username_pw_set(config.mqtt_user, config.mqtt_password)
    if where.tls:
        client.tls_set()
    taken: list[bool] = []

    def on_connect(_c: Client, _u: Any, _f: Any, reason: Any, _p: Any) -> None:
        if not reason.is_failure:
            client.subscribe(_subscriptions())

    client.on_connect = on_connect
    client.on_subscribe = lambda _c, _u, _m, reasons, _p: taken.append(not any(one.is_failure for one in reasons))
    try:
        client.connect(where.host, where.port, _KEEPALIVE_S, clean_start=False, properties=_connect())
    except OSError as error:
        raise LinkLostError(f"the broker at {where.host}:{where.port} does not answer: {error}") from None
    deadline = time.monotonic() + _ANSWER_S
    while not taken and time.monotonic() < deadline and client.loop(0.1) is MQTTErrorCode.MQTT_ERR_SUCCESS:
        pass
    client.disconnect()
    if taken != [True]:
        raise LinkLostError(f"the broker at {where.host}:{where.port} does not take our subscriptions")


def _client_id(config: IngestConfig) -> str:
    return f"{config.mqtt_user}-ingest-{config.name}"


def _subscriptions() -> list[tuple[str, SubscribeOptions]]:
    return [(topic, SubscribeOptions(qos=1)) for topic in _TOPICS]


def _connect() -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = _SESSION_S
    properties.ReceiveMaximum = RECEIVE_MAXIMUM
    properties.MaximumPacketSize = _MOST_PACKET
    return properties


def _pending(client: Client) -> bool:
    pending = getattr(client.socket(), "pending", None)
    return pending is not None and pending() > 0


def _unwatch(loop: asyncio.AbstractEventLoop, sock: Any) -> None:
    loop.remove_reader(sock)
    loop.remove_writer(sock)
