"""Sparkplug B: births name what data only number, deaths count for their own session, numbers show what is missing."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.wire import DeviceEvent, DeviceState, Telemetry
from ingest import sparkplug
from ingest.dialect import Translation
from ingest.library import profiles
from ingest.refusal import RefusedError
from ingest.sparkplug import Nodes, Place, UnbornError
from ingest.sparkplug_payload import Payload, rebirth

SHIPPED = {one.code: one for one in profiles()}
ROOM, GATEWAY = SHIPPED["cold-store-sparkplug"], SHIPPED["gateway-sparkplug"]
PLACE, NODE = ("site", "box", "room"), ("site", "box", "")
NOON = int(datetime(2026, 7, 1, 12, tzinfo=UTC).timestamp() * 1000)


def payload(*metrics: dict[str, Any], seq: int | None = 0, at: int = NOON) -> bytes:
    made = Payload(timestamp=at) if seq is None else Payload(timestamp=at, seq=seq)
    for metric in metrics:
        made.metrics.add(**metric)
    encoded: bytes = made.SerializeToString()
    return encoded


AIR = {"name": "Room/Air Temperature", "alias": 1, "datatype": 9, "float_value": -18.5}
DOOR = {"name": "Door/Open", "alias": 2, "datatype": 11, "boolean_value": False}


def born(*metrics: dict[str, Any]) -> Nodes:
    nodes = Nodes()
    sparkplug.translate(ROOM, PLACE, "DBIRTH", payload(*metrics), nodes)
    return nodes


def test_data_speak_in_the_aliases_of_their_birth() -> None:
    nodes = born(AIR, DOOR)
    said = sparkplug.translate(ROOM, PLACE, "DDATA", payload({"alias": 1, "float_value": -17.5}, seq=1), nodes).said
    assert said == (Telemetry(datetime(2026, 7, 1, 12, tzinfo=UTC), {"air_temp": -17.5}, None, {}),)


def test_a_new_birth_gives_new_aliases() -> None:
    nodes = born(AIR, DOOR)
    sparkplug.translate(ROOM, PLACE, "DBIRTH", payload({**DOOR, "alias": 1}), nodes)
    (said,) = sparkplug.translate(ROOM, PLACE, "DDATA", payload({"alias": 1, "boolean_value": True}), nodes).said
    assert isinstance(said, Telemetry)
    assert said.values == {"door_open": True}


@pytest.mark.parametrize("alias", [1, 9])
def test_data_without_their_birth_are_refused_as_unborn(alias: int) -> None:
    nodes = born({**AIR, "alias": 3})
    with pytest.raises(UnbornError):
        sparkplug.translate(ROOM, PLACE, "DDATA", payload({"alias": alias, "float_value": 1.0}), nodes)
    with pytest.raises(UnbornError):
        sparkplug.translate(ROOM, ("site", "box", "other"), "DDATA", payload(AIR), nodes)


@pytest.mark.parametrize(
    "raw, datatype, value", [(65516, 2, -20.0), (2**32 - 20, 2, -20.0), (200, 5, 200.0), (236, 1, -20.0)]
)
def test_signed_numbers_come_unsigned_and_with_their_bits(raw: int, datatype: int, value: float) -> None:
    nodes = born({"name": "Room/Set Point", "alias": 4, "datatype": datatype, "int_value": 0})
    (said,) = sparkplug.translate(ROOM, PLACE, "DDATA", payload({"alias": 4, "int_value": raw}), nodes).said
    assert isinstance(said, Telemetry)
    assert said.values == {"set_point": value}


def test_what_is_null_is_not_measured_and_what_nobody_reads_is_named() -> None:
    nodes = born(AIR, {"name": "Lamp", "alias": 7, "datatype": 11, "boolean_value": True})
    told = sparkplug.translate(
        ROOM, PLACE, "DDATA", payload({"alias": 1, "is_null": True}, {"alias": 7, "boolean_value": False}), nodes
    )
    assert told == Translation((), ("Lamp",))


def test_events_begin_and_end() -> None:
    alarm = {"name": "Alarm/Person Trapped", "alias": 5, "datatype": 11, "boolean_value": False}
    nodes = born(alarm)
    (said,) = sparkplug.translate(ROOM, PLACE, "DDATA", payload({"alias": 5, "boolean_value": True}), nodes).said
    assert isinstance(said, DeviceEvent)
    assert (said.code, said.phase) == ("trapped", "begin")


def session(number: int) -> dict[str, Any]:
    return {"name": "bdSeq", "datatype": 8, "long_value": number}


def test_the_will_of_an_earlier_connection_is_no_death() -> None:
    nodes = Nodes()
    sparkplug.translate(GATEWAY, NODE, "NBIRTH", payload(session(4)), nodes)
    assert sparkplug.translate(GATEWAY, NODE, "NDEATH", payload(session(3), seq=None), nodes).said == ()
    (said,) = sparkplug.translate(GATEWAY, NODE, "NDEATH", payload(session(4), seq=None), nodes).said
    assert said == DeviceState(online=False, ts=datetime(2026, 7, 1, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    "numbers, missing",
    [([0, 1, 2], []), ([0, 1, 1, 2], []), ([254, 255, 0, 1], []), ([0, 2, 3], [2]), ([5, 7, 8, 3], [7, 3])],
)
def test_a_missing_number_is_noticed_once(numbers: list[int], missing: list[int]) -> None:
    nodes = Nodes()
    told = [nodes.count(PLACE, "DDATA", sparkplug.decode(payload(seq=number))) for number in numbers]
    assert [number for number, known in zip(numbers, told, strict=True) if not known] == missing


def test_a_birth_counts_anew_and_a_copy_leaves_the_first_alone() -> None:
    nodes = Nodes()
    nodes.count(NODE, "NDATA", sparkplug.decode(payload(seq=7)))
    copy = nodes.copy()
    assert copy.count(NODE, "NBIRTH", sparkplug.decode(payload(seq=0)))
    assert (nodes.numbers, copy.numbers) == ({NODE[:2]: 7}, {NODE[:2]: 0})


def test_a_stored_birth_is_known_again() -> None:
    nodes = Nodes()
    nodes.restore(PLACE, payload(AIR))
    (said,) = sparkplug.translate(ROOM, PLACE, "DDATA", payload({"alias": 1, "float_value": 2.0}), nodes).said
    assert isinstance(said, Telemetry)
    assert said.ts - datetime(2026, 7, 1, 12, tzinfo=UTC) == timedelta()


def test_a_rebirth_is_asked_for_as_the_specification_says() -> None:
    said = Payload.FromString(rebirth(NOON))
    (metric,) = said.metrics
    assert (metric.name, metric.datatype, metric.boolean_value) == ("Node Control/Rebirth", 11, True)


@pytest.mark.parametrize(
    "topic", ["spBv1.0/site/NBIRTH/box/room", "spBv1.0/site/DDATA/box", "spBv1.0/site/NCMD/box", "spBv1.0/STATE/x"]
)
def test_other_topics_are_refused(topic: str) -> None:
    with pytest.raises(RefusedError, match="a Sparkplug topic is"):
        sparkplug.parse(topic)
    assert sparkplug.parse("spBv1.0/site/DDATA/box/room").place == PLACE


KINDS = st.sampled_from(["NBIRTH", "NDATA", "NDEATH", "DBIRTH", "DDATA", "DDEATH", "NCMD"])
PLACES = st.sampled_from([PLACE, NODE])


@given(PLACES, KINDS, st.binary(max_size=80))
def test_nonsense_is_refused_and_never_raises_anything_else(place: Place, kind: str, message: bytes) -> None:
    nodes = born(AIR, DOOR)
    with suppress(RefusedError):
        sparkplug.translate(ROOM, place, kind, message, nodes)
