"""What is read, what is refused and with which sentence; whose clock is believed."""

from collections.abc import Mapping

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.quality import Quality
from domain.wire import EdgeBatch, EdgeItem
from ingest import clock, measure
from ingest.edge_reader import split
from ingest.landing import Landing
from ingest.library import profiles
from ingest.message import Message, message_key
from ingest.reader import read
from ingest.roster import Roster, build
from store.roster import DeviceRow, EdgeRow, MetricRow, RosterRows

NOW = 1_795_323_967_000_000  # 2026-11-22T05:06:07Z
MINUTE = 60 * clock.SECOND
TOPIC = "mc/v1/hall/cold/telemetry"


def roster() -> Roster:
    """Device cold at site hall; dumb has no credential of its own; edge gone is revoked."""
    shipped = profiles()
    metrics = [(profile.code, metric.name) for profile in shipped for metric in profile.metrics]
    return build(
        RosterRows(
            devices=[
                DeviceRow(1, "hall", "cold", "cold-store", enabled=True),
                DeviceRow(2, "hall", "dumb", "cold-store", enabled=False),
            ],
            edges=[EdgeRow(3, "box", True, 1, ["hall"]), EdgeRow(4, "gone", False, 1, ["hall"])],
            cameras=[],
            metrics=[MetricRow(n, profile, name) for n, (profile, name) in enumerate(metrics)],
            profiles=[msgspec.json.encode(profile).decode() for profile in shipped],
            rules=[],
        )
    )


ROSTER = roster()


def said(values: Mapping[str, object], when: int = NOW, **more: object) -> bytes:
    return msgspec.json.encode({"ts": clock.moment(when), "values": values, **more})


def heard(payload: bytes, topic: str = TOPIC) -> Landing:
    return read([Message(topic, payload, NOW)], ROSTER)


def reasons(landing: Landing) -> list[str]:
    return [letter.reason for letter in landing.dead]


HEAD = b'{"ts":"2026-11-22T05:06:07Z","values":'
NOT = "not a telemetry message: "


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", NOT + "Input data was truncated"),
        (HEAD + b'{"air_temp":1', NOT + "Input data was truncated"),
        (HEAD + b'{"air_temp":NaN}}', NOT + "JSON is malformed: invalid character (byte 50)"),
        (HEAD + b'{"air_temp":1e400}}', NOT + "Number out of range - at `$.values[...]`"),
        (HEAD + b'{"air_temp":1e20}}', "a value is beyond any measurement"),
        (HEAD.replace(b"Z", b"") + b'{"a":1}}', NOT + "Expected `datetime` with a timezone component - at `$.ts`"),
        (HEAD + b'{"Air Temp":1}}', NOT + "a metric's name has lower-case letters, digits and underscores"),
        (HEAD + b'{"air_temp":true}}', "true or false is given for a metric that is a number"),
        (
            HEAD + b'{"air_temp":1},"units":{"air_temp":"kg"}}',
            "metric air_temp: 'kg' measures mass, 'Cel' measures temperature",
        ),
        (
            HEAD + b'{"air_temp":1},"units":{"air_temp":"mile"}}',
            "metric air_temp: unit 'mile' is not a known UCUM code",
        ),
        (HEAD + b'{"air_temp":1},"x":' + b"[" * 100_000 + b"}", NOT + "it is nested too deeply"),
        (b'{"text":"a\\u0000b"}', "a text holds the character U+0000, which cannot be stored"),
        (bytes(300_000), "the payload of 300000 bytes is larger than 262144"),
        (said({"air_temp": 1}, site="other"), "the body speaks for other/None, the topic for another device"),
        (
            said({"air_temp": 1}, NOW - 91 * 1440 * MINUTE),
            "2026-08-23T05:06:07Z is more than 90 days ago: readings are not kept so long",
        ),
    ],
)
def test_what_cannot_be_landed_is_kept_whole_with_the_reason(payload: bytes, reason: str) -> None:
    landing = heard(payload)
    assert reasons(landing) == [reason]
    assert landing.dead[0].payload == payload
    assert len(landing.ledger) == 0
    assert not landing.devices


@pytest.mark.parametrize(
    ("topic", "reason", "unknown"),
    [
        ("mc/v1/hall/ghost/telemetry", "no device ghost is registered at site hall", True),
        ("mc/v1/hall/dumb/telemetry", "device dumb at site hall has no credential of its own", False),
        ("mc/v1/edge/gone/up", "the credential of edge gone is revoked", False),
        ("mc/v1/edge/nobody/up", "no edge nobody is registered", True),
    ],
)
def test_who_may_not_speak_is_named(topic: str, reason: str, unknown: bool) -> None:
    landing = heard(said({"air_temp": 1}), topic)
    assert reasons(landing) == [reason]
    assert landing.unauthorised == [(topic, reason)]
    assert landing.unknown is unknown


@given(st.binary(max_size=200), st.sampled_from(["telemetry", "event", "transaction", "state"]))
def test_any_bytes_are_landed_or_kept(payload: bytes, channel: str) -> None:
    landing = heard(payload, f"mc/v1/hall/cold/{channel}")
    assert len(landing.dead) + len(landing.ledger) + (channel == "state" and bool(landing.devices)) == 1


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_in_an_edges_batch_is_answered(body: object) -> None:
    item = EdgeItem(7, msgspec.Raw(msgspec.json.encode(body)))
    landing = heard(msgspec.json.encode(EdgeBatch("5" * 32, (item,))), "mc/v1/edge/box/up")
    assert landing.acks == {("box", "5" * 32): [7]}
    assert len(landing.dead) == 1


def test_unknown_metrics_are_told_once_and_the_others_land() -> None:
    landing = read([Message(TOPIC, said({"gamma": 1.0, "air_temp": n}), NOW) for n in range(3)], ROSTER)
    assert len(landing.ledger) == 3
    assert {one.letter.key for one in landing.left} == {landing.left[0].letter.key}
    assert len({one.leftover.key for one in landing.left}) == 3
    assert {(one.reason, one.landed) for one in landing.left} == {
        ("profile cold-store has no metric gamma", ("air_temp",))
    }
    columns = measure.columns(landing.measured["cold-store"], np.array([True, False, True]), NOW)
    assert columns.readings().value.tolist() == [0.0, 2.0]


def test_units_are_converted_and_what_is_unbelievable_is_flagged() -> None:
    messages = [
        Message(TOPIC, said({"humidity": 50, "air_temp": 14}, units={"air_temp": "[degF]"}), NOW),
        Message(TOPIC, said({"air_temp": -127.0, "door_open": True}, NOW + 6 * MINUTE), NOW),
    ]
    landing = read(messages, ROSTER)
    columns = measure.columns(landing.measured["cold-store"], np.ones(2, dtype=np.bool_), NOW)
    names = [columns.table.names[column] for column in columns.column]
    assert names == ["humidity", "air_temp", "air_temp", "door_open"]
    assert columns.value.tolist() == pytest.approx([50.0, -10.0, -127.0, 1.0])
    assert columns.quality.tolist() == [0, 0, Quality.RANGE | Quality.CLOCK, Quality.CLOCK]
    assert columns.readings().time.tolist() == [NOW] * 4


def test_what_is_told_late_is_flagged_as_historical() -> None:
    messages = [Message(TOPIC, said({"air_temp": 1.0}, NOW - age), NOW) for age in (0, clock.STALE, clock.STALE + 1)]
    columns = measure.columns(read(messages, ROSTER).measured["cold-store"], np.ones(3, dtype=np.bool_), NOW)
    assert columns.quality.tolist() == [0, 0, Quality.HISTORICAL]


@pytest.mark.parametrize(
    ("claimed", "stored", "quality"),
    [
        (NOW, NOW, Quality.GOOD),
        (NOW + 5 * MINUTE, NOW + 5 * MINUTE, Quality.GOOD),
        (NOW + 5 * MINUTE + 1, NOW, Quality.CLOCK),
        (NOW + 1440 * MINUTE, NOW, Quality.CLOCK),
        (4_070_908_800_000_000, NOW, Quality.CLOCK),  # 2099
        (0, NOW, Quality.CLOCK),  # 1970
        (clock.UNSET - 1, NOW, Quality.CLOCK),
        (NOW - 1440 * MINUTE, NOW - 1440 * MINUTE, Quality.GOOD),
        (NOW - clock.KEPT, NOW - clock.KEPT, Quality.GOOD),
    ],
)
def test_whose_clock_is_believed(claimed: int, stored: int, quality: Quality) -> None:
    assert clock.judge(claimed, NOW) == (stored, quality)


def test_an_edges_word_for_when_it_heard_is_believed_within_reason() -> None:
    assert clock.heard(NOW - 3600 * clock.SECOND, NOW) == NOW - 3600 * clock.SECOND
    assert clock.heard(NOW + 6 * MINUTE, NOW) == NOW
    assert clock.heard(0, NOW) == NOW


@given(st.datetimes(timezones=st.just(clock.moment(0).tzinfo)))
def test_instants_are_exact(moment: object) -> None:
    assert clock.moment(clock.instant(moment)) == moment  # type: ignore[arg-type]


def test_a_repeat_has_the_same_key_and_another_topic_has_not() -> None:
    one = heard(said({"air_temp": 1})).ledger
    relayed = {"kind": "relayed", "topic": TOPIC, "payload": said({"air_temp": 1}), "heard": clock.moment(NOW)}
    batch = EdgeBatch("5" * 32, (EdgeItem(1, msgspec.Raw(msgspec.json.encode(relayed))),))
    other = heard(msgspec.json.encode(batch), "mc/v1/edge/box/up").ledger
    assert (one.source, one.key, one.time) == (other.source, other.key, other.time)
    assert message_key("a", b"b") != message_key("b", b"b")


def test_a_batch_that_the_database_refuses_is_taken_apart() -> None:
    items = tuple(EdgeItem(n, msgspec.Raw(b'{"n":%d}' % n)) for n in range(3))
    message = Message("mc/v1/edge/box/up", msgspec.json.encode(EdgeBatch("5" * 32, items)), NOW, mid=9)
    parts = split(message)
    assert [msgspec.json.decode(part.payload, type=EdgeBatch).items for part in parts] == [(item,) for item in items]
    assert {part.mid for part in parts} == {9}
    assert split(Message(TOPIC, message.payload, NOW)) == [Message(TOPIC, message.payload, NOW)]
