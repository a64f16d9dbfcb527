"""A broken link: nothing that was said is lost, what comes twice is marked, and nonsense is nobody's word."""

import random
from collections import Counter

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.device_kind import KINDS
from simulators.link import Kind, Link, Parcel, garble
from simulators.scenario_file import FaultRole
from simulators.terminal import Message
from tests.device_life import TYPES, born, events, sales, telemetry

HOUR = 3600.0


def message(number: int) -> Message:
    return Message("mc/v1/s/d/telemetry", b'{"ts":"2026-03-01T08:00:00Z","values":{"x":%d}}' % number)


def number_of(parcel: Parcel) -> int:
    return int(parcel.message.payload.rsplit(b":", 1)[1].rstrip(b"}"))


def send(link: Link, count: int, until: float) -> list[Parcel]:
    """One message a second, then time until all had their chance."""
    arrived = []
    for now in range(int(until)):
        arrived += link.carry(float(now), [message(now)] if now < count else [])
    return arrived


def test_a_good_link_delivers_at_once_and_in_order() -> None:
    link = Link(random.Random(1))
    assert link.carry(0.0, [message(1), message(2)]) == [Parcel(message(1)), Parcel(message(2))]


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 1000),
    faults=st.dictionaries(st.sampled_from(["loss", "duplicates", "garbage"]), st.floats(0, 0.9)),
    late=st.sampled_from([None, 30.0]),
    reorder=st.sampled_from([None, 20.0]),
)
def test_whatever_a_link_does_each_message_arrives_once_and_the_rest_is_marked(
    seed: int, faults: dict[str, float], late: float | None, reorder: float | None
) -> None:
    link = Link(random.Random(seed))
    link.faults = dict(faults) | ({"late": late} if late else {}) | ({"reordering": reorder} if reorder else {})
    arrived = send(link, 60, 100)
    link.faults.clear()
    arrived += link.carry(1e6, [])
    counts = Counter(parcel.message for parcel in arrived if parcel.kind is Kind.MESSAGE)
    assert counts == Counter({message(number): 1 for number in range(60)})
    repeats = [parcel.message for parcel in arrived if parcel.kind is Kind.REPEAT]
    assert set(repeats) <= set(counts)
    assert len(repeats) == len(set(repeats))
    assert link.waiting == 0


def test_a_lost_message_is_tried_again() -> None:
    link = Link(random.Random(1))
    link.faults = {"loss": 0.5}
    arrived = send(link, 50, 200)
    assert link.lost > 20
    assert len(arrived) == 50
    assert arrived != sorted(arrived, key=number_of)


def test_reordering_lets_later_messages_overtake_none_by_more_than_its_amount() -> None:
    link = Link(random.Random(1))
    link.faults = {"reordering": 5.0}
    numbers = [number_of(parcel) for parcel in send(link, 100, 120)]
    assert sorted(numbers) == list(range(100))
    assert numbers != sorted(numbers)
    assert all(abs(place - number) <= 6 for place, number in enumerate(numbers))


def test_an_outage_holds_everything_and_then_gives_it_in_order() -> None:
    link = Link(random.Random(1))
    link.faults = {"outage": 1.0}
    assert send(link, 20, 30) == []
    link.faults.clear()
    assert [parcel.message for parcel in link.carry(31.0, [])] == [message(number) for number in range(20)]


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), channel=st.sampled_from(["telemetry", "event", "transaction"]))
def test_garbage_is_no_message_of_its_channel(seed: int, channel: str) -> None:
    life = born("scale", seed=1, faults=[FaultRole(1.0, "cover-opened", 5.0)])
    said = life.live(20)
    one = next(each for each in said if each.topic.endswith(f"/{channel}"))
    nonsense = garble(Message(one.topic, one.payload), random.Random(seed))
    assert nonsense.topic == one.topic
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        msgspec.json.decode(nonsense.payload, type=TYPES[channel])


def test_late_messages_keep_their_time() -> None:
    life = born("cold_store", every_s=60, faults=[FaultRole(0.0, "late", 600, 2 * HOUR)])
    assert telemetry(life.live(600)) == []
    assert len(telemetry(life.live(60, 30))) >= 1  # it is over: what is said now comes now
    late = [each for each in life.live(2 * HOUR, 30) if telemetry([each])[0].ts.timestamp() < 1772352600]
    assert len(late) >= 10
    assert all(7190 < each.at + 1772352000 - telemetry([each])[0].ts.timestamp() < 7240 for each in late)


def test_a_wrong_clock_shows_in_every_message_and_is_set_right() -> None:
    life = born("scale", faults=[FaultRole(10.0, "clock-skew", 30.0, -86_400.0), FaultRole(12.0, "cover-opened", 5.0)])
    life.live(9.5)
    during = life.live(30)[2:]
    days = {one.ts.day for one in telemetry(during)} | {one.ts.day for one in events(during)}
    days |= {one.ts.day for one in sales(during)}
    assert days == {28}
    assert {each.ts.day for each in telemetry(life.live(30)[4:])} == {1}


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_silent_device_says_nothing_and_then_at_once_something(kind: str) -> None:
    life = born(kind)
    assert life.live(20)
    life.device.body.begin("silent")
    assert life.live(900) == []
    life.device.body.end("silent")
    assert telemetry(life.live(0.25))


def test_a_record_gap_hides_readings_and_no_events() -> None:
    life = born("cold_store")
    life.device.body.begin("record-gap")
    life.device.body.begin("trapped-person")
    said = life.live(700)
    assert telemetry(said) == []
    assert [one.code for one in events(said)] == ["trapped"]
    life.device.body.end("record-gap")
    assert telemetry(life.live(1))
