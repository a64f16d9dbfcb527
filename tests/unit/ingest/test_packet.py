"""MQTT 5 packets: read as they were written however the stream is cut, and bytes that are none end the connection."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ingest import packet
from ingest.packet import BadPacketError, Login, Publication, Welcome

TOPICS = st.text(min_size=1, max_size=40)
PAYLOADS = st.binary(max_size=20_000)


def terms(kind: int) -> Any:
    """paho's properties, which have no types."""
    return Properties(kind)  # type: ignore[no-untyped-call]


def read(stream: bytes) -> list[tuple[int, bytes]]:
    found, rest = packet.cut(stream)
    assert rest == b""
    return found


@given(st.lists(st.tuples(TOPICS, PAYLOADS, st.integers(0, 65_535), st.booleans()), max_size=5), st.data())
def test_what_is_published_is_read_wherever_the_stream_is_cut(
    said: list[tuple[str, bytes, int, bool]], data: st.DataObject
) -> None:
    stream = b"".join(packet.publish(topic, payload, mid, retain=retain) for topic, payload, mid, retain in said)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    found: list[Publication] = []
    rest = b""
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        packets, rest = packet.cut(rest + stream[start:end])
        found += [packet.publication(first, body) for first, body in packets]
    assert rest == b""
    assert found == [
        Publication(topic.encode(), payload, int(mid > 0), mid, retain) for topic, payload, mid, retain in said
    ]


@given(PAYLOADS, st.text(max_size=200))
def test_a_publications_properties_are_passed_over(payload: bytes, value: str) -> None:
    said = terms(PacketTypes.PUBLISH)
    said.MessageExpiryInterval = 9
    said.UserProperty = [("name", value.replace("\0", "")), ("other", "x")]
    body = b"\0\1t\0\7" + bytes(said.pack()) + payload
    assert packet.publication(0x33, body) == Publication(b"t", payload, 1, 7, True)
    assert packet.publication(0x30, b"\0\1t\0" + payload) == Publication(b"t", payload, 0, 0, False)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        packets, rest = packet.cut(data)
    except BadPacketError:
        return
    assert sum(len(body) + 2 for _, body in packets) + len(rest) <= len(data)
    for first, body in packets:
        try:
            packet.publication(first, body)
        except BadPacketError:
            continue


@pytest.mark.parametrize(
    ("first", "body"),
    [(0x32, b""), (0x32, b"\0\5ab"), (0x32, b"\0\1t\0\1"), (0x34, b"\0\1t\0\1\0"), (0x32, b"\0\1t\0\1\x80")],
)
def test_half_a_publication_is_refused(first: int, body: bytes) -> None:
    with pytest.raises(BadPacketError):
        packet.publication(first, body)


def test_a_length_beyond_four_bytes_is_refused() -> None:
    with pytest.raises(BadPacketError, match="more than four bytes"):
        packet.cut(b"\x30\xff\xff\xff\xff\x01")


def test_acknowledgements_are_one_piece() -> None:
    assert packet.acknowledge([1, 65_535]) == b"\x40\x02\0\1\x40\x02\xff\xff"
    assert packet.acknowledge([]) == b""


def test_the_brokers_welcome() -> None:
    said = terms(PacketTypes.CONNACK)
    said.ReceiveMaximum, said.ServerKeepAlive, said.ReasonString = 20, 9, "hello"
    assert packet.welcome(b"\0\0" + bytes(said.pack())) == Welcome("", 20, 9)
    assert packet.welcome(b"\1\0\0") == Welcome("", 65_535, None)
    assert packet.welcome(b"\0\x87\0").refusal == "Not authorized"
    for broken in (b"", b"\0\0", b"\0\0\5\x21"):
        with pytest.raises(BadPacketError, match="welcome cannot be read"):
            packet.welcome(broken)


def test_which_subscriptions_are_granted() -> None:
    assert packet.granted(b"\0\1\0\1\1")
    assert not packet.granted(b"\0\1\0\1\x87")
    assert not packet.granted(b"\0\1\0")


def test_a_login_says_who_and_on_which_terms() -> None:
    ((first, body),) = read(packet.connect(Login("id", "user", "secret", 30, 60, 100, 4096)))
    assert first == 0x10
    assert body[:10] == b"\0\4MQTT\5\xc0\0\x1e"
    assert body.endswith(b"\0\2id\0\4user\0\6secret")
    said = terms(PacketTypes.CONNECT)
    said.unpack(body[10:])
    assert said.json() == {"SessionExpiryInterval": 60, "ReceiveMaximum": 100, "MaximumPacketSize": 4096}


def test_subscriptions() -> None:
    assert read(packet.subscribe(1, ["a/+", "b"])) == [(0x82, b"\0\1\0\0\3a/+\1\0\1b\1")]
    assert read(packet.unsubscribe(2, ["a/+"])) == [(0xA2, b"\0\2\0\0\3a/+")]
