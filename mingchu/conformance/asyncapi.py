"""An AsyncAPI 3.0 document of what devices send, made from their profiles: for a vendor's engineers and generators."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from domain import unit
from domain.mapping import Mapping, Vector
from domain.profile import DeviceKind, DeviceProfile, Metric
from domain.topic import FOREIGN, ROOT, Channel
from domain.wire import DeviceEvent, DeviceState, Telemetry, Transaction
from ingest import sparkplug

_TYPES: dict[Channel, type[msgspec.Struct]] = {
    Channel.TELEMETRY: Telemetry,
    Channel.EVENT: DeviceEvent,
    Channel.TRANSACTION: Transaction,
    Channel.STATE: DeviceState,
}
_REF = "#/components/schemas/{name}"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Route:
    """One kind of message of one profile. `payload`: a JSON Schema, None for protobuf or a vendor's own JSON."""

    name: str
    address: str
    title: str
    description: str
    payload: Json | None = None
    content: str = "application/json"
    retain: bool = False
    qos: int = 1
    examples: tuple[Json, ...] = ()


def document(profiles: Iterable[DeviceProfile], version: str) -> Json:
    """The whole document, ready for JSON."""
    routes = [route for profile in profiles for route in _routes(profile)]
    _, schemas = msgspec.json.schema_components(list(_TYPES.values()), ref_template=_REF)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Mingchu devices (明厨设备接入)",
            "version": version,
            "description": "What devices send, one operation for each kind of message of each profile. Each device has "
            "a user and a password of its own, and publishes below its own topics only.",
            "license": {"name": "AGPL-3.0-or-later"},
        },
        "defaultContentType": "application/json",
        "servers": {"broker": _server()},
        "channels": {route.name: _channel(route) for route in routes},
        "operations": {f"{route.name}.send": _operation(route) for route in routes},
        "components": {
            "schemas": schemas,
            "parameters": {"site": {"description": "the site's code"}, "device": {"description": "the device's code"}},
            "securitySchemes": {"login": {"type": "userPassword", "description": "user {site}.{device}"}},
        },
    }


def _server() -> Json:
    return {
        "host": "{host}:8883",
        "protocol": "mqtts",
        "protocolVersion": "3.1.1 or 5.0",
        "description": "The authority's certificate: `mingchu broker ca`.",
        "variables": {"host": {"description": "the broker's name", "default": "localhost"}},
        "security": [{"$ref": "#/components/securitySchemes/login"}],
    }


def _routes(profile: DeviceProfile) -> Iterator[_Route]:
    if profile.sparkplug is not None:
        yield from _sparkplug(profile)
    elif profile.mapping:
        seen: set[str] = set()
        for mapping in profile.mapping:
            if mapping.topic not in seen:
                seen.add(mapping.topic)
                yield _foreign(profile, mapping, len(seen))
    else:
        for channel in _channels(profile):
            yield _native(profile, channel)


def _channels(profile: DeviceProfile) -> Iterator[Channel]:
    yield Channel.TELEMETRY
    if profile.events:
        yield Channel.EVENT
    if profile.kind is DeviceKind.SCALE and not profile.code.startswith("kitchen"):
        yield Channel.TRANSACTION
    yield Channel.STATE


def _native(profile: DeviceProfile, channel: Channel) -> _Route:
    payload: Json = {"$ref": f"#/components/schemas/{_TYPES[channel].__name__}"}
    if channel is Channel.TELEMETRY:
        payload = {"allOf": [payload, {"properties": _telemetry(profile)}]}
    elif channel is Channel.EVENT:
        codes = [{"const": event.code, "title": event.en, "description": event.zh} for event in profile.events]
        payload = {"allOf": [payload, {"properties": {"code": {"oneOf": codes}}}]}
    return _Route(
        name=f"{profile.code}.{channel}",
        address=f"{ROOT}/{{site}}/{{device}}/{channel}",
        title=f"{profile.en}: {channel}",
        description=f"{profile.zh}. {profile.source}",
        payload=payload,
        retain=channel is Channel.STATE,
        examples=tuple(_examples(one for one in profile.vector if one.topic == channel and not one.refused)),
    )


def _telemetry(profile: DeviceProfile) -> Json:
    units = {metric.name: {"enum": _convertible(metric)} for metric in profile.metrics}
    return {
        "values": {"properties": {metric.name: _metric(metric) for metric in profile.metrics}},
        "units": {"properties": units, "description": "only where a unit is not the metric's own"},
    }


def _metric(metric: Metric) -> Json:
    said: Json = {"title": metric.en, "description": metric.zh, "x-ucum-unit": metric.unit}
    if metric.flag:
        polarity = "0 or false says yes" if metric.inverted else "1 or true says yes"
        return said | {"type": ["boolean", "number"], "description": f"{metric.zh}; {polarity}"}
    if metric.values:
        return said | {"oneOf": [{"const": one.value, "title": one.en, "description": one.zh} for one in metric.values]}
    return said | {"type": "number", "minimum": metric.low, "maximum": metric.high}


def _convertible(metric: Metric) -> list[str]:
    quantity = unit.UNITS[metric.unit].quantity
    return [name for name, one in unit.UNITS.items() if one.quantity == quantity]


def _foreign(profile: DeviceProfile, mapping: Mapping, number: int) -> _Route:
    levels = mapping.topic.replace("#", "+").split("/")
    named = [f"{{level{n}}}" if level == "+" else level for n, level in enumerate(levels, 1)]
    return _Route(
        name=f"{profile.code}.{number}",
        address="/".join((FOREIGN, "{site}", "{device}", *named)),
        title=f"{profile.en}: {mapping.gives}",
        description=f"{profile.zh}. The vendor's own JSON, read as the profile maps it.",
        examples=tuple(_examples(one for one in profile.vector if one.topic == mapping.topic and not one.refused)),
    )


def _sparkplug(profile: DeviceProfile) -> Iterator[_Route]:
    is_gateway = profile.kind is DeviceKind.GATEWAY
    kinds = sparkplug.NODE_KINDS if is_gateway else sparkplug.DEVICE_KINDS
    for kind in kinds:
        yield _Route(
            name=f"{profile.code}.{kind}",
            address=f"{sparkplug.ROOT}/{{site}}/{kind}/" + ("{device}" if is_gateway else "{gateway}/{device}"),
            title=f"{profile.en}: {kind}",
            description=f"{profile.zh}. Sparkplug 3.0 payload (protobuf).",
            content="application/x-protobuf",
            qos=1 if kind == "NDEATH" else 0,
        )


def _examples(vectors: Iterable[Vector]) -> Iterator[Json]:
    for one in vectors:
        if one.payload:
            yield {"name": one.name, "payload": msgspec.json.decode(one.payload)}


def _channel(route: _Route) -> Json:
    names = [part[1:-1] for part in route.address.split("/") if part.startswith("{")]
    shared = {name: {"$ref": f"#/components/parameters/{name}"} for name in names if name in ("site", "device")}
    own = {name: {"description": f"{name}: as the device has it"} for name in names if name not in shared}
    message: Json = {"title": route.title, "contentType": route.content}
    if route.payload is not None:
        message["payload"] = route.payload
    if route.examples:
        message["examples"] = list(route.examples)
    return {
        "address": route.address,
        "title": route.title,
        "description": route.description,
        "parameters": shared | own,
        "messages": {"message": message},
    }


def _operation(route: _Route) -> Json:
    channel = f"#/channels/{route.name}"
    return {
        "action": "send",
        "title": route.title,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/message"}],
        "bindings": {"mqtt": {"qos": route.qos, "retain": route.retain, "bindingVersion": "0.2.0"}},
    }
