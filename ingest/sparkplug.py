"""Turns Sparkplug B messages into native ones: births name the metrics, data speak in their aliases (ADR 22).

A group is a site, an edge node a gateway of that site, a device one of the site's devices.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, Literal

from google.protobuf.message import DecodeError

from domain.mapping import Sparkplug
from domain.profile import DeviceProfile
from domain.wire import MAX_PAYLOAD, DeviceEvent, DeviceState, EventPhase, Telemetry
from ingest.dialect import Said, Translation, read_number
from ingest.refusal import RefusedError
from ingest.sparkplug_payload import BD_SEQ, SIGNED, Payload

ROOT = "spBv1.0"
Kind = Literal["NBIRTH", "NDATA", "NDEATH", "DBIRTH", "DDATA", "DDEATH"]
NODE_KINDS: tuple[Kind, ...] = ("NBIRTH", "NDATA", "NDEATH")
DEVICE_KINDS: tuple[Kind, ...] = ("DBIRTH", "DDATA", "DDEATH")
_SEQUENCE = 256  # a node counts its messages from 0 to 255, and again from 0
_ALWAYS = ("Node Control/*", "Device Control/*", BD_SEQ)  # of the protocol itself, never measured
_MOST_METRICS = 5000


class UnbornError(RefusedError):
    """Data came whose BIRTH is not known: the node is asked for it again."""


Place = tuple[str, str, str]  # group, edge node, device ("": the node itself)


@dataclass(frozen=True, slots=True)
class SparkplugTopic:
    """spBv1.0/{group}/{kind}/{node}[/{device}]."""

    group: str
    kind: Kind
    node: str
    device: str = ""

    @property
    def place(self) -> Place:
        return self.group, self.node, self.device


def parse(topic: str) -> SparkplugTopic:
    """Read a topic; raises RefusedError."""
    levels = topic.split("/")
    for kinds, count in ((NODE_KINDS, 4), (DEVICE_KINDS, 5)):
        for kind in kinds:
            if len(levels) == count and levels[0] == ROOT and levels[2] == kind:
                return SparkplugTopic(levels[1], kind, *levels[3:])
    raise RefusedError(f"{topic!r}: a Sparkplug topic is {ROOT}/{{site}}/NBIRTH|NDATA|…/{{gateway}}[/{{device}}]")


@dataclass(frozen=True, slots=True)
class Birth:
    """The metrics that a node or device has announced. `names`: by alias; `types`: by name."""

    names: dict[int, str]
    types: dict[str, int]


@dataclass(slots=True)
class Nodes:
    """What is known of all nodes. A batch works on a copy, which counts once the batch is committed."""

    births: dict[Place, Birth] = field(default_factory=dict)
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)  # the last seq of each node
    sessions: dict[tuple[str, str], int] = field(default_factory=dict)  # the bdSeq of each node's last NBIRTH

    def copy(self) -> "Nodes":
        return Nodes(self.births.copy(), self.numbers.copy(), self.sessions.copy())

    def restore(self, place: Place, payload: bytes) -> None:
        """Know a stored BIRTH again."""
        said = decode(payload)
        self.births[place] = _birth(said)
        if not place[2]:
            self.sessions[place[:2]] = _session(said)

    def count(self, place: Place, kind: Kind, said: Any) -> bool:
        """Follow the node's seq; False where a message before this one is missing. A death has none."""
        node = place[:2]
        if kind == "NDEATH" or not said.HasField("seq"):
            return True
        last = self.numbers.get(node)
        self.numbers[node] = said.seq
        return kind == "NBIRTH" or last is None or said.seq in (last, (last + 1) % _SEQUENCE)


def decode(payload: bytes) -> Any:
    """A Sparkplug payload; raises RefusedError."""
    if len(payload) > MAX_PAYLOAD:
        raise RefusedError(f"the payload of {len(payload)} bytes is larger than {MAX_PAYLOAD}")
    try:
        said = Payload.FromString(payload)
    except DecodeError as error:
        raise RefusedError(f"not a Sparkplug payload: {error}") from None
    if len(said.metrics) > _MOST_METRICS:
        raise RefusedError(f"{len(said.metrics)} metrics are more than {_MOST_METRICS}")
    return said


def translate(profile: DeviceProfile, place: Place, kind: str, payload: bytes, nodes: Nodes) -> Translation:
    """What a node (`place` without a device) or device says; follows births. Raises RefusedError, UnbornError."""
    if profile.sparkplug is None:
        raise RefusedError(f"profile {profile.code} does not read Sparkplug")
    said = decode(payload)
    match kind:
        case "NBIRTH" | "DBIRTH":
            birth = nodes.births[place] = _birth(said)
            if kind == "NBIRTH":
                nodes.sessions[place[:2]] = _session(said)
            told = (DeviceState(online=True, ts=_moment(said.timestamp)),)
            return _with(told, _tell(profile.sparkplug, birth, said))
        case "NDATA" | "DDATA":
            known = nodes.births.get(place)
            if known is None:
                raise UnbornError(f"no BIRTH of {'/'.join(filter(None, place))} is known; it was asked for")
            return _tell(profile.sparkplug, known, said)
        case "NDEATH" if nodes.sessions.get(place[:2]) not in (None, _session(said)):
            return Translation(())  # the will of an earlier connection, which a newer one has outlived
        case "NDEATH" | "DDEATH":
            return Translation((DeviceState(online=False, ts=_moment(said.timestamp) if said.timestamp else None),))
    raise RefusedError(f"{kind!r} is no kind of a Sparkplug message that a terminal sends")


def _with(first: tuple[Said, ...], rest: Translation) -> Translation:
    return Translation((*first, *rest.said), rest.unread)


def _birth(said: Any) -> Birth:
    named = [metric for metric in said.metrics if metric.name]
    return Birth(
        names={metric.alias: metric.name for metric in named if metric.HasField("alias")},
        types={metric.name: metric.datatype for metric in named},
    )


def _session(said: Any) -> int:
    found = (metric for metric in said.metrics if metric.name == BD_SEQ)
    return next((int(metric.long_value or metric.int_value) for metric in found), -1)


@dataclass(frozen=True, slots=True)
class _Point:
    """One metric's value at one time."""

    name: str
    at: datetime
    value: bool | int | float | str


def _tell(mapping: Sparkplug, birth: Birth, said: Any) -> Translation:
    points = list(_points(birth, said))
    read = {number.at for number in (*mapping.values.values(), *mapping.events.values())}
    ignored = (*mapping.ignore, *_ALWAYS)
    unread = (point.name for point in points if point.name not in read)
    left = tuple(dict.fromkeys(name for name in unread if not any(fnmatchcase(name, one) for one in ignored)))
    return Translation((*_telemetry(mapping, points), *_events(mapping, points)), left)


def _points(birth: Birth, said: Any) -> Iterator[_Point]:
    for metric in said.metrics:
        name = metric.name or birth.names.get(metric.alias)
        if name is None:
            raise UnbornError(f"the BIRTH names no metric with the alias {metric.alias}; it was asked for again")
        kind = metric.WhichOneof("value")
        if not metric.is_null and kind not in (None, "bytes_value"):
            datatype = metric.datatype or birth.types.get(name, 0)
            yield _Point(name, _moment(metric.timestamp or said.timestamp), _value(getattr(metric, kind), datatype))


def _value(value: Any, datatype: int) -> Any:
    bits = SIGNED.get(datatype)
    if bits is None or not isinstance(value, int):
        return value
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def _moment(milliseconds: int) -> datetime:
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    except OverflowError:
        raise RefusedError(f"{milliseconds} is no time") from None


def _telemetry(mapping: Sparkplug, points: Iterable[_Point]) -> Iterator[Telemetry]:
    """One message for each time, in order; a metric that comes twice for one time counts as it came last."""
    places = {number.at: name for name, number in mapping.values.items()}
    times: dict[datetime, dict[str, float | bool]] = {}
    for point in points:
        name = places.get(point.name)
        if name is not None and (value := read_number(mapping.values[name], point.value)) is not None:
            times.setdefault(point.at, {})[name] = value
    for at in sorted(times):
        units = {name: unit for name in times[at] if (unit := mapping.values[name].unit)}
        yield Telemetry(at, times[at], None, units)


def _events(mapping: Sparkplug, points: Iterable[_Point]) -> Iterator[DeviceEvent]:
    places = {number.at: code for code, number in mapping.events.items()}
    for point in sorted(points, key=lambda one: one.at):
        code = places.get(point.name)
        if code is not None and (value := read_number(mapping.events[code], point.value)) is not None:
            yield DeviceEvent(point.at, code, EventPhase.BEGIN if value else EventPhase.END)
