"""One connection to the broker: MQTT 5 over asyncio, in a session that outlives it, acknowledging when told to."""

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, cast
from urllib.parse import urlsplit

from paho.mqtt.packettypes import PacketTypes

from ingest import packet
from ingest.packet import BadPacketError, Login, Publication, Welcome

T = TypeVar("T")

_ANSWER_S = 10.0
_MOST_UNSENT = 10_000  # answers that wait for the broker's acknowledgements of earlier ones


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

    def __str__(self) -> str:
        return f"the broker at {self.host}:{self.port}"


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
class Session(asyncio.Protocol):
    """Open, then `run` to its end, then `close`. `hear` is given what each chunk brought."""

    login: Login
    hear: Callable[[list[Publication]], None]
    ended: asyncio.Future[str]
    welcomed: asyncio.Future[Welcome]
    granted: asyncio.Future[bool]
    transport: asyncio.Transport | None = None
    paused: bool = False
    rest: bytes = b""
    heard_at: float = 0.0
    keep_alive_s: float = 0.0
    quota: int = 0  # publications that we may have unanswered
    last_mid: int = 0
    unanswered: set[int] = field(default_factory=set)
    unsent: deque[tuple[str, bytes, bool]] = field(default_factory=deque)
    goodbye: bytes = packet.GOODBYE

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(packet.connect(self.login))

    def data_received(self, data: bytes) -> None:
        self.heard_at = time.monotonic()
        try:
            packets, self.rest = packet.cut(self.rest + data if self.rest else data)
            self._take(packets)
        except BadPacketError as error:
            self.end(str(error))

    def _take(self, packets: Iterable[tuple[int, bytes]]) -> None:
        heard: list[Publication] = []
        for first, body in packets:
            if first & 0xF0 == packet.PUBLISH:
                heard.append(packet.publication(first, body))
            else:
                self._answered(first, body)
        if heard:
            self.hear(heard)

    def _answered(self, first: int, body: bytes) -> None:
        match first:
            case packet.PUBACK:
                self.unanswered.discard(int.from_bytes(body[:2], "big"))
                self._send_waiting()
            case packet.CONNACK if not self.welcomed.done():
                self.welcomed.set_result(packet.welcome(body))
            case packet.SUBACK if not self.granted.done():
                self.granted.set_result(packet.granted(body))
            case packet.DISCONNECT:
                self.end(packet.reason(PacketTypes.DISCONNECT, body[0] if body else 0))
            case _:
                pass  # PINGRESP: that something came is all that counts

    def connection_lost(self, exc: Exception | None) -> None:
        self.end(str(exc) if exc else "the broker closed the connection")

    def end(self, why: str) -> None:
        """The first reason stands."""
        if not self.ended.done():
            self.ended.set_result(why)

    async def enter(self, topics: Sequence[str], not_these: Sequence[str], where: Address) -> None:
        """Return once we are let in and subscribed (to some not any more); raises LinkLostError."""
        welcome = await self._answer(self.welcomed, f"{where} does not let us in")
        if welcome.refusal:
            raise LinkLostError(f"{where} does not let us in: {welcome.refusal}")
        self.quota = welcome.receive_maximum
        self._send_waiting()
        self.keep_alive_s = self.login.keep_alive_s if welcome.keep_alive_s is None else welcome.keep_alive_s
        self.write(packet.subscribe(self._next_mid(), topics))
        self.write(packet.unsubscribe(self._next_mid(), not_these))  # afterwards: nothing falls between the two
        if not await self._answer(self.granted, f"{where} does not answer our subscriptions"):
            raise LinkLostError(f"{where} does not take our subscriptions")

    async def _answer(self, answer: asyncio.Future[T], otherwise: str) -> T:
        await asyncio.wait((answer, self.ended), timeout=_ANSWER_S, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        why = self.ended.result() if self.ended.done() else f"no answer in {_ANSWER_S:.0f} s"
        raise LinkLostError(f"{otherwise}: {why}")

    async def run(self) -> str:
        """Keep the connection alive; returns why it ended."""
        while not self.ended.done():
            await asyncio.wait((self.ended,), timeout=self.keep_alive_s / 3 or None)
            self.write(packet.PINGREQ)
            # Paused, we do not hear the broker's answers, and must not take that for its silence.
            if not self.paused and time.monotonic() - self.heard_at > 1.5 * self.keep_alive_s > 0:
                self.end("it has fallen silent")
        return self.ended.result()

    def write(self, data: bytes) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(data)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """At least once while this connection lasts; as many unanswered as the broker allows, the rest wait."""
        if len(self.unsent) >= _MOST_UNSENT:
            self.end("it acknowledges nothing of what we publish")
            return
        self.unsent.append((topic, payload, retain))
        self._send_waiting()

    def _send_waiting(self) -> None:
        while self.unsent and len(self.unanswered) < self.quota:
            topic, payload, retain = self.unsent.popleft()
            mid = self._next_mid()
            self.unanswered.add(mid)
            self.write(packet.publish(topic, payload, mid, retain=retain))

    def _next_mid(self) -> int:
        while True:
            self.last_mid = self.last_mid % packet.MOST_IDS + 1
            if self.last_mid not in self.unanswered:
                return self.last_mid

    def pause(self) -> None:
        """Hear nothing more for now: the broker keeps it."""
        if self.transport is not None and not self.paused and not self.transport.is_closing():
            self.paused = True
            self.transport.pause_reading()

    def resume(self) -> None:
        if self.transport is not None and self.paused and not self.transport.is_closing():
            self.paused, self.heard_at = False, time.monotonic()
            self.transport.resume_reading()

    def close(self) -> None:
        """Leave; what is written by now still goes out. The broker keeps the session, unless the goodbye ends it."""
        self.write(self.goodbye)
        if self.transport is not None:
            self.transport.close()


async def open_session(where: Address, login: Login, hear: Callable[[list[Publication]], None]) -> Session:
    """Connect; raises LinkLostError."""
    loop = asyncio.get_running_loop()
    session = Session(login, hear, loop.create_future(), loop.create_future(), loop.create_future())
    security = ssl.create_default_context() if where.tls else None
    try:
        async with asyncio.timeout(_ANSWER_S):
            await loop.create_connection(lambda: session, where.host, where.port, ssl=security)
    except OSError as error:  # TimeoutError too
        raise LinkLostError(f"{where} does not answer: {error or 'no connection in time'}") from None
    return session
