"""The AsyncAPI document: its references lead somewhere, its addresses are those that the code reads."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from domain import topic
from ingest import sparkplug
from ingest.library import profiles
from mingchu.conformance.asyncapi import document

DOCUMENT: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document(profiles(), "1.2.3")))
CHANNELS: dict[str, dict[str, Any]] = DOCUMENT["channels"]


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(found := part.get("$ref"), str):
            yield found
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def test_it_is_of_version_three_and_every_reference_leads_somewhere() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    found = set(references(DOCUMENT))
    assert found
    for reference in found:
        place: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            assert step in place, reference
            place = place[step]


@pytest.mark.parametrize("name", sorted(CHANNELS))
def test_a_channel_names_its_parameters_and_its_address_is_read(name: str) -> None:
    channel = CHANNELS[name]
    assert re.fullmatch(r"[A-Za-z0-9._-]+", name)
    assert set(re.findall(r"{(\w+)}", channel["address"])) == set(channel["parameters"])
    real = re.sub(r"{\w+}", "x", channel["address"])
    match real.partition("/")[0]:
        case "mc":
            topic.parse(real)
        case "mx":
            topic.parse_foreign(real)
        case _:
            sparkplug.parse(real)


def test_every_channel_is_sent_on_once_and_every_profile_is_there() -> None:
    used = [operation["channel"]["$ref"].rpartition("/")[2] for operation in DOCUMENT["operations"].values()]
    assert sorted(used) == sorted(CHANNELS)
    assert {name.rpartition(".")[0] for name in CHANNELS} == {one.code for one in profiles()}


def test_metrics_say_unit_range_and_polarity() -> None:
    def values(code: str) -> dict[str, Any]:
        found: dict[str, Any] = CHANNELS[f"{code}.telemetry"]["messages"]["message"]["payload"]["allOf"][1]
        metrics: dict[str, Any] = found["properties"]["values"]["properties"]
        return metrics

    speed = values("elevator-gbt24476")["speed"]
    assert (speed["x-ucum-unit"], speed["minimum"], speed["maximum"]) == ("m/s", -25.0, 25.0)
    assert "0 or false says yes" in values("elevator-second-list")["door_closed"]["description"]
    assert {"const": 2.0, "title": "inspection", "description": "检修"} in values("elevator-gbt24476")["service_mode"][
        "oneOf"
    ]
