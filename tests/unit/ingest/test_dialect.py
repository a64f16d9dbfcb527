"""A vendor's own messages, as profiles map them: every shipped vector comes out; nonsense is refused, no more."""

from contextlib import suppress
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import profile
from domain.profile import BadProfileError, DeviceProfile
from domain.wire import DeviceEvent, EventPhase, Telemetry
from ingest import dialect, library, vectors
from ingest.refusal import RefusedError

SHIPPED = {one.code: one for one in library.profiles()}
MAPPED = [one for one in SHIPPED.values() if one.mapping]
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)

ROOM = """
code = "room"
kind = "cold_store"
version = 1
zh = "库"
en = "Room"
source = "test"
silence_s = 60.0
[[metrics]]
name = "air_temp"
unit = "Cel"
zh = "温度"
en = "Air"
low = -60.0
high = 60.0
[[metrics]]
name = "door_open"
unit = "1"
zh = "门"
en = "Door"
low = 0.0
high = 1.0
flag = true
[[events]]
code = "trapped"
zh = "困"
en = "Trapped"
"""


def mapped(rest: str) -> DeviceProfile:
    """The room's profile with a mapping of telemetry on topic t."""
    return profile.parse(f'{ROOM}\n[[mapping]]\ntopic = "t"\ngives = "telemetry"\n{rest}')


def said(one: DeviceProfile, message: object, topic: str = "t") -> Telemetry:
    (told,) = dialect.translate(one, topic, msgspec.json.encode(message)).said
    assert isinstance(told, Telemetry)
    return told


AT_T = 'time = { at = "/t", kind = "epoch_s" }\n'


@pytest.mark.parametrize("code", sorted(SHIPPED))
def test_every_vector_of_the_shipped_profiles_comes_out(code: str) -> None:
    assert vectors.faults(SHIPPED[code]) == []
    assert SHIPPED[code].vector


def test_a_vector_that_does_not_come_out_is_named() -> None:
    text = f"{ROOM}\n[[vector]]\nname = 'warm'\ntopic = 'telemetry'\n"
    text += 'payload = \'{"ts":"2026-07-01T12:00:00Z","values":{"air_temp":3}}\'\n'
    wrong = profile.parse(text + "readings = [{ ts = 2026-07-01T12:00:00Z, values = { air_temp = 4.0 } }]\n")
    assert [fault.partition(":")[0] for fault in vectors.faults(wrong)] == ["vector 'warm'"]
    assert vectors.faults(profile.parse(text + "refused = 'cold'\n")) == [
        "vector 'warm': taken, though it was to be refused because cold"
    ]


@pytest.mark.parametrize(
    "source, given_value, value",
    [
        ("", -18.5, -18.5),
        ("scale = 0.1", -185, -18.5),
        ("scale = 0.1, offset = -40", 215, -18.5),
        ("absent = [32767]", 32767, None),
        ("absent = [0]", False, False),
        ("text = true", "-18.5", -18.5),
        ("words = { cold = -18.5 }", "cold", -18.5),
        ("words = { true = 1.0, false = 0.0 }", True, 1.0),
        ("bit = 2", 4, True),
        ("bit = 2, invert = true", 4, False),
        ("", None, None),
    ],
)
def test_what_is_done_to_a_number(source: str, given_value: object, value: float | bool | None) -> None:
    place = 'at = "/a"' + (f", {source}" if source else "")
    one = mapped(f'{AT_T}[mapping.values]\nair_temp = {{ {place} }}\ndoor_open = {{ at = "/d" }}')
    told = said(one, {"t": NOON.timestamp(), "a": given_value, "d": True})
    expected = {"air_temp": value, "door_open": True} if value is not None else {"door_open": True}
    assert told.values == pytest.approx(expected)
    assert told.ts == NOON


@pytest.mark.parametrize(
    "time, given_value",
    [
        ('kind = "epoch_s"', NOON.timestamp()),
        ('kind = "epoch_ms"', str(int(NOON.timestamp() * 1000))),
        ('kind = "iso"', "2026-07-01T20:00:00+08:00"),
        ('kind = "iso", offset = "+08:00"', "2026-07-01 20:00:00"),
        ('kind = "local", form = "%Y%m%d%H%M%S", offset = "+08:00"', 20260701200000),
    ],
)
def test_how_vendors_write_times(time: str, given_value: object) -> None:
    one = mapped(f'time = {{ at = "/x~1y/0", {time} }}\n[mapping.values]\nair_temp = {{ at = "/a" }}')
    assert said(one, {"x/y": [given_value], "a": 1}).ts == NOON


@pytest.mark.parametrize(
    "message, reason",
    [
        (b"{", "not JSON"),
        (b'{"t":1,"b":2}', "nothing of what the mapping of t reads"),
        (b'{"a":1}', "nothing lies at /t"),
        (b'{"t":"soon","a":1}', "'soon' at /t is no time"),
        (b'{"t":1e300,"a":1}', "is no time"),
        (b'{"t":1,"a":[1]}', "[1] at /a is no number"),
        (b'{"t":1,"a":"1"}', "'1' at /a is no number"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(message: bytes, reason: str) -> None:
    one = mapped(f'{AT_T}[mapping.values]\nair_temp = {{ at = "/a" }}')
    with pytest.raises(RefusedError) as refused:
        dialect.translate(one, "t", message)
    assert reason in str(refused.value)


def test_a_topic_or_a_kind_of_message_that_nothing_maps_is_refused() -> None:
    one = mapped(f'when = {{ at = "/kind", equals = "status" }}\n{AT_T}[mapping.values]\nair_temp = {{ at = "/a" }}')
    assert said(one, {"kind": "status", "t": 0, "a": 1}).values == {"air_temp": 1}
    with pytest.raises(RefusedError, match="maps no topic u"):
        dialect.translate(one, "u", b"{}")
    with pytest.raises(RefusedError, match="has a condition that this message meets"):
        dialect.translate(one, "t", b'{"kind":"log"}')


def test_points_with_times_of_their_own_are_told_time_by_time() -> None:
    points = 'points = { list = "/p", name = "/n", value = "/v", time = { at = "/t", kind = "epoch_s" } }\n'
    one = mapped(f'{points}[mapping.values]\nair_temp = {{ at = "/A" }}\ndoor_open = {{ at = "/D" }}')
    message = {"p": [{"n": "A", "v": 1, "t": 10}, {"n": "D", "v": True, "t": 10}, {"n": "A", "v": 2, "t": 20}]}
    told = dialect.translate(one, "t", msgspec.json.encode(message)).said
    assert [one.values for one in told if isinstance(one, Telemetry)] == [
        {"air_temp": 1, "door_open": True},
        {"air_temp": 2},
    ]


def test_no_fault_is_no_event() -> None:
    text = f'{ROOM}\n[[mapping]]\ntopic = "e"\ngives = "event"\n{AT_T}'
    text += (
        '[mapping.event]\ncode = { at = "/c", words = { "0" = "", "7" = "trapped" } }\nphase = { always = "begin" }\n'
    )
    one = profile.parse(text)
    assert dialect.translate(one, "e", b'{"t":0,"c":0}').said == ()
    (event,) = dialect.translate(one, "e", b'{"t":0,"c":7}').said
    assert isinstance(event, DeviceEvent)
    assert (event.code, event.phase) == ("trapped", EventPhase.BEGIN)


@pytest.mark.parametrize(
    "rest, words",
    [
        ('[mapping.values]\nair_temp = { at = "/a" }', "does not say where the time is"),
        (f'{AT_T}[mapping.values]\nspeed = {{ at = "/a" }}', "reads speed, which is no metric"),
        (f'{AT_T}[mapping.values]\nair_temp = {{ at = "/a", unit = "kPa" }}', "'kPa' measures pressure"),
        (f"{AT_T}", "but does not say from what"),
        ('time = { at = "t", kind = "iso" }\n[mapping.values]\nair_temp = { at = "/a" }', "regex"),
        ('time = { at = "/t", kind = "local" }\n[mapping.values]\nair_temp = { at = "/a" }', "its form and its offset"),
        (f'{AT_T}[mapping.values]\nair_temp = {{ at = "/a", factor = 2 }}', "unknown field `factor`"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused_when_it_is_read(rest: str, words: str) -> None:
    with pytest.raises(BadProfileError, match=words):
        mapped(rest)


def test_a_profile_is_built_on_another_whatever_the_order() -> None:
    lift, dialect_of_it = SHIPPED["elevator-second-list"], SHIPPED["elevator-thing-model"]
    assert dialect_of_it.metrics == lift.metrics
    assert dialect_of_it.base == lift.code
    with pytest.raises(BadProfileError, match="there is no profile 'nowhere' to build on"):
        library.resolve(['code = "x"\nbase = "nowhere"\nversion = 1\nzh = "x"\nen = "y"\nsource = "t"\n'])


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers(-(2**70), 2**70) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["params", "liftStatus", "time", "points", "tag", "v", "q", "ts", "alarms", "id", "t", "SJ", "JZ"]
)
NEAR = st.dictionaries(NAMES, st.dictionaries(NAMES, JSON) | st.lists(st.dictionaries(NAMES, JSON), max_size=3) | JSON)


@given(st.sampled_from(MAPPED), st.integers(0, 4), JSON | NEAR | st.binary(max_size=60))
def test_nonsense_is_refused_and_never_raises_anything_else(one: DeviceProfile, which: int, message: object) -> None:
    mapping = one.mapping[which % len(one.mapping)]
    payload = message if isinstance(message, bytes) else msgspec.json.encode(message)
    with suppress(RefusedError):
        dialect.translate(one, mapping.topic.replace("+", "x"), payload)


def test_a_gap_is_longer_than_a_healthy_devices_silence() -> None:
    assert SHIPPED["elevator-gbt24476"].gap_s == 450.0
    assert SHIPPED["cold-store"].gap_s == SHIPPED["cold-store"].silence_s == 600.0
    with pytest.raises(BadProfileError, match="may be quiet for 90 s, but is silent after 60 s"):
        profile.parse(ROOM.replace("silence_s = 60.0", "silence_s = 60.0\nsampling = { period_s = 90.0 }"))
