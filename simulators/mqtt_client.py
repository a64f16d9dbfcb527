"""A device's MQTT connection, driven by asyncio: paho with its socket in the event loop, one client a device."""

import asyncio
import socket
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import urlsplit

import structlog
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from simulators.link import Kind
from simulators.sent import SentLedger

log = structlog.get_logger(__name__)

OUTBOX = 10_000  # messages waiting for their acknowledgement; a device's memory is bounded too
LONGEST_WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Login:
    """Where the broker is and who speaks. `url`: mqtt://host:port."""

    url: str
    user: str
    password: str


class _Socket(Protocol):
    def fileno(self) -> int: ...


@dataclass(frozen=True, slots=True)
class _Message:
    topic: str
    payload: bytes
    published: datetime
    kind: Kind
    retain: bool


class MqttClient:
    """Publishes at QoS 1 and keeps what is unacknowledged over reconnections. Three verbs: open, run, close."""

    def __init__(self, login: Login, sent: SentLedger, will: tuple[str, bytes] | None = None, *, qos: int = 1) -> None:
        self.login, self.sent, self.qos = login, sent, qos
        self._loop = asyncio.get_running_loop()
        self.dropped = 0
        self._connected = asyncio.Event()
        self._cut = False
        self._flying: dict[int, _Message] = {}
        self._held: deque[_Message] = deque()
        self._client = Client(CallbackAPIVersion.VERSION2, login.user, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.username_pw_set(login.user, login.password)
        self._client.max_inflight_messages_set(1000)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_publish = self._on_publish
        self._client.on_socket_open = self._on_socket_open
        self._client.on_socket_close = self._on_socket_close
        self._client.on_socket_register_write = self._on_want_write
        self._client.on_socket_unregister_write = self._on_wrote
        if will is not None:
            self._client.will_set(will[0], will[1], qos=1, retain=True)

    async def run(self) -> None:
        """Keep the connection until cancelled; reconnects with back-off."""
        wait = 0.5
        while True:
            if self._cut:
                await asyncio.sleep(0.5)
                continue
            if not self._client.is_connected() and await self._connect():
                wait = 0.5
            elif not self._client.is_connected():
                await asyncio.sleep(wait)
                wait = min(LONGEST_WAIT_S, wait * 2)
                continue
            self._client.loop_misc()
            await asyncio.sleep(0.5)

    @property
    def up(self) -> bool:
        """Whether there is a connection now."""
        return self._connected.is_set()

    async def ready(self) -> None:
        """Wait for the first connection."""
        await self._connected.wait()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False, kind: Kind = Kind.MESSAGE) -> None:
        """Send at QoS 1. A full outbox drops the message and counts it: it was never acknowledged to anyone."""
        if len(self._flying) + len(self._held) >= OUTBOX:
            self.dropped += 1
            return
        message = _Message(topic, payload, datetime.now(UTC), kind, retain)
        if self._connected.is_set():
            self._send(message)
        else:
            self._held.append(message)

    def _send(self, message: _Message) -> None:
        info: MQTTMessageInfo = self._client.publish(message.topic, message.payload, self.qos, message.retain)
        if not message.retain:
            self._flying[info.mid] = message

    def _resume(self) -> None:
        """Tell what was kept, oldest first: paho would let new messages overtake it until the broker has answered."""
        while self._held:
            self._send(self._held.popleft())
        self._connected.set()

    def cut(self) -> None:
        """Break the connection without a goodbye, and make no new one until it is mended; what is published waits."""
        self._cut = True
        sock = self._client.socket()
        if isinstance(sock, socket.socket):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """The network is back."""
        self._cut = False

    async def close(self, patience_s: float = 5.0) -> None:
        """Wait a while for outstanding acknowledgements, then disconnect."""
        deadline = asyncio.get_running_loop().time() + patience_s
        while self._flying and self._client.is_connected() and asyncio.get_running_loop().time() < deadline:
            self._client.loop_misc()
            await asyncio.sleep(0.05)
        self._client.disconnect()

    async def _connect(self) -> bool:
        parts = urlsplit(self.login.url)
        try:
            await asyncio.to_thread(self._client.connect, parts.hostname or "127.0.0.1", parts.port or 1883, 30)
        except OSError as error:
            log.warning("broker unreachable", user=self.login.user, url=self.login.url, reason=str(error))
            return False
        try:
            await asyncio.wait_for(self._connected.wait(), 5)
        except TimeoutError:
            return False
        return True

    def _on_connect(
        self, _client: Client, _data: object, _flags: ConnectFlags, code: ReasonCode, _properties: Properties | None
    ) -> None:
        if code.is_failure:
            log.warning("broker refuses", user=self.login.user, reason=str(code))
            return
        self._loop.call_soon_threadsafe(self._resume)

    def _on_disconnect(
        self, _client: Client, _data: object, _flags: DisconnectFlags, code: ReasonCode, _properties: Properties | None
    ) -> None:
        self._connected.clear()
        if code.is_failure:
            log.warning("broker gone", user=self.login.user, reason=str(code))

    def _on_publish(
        self, _client: Client, _data: object, mid: int, code: ReasonCode, _properties: Properties | None
    ) -> None:
        message = self._flying.pop(mid, None)
        if message is not None and not code.is_failure:
            self._note(message)

    def _note(self, message: _Message) -> None:
        match message.kind:
            case Kind.MESSAGE:
                self.sent.add(message.topic, message.payload, message.published)
            case Kind.REPEAT:
                self.sent.repeats += 1
            case Kind.GARBAGE:
                self.sent.garbage += 1

    # paho announces its socket from whichever thread connects; the loop takes it over, in the order announced.
    def _on_socket_open(self, client: Client, _data: object, sock: _Socket) -> None:
        number = sock.fileno()
        self._loop.call_soon_threadsafe(lambda: self._loop.add_reader(number, client.loop_read))

    def _on_socket_close(self, _client: Client, _data: object, sock: _Socket) -> None:
        self._loop.call_soon_threadsafe(self._loop.remove_reader, sock.fileno())
        self._loop.call_soon_threadsafe(self._loop.remove_writer, sock.fileno())

    def _on_want_write(self, client: Client, _data: object, sock: _Socket) -> None:
        number = sock.fileno()
        self._loop.call_soon_threadsafe(lambda: self._loop.add_writer(number, client.loop_write))

    def _on_wrote(self, _client: Client, _data: object, sock: _Socket) -> None:
        self._loop.call_soon_threadsafe(self._loop.remove_writer, sock.fileno())
