"""MQTT 5 packets as ingest speaks them, QoS 0 and 1: written as bytes, read chunk by chunk (OASIS MQTT 5.0, §2–3).

The rare packets' properties and reasons are paho's; what comes by the million is cut here, without an object a byte.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from paho.mqtt import MQTTException
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

CONNACK, PUBLISH, PUBACK, SUBACK, DISCONNECT = 0x20, 0x30, 0x40, 0x90, 0xE0  # first bytes, flags aside
PINGREQ = b"\xc0\x00"
GOODBYE = b"\xe0\x00"
FAREWELL = b"\xe0\x07\x00\x05\x11\x00\x00\x00\x00"  # a goodbye that ends the session: its expiry interval is 0
MOST_IDS = 65_535
_FAILURE = 0x80
_LONGEST_HEAD = 5  # a first byte and a length of at most four


class BadPacketError(Exception):
    """The broker sent bytes that are no MQTT 5 packet."""


@dataclass(frozen=True, slots=True)
class Login:
    """Who connects, and the terms of the session. `receive_maximum`: what may come beyond our acknowledgements."""

    client_id: str
    user: str
    password: str
    keep_alive_s: int
    session_s: int
    receive_maximum: int
    most_packet: int  # bytes


@dataclass(frozen=True, slots=True)
class Welcome:
    """The broker's answer. `refusal`: why it does not let us in. `receive_maximum`: what we may have unanswered."""

    refusal: str
    receive_maximum: int
    keep_alive_s: int | None


class Publication(msgspec.Struct, frozen=True, gc=False):
    """One PUBLISH; `mid` is 0 at QoS 0."""

    topic: bytes
    payload: bytes
    qos: int
    mid: int
    retained: bool


def connect(login: Login) -> bytes:
    """Ask to resume the session of that client id."""
    terms = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    terms.SessionExpiryInterval = login.session_s
    terms.ReceiveMaximum = login.receive_maximum
    terms.MaximumPacketSize = login.most_packet
    flags = 0x80 | 0x40  # user name, password; not a clean start
    head = _text("MQTT") + struct.pack("!BBH", 5, flags, login.keep_alive_s)
    return framed(0x10, head + terms.pack() + _text(login.client_id) + _text(login.user) + _text(login.password))  # type: ignore[no-untyped-call]


def subscribe(mid: int, topics: Iterable[str]) -> bytes:
    """At QoS 1."""
    return framed(0x82, struct.pack("!HB", mid, 0) + b"".join(_text(topic) + b"\x01" for topic in topics))


def unsubscribe(mid: int, topics: Iterable[str]) -> bytes:
    """Of topics that need not be subscribed."""
    return framed(0xA2, struct.pack("!HB", mid, 0) + b"".join(map(_text, topics)))


def publish(topic: str, payload: bytes, mid: int, *, retain: bool = False) -> bytes:
    """At QoS 1; where `mid` is 0, at QoS 0."""
    head = struct.pack("!HB", mid, 0) if mid else b"\0"
    return framed(PUBLISH | (0x02 if mid else 0) | retain, _text(topic) + head + payload)


def acknowledge(mids: Sequence[int]) -> bytes:
    """A PUBACK for each, as one piece."""
    packets = np.empty(len(mids), dtype=[("head", ">u2"), ("mid", ">u2")])
    packets["head"], packets["mid"] = PUBACK << 8 | 2, mids
    return packets.tobytes()


def cut(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """The whole packets in `data`, each as its first byte and its body, and what is left; raises BadPacketError."""
    found: list[tuple[int, bytes]] = []
    at, end = 0, len(data)
    while at + 1 < end:
        size, start = data[at + 1], at + 2
        if size > 0x7F:
            size, start = _size(data, at + 1)
        if start == 0 or start + size > end:
            break
        found.append((data[at], data[start : start + size]))
        at = start + size
    return found, data[at:]


def _size(data: bytes, at: int) -> tuple[int, int]:
    """A variable byte integer and where it ends; an end of 0 where it is not whole yet."""
    size = 0
    for place, byte in enumerate(data[at : at + _LONGEST_HEAD - 1]):
        size |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return size, at + place + 1
    if len(data) >= at + _LONGEST_HEAD - 1:
        raise BadPacketError("a length takes more than four bytes")
    return 0, 0


def publication(first: int, body: bytes) -> Publication:
    """Read a PUBLISH; raises BadPacketError."""
    qos = first >> 1 & 3
    try:
        at = 2 + (body[0] << 8 | body[1])
        topic, mid = body[2:at], 0
        if qos:
            mid = body[at] << 8 | body[at + 1]
            at += 2
        at = at + 1 if body[at] == 0 else _after(body, at)
    except IndexError:
        raise BadPacketError("a packet ends within its head") from None
    if qos > 1 or at > len(body):
        raise BadPacketError("a publication is not of QoS 0 or 1, or ends within its properties")
    return Publication(topic, body[at:], qos, mid, bool(first & 1))


def welcome(body: bytes) -> Welcome:
    """Read a CONNACK; raises BadPacketError."""
    terms = Properties(PacketTypes.CONNACK)  # type: ignore[no-untyped-call]
    try:
        refusal = "" if body[1] < _FAILURE else reason(PacketTypes.CONNACK, body[1])
        terms.unpack(body[2:])  # type: ignore[no-untyped-call]
    except (IndexError, KeyError, ValueError, struct.error, MQTTException) as error:
        raise BadPacketError(f"its welcome cannot be read: {error}") from None
    said = terms.json()  # type: ignore[no-untyped-call]
    return Welcome(refusal, said.get("ReceiveMaximum", MOST_IDS), said.get("ServerKeepAlive"))


def granted(body: bytes) -> bool:
    """Whether a SUBACK grants every subscription; raises BadPacketError."""
    reasons = body[_after(body, 2) :]
    return len(reasons) > 0 and all(one < _FAILURE for one in reasons)


def _after(body: bytes, at: int) -> int:
    """Where the properties that begin there end; raises BadPacketError."""
    size, start = _size(body, at)
    if start == 0:
        raise BadPacketError("a packet ends within its head")
    return start + size


def reason(kind: int, code: int) -> str:
    """The standard's words for a reason code."""
    try:
        return str(ReasonCode(kind, identifier=code))
    except (KeyError, AssertionError):
        return f"reason {code}"


def _text(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack("!H", len(encoded)) + encoded


def framed(first: int, body: bytes) -> bytes:
    """A packet: its first byte, the length, the body."""
    size, head = len(body), bytearray([first])
    while True:
        size, low = divmod(size, 0x80)
        head.append(low | 0x80 if size else low)
        if not size:
            return bytes(head) + body
