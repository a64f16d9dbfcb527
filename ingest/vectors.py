"""Test vectors: a profile's own examples of messages, held against what the profile makes of them."""

import math
from collections.abc import Callable, Iterator
from operator import eq

import msgspec

from domain.mapping import Readings, Vector, VectorResult
from domain.profile import DeviceProfile
from domain.topic import Channel
from domain.wire import DeviceEvent, DeviceState, Telemetry, Transaction
from ingest import dialect, sparkplug
from ingest.dialect import Translation
from ingest.refusal import RefusedError
from ingest.sparkplug import Nodes

_NATIVE: dict[str, type[Telemetry | DeviceEvent | Transaction | DeviceState]] = {
    Channel.TELEMETRY: Telemetry,
    Channel.EVENT: DeviceEvent,
    Channel.TRANSACTION: Transaction,
    Channel.STATE: DeviceState,
}


def faults(profile: DeviceProfile) -> list[str]:
    """One sentence for each vector that does not come out; none: all do."""
    return [f"vector {one.name!r}: {fault}" for one in results(profile) for fault in one.faults]


def results(profile: DeviceProfile) -> tuple[VectorResult, ...]:
    """What comes of each vector."""
    return tuple(VectorResult(vector.name, tuple(_faults(profile, vector))) for vector in profile.vector)


def _faults(profile: DeviceProfile, vector: Vector) -> Iterator[str]:
    try:
        translation = translate(profile, vector)
        readings = tuple(stored(profile, one) for one in translation.said if isinstance(one, Telemetry))
    except RefusedError as error:
        if not vector.refused:
            yield f"refused: {error}"
        elif vector.refused not in str(error):
            yield f"refused, but because {error}"
        return
    if vector.refused:
        yield f"taken, though it was to be refused because {vector.refused}"
    else:
        yield from _compare("readings", vector.readings, readings, _same_readings)
        yield from _differences(profile, vector, translation)


def translate(profile: DeviceProfile, vector: Vector) -> Translation:
    """What the vector's message says; raises RefusedError."""
    if profile.sparkplug is not None:
        return _sparkplug(profile, vector, Nodes())
    if not profile.mapping and vector.topic in _NATIVE:
        try:
            return Translation((msgspec.json.decode(vector.bytes, type=_NATIVE[vector.topic]),))
        except (ValueError, RecursionError) as error:
            raise RefusedError(str(error)) from None
    return dialect.translate(profile, vector.topic, vector.bytes)


def _sparkplug(profile: DeviceProfile, vector: Vector, nodes: Nodes) -> Translation:
    before = next((one for one in profile.vector if one.name == vector.after), None)
    if before is not None:
        _sparkplug(profile, before, nodes)
    return sparkplug.translate(profile, ("group", "node", "device"), vector.topic, vector.bytes, nodes)


def _differences(profile: DeviceProfile, vector: Vector, translation: Translation) -> Iterator[str]:
    said = translation.said
    yield from _compare("events", vector.events, tuple(one for one in said if isinstance(one, DeviceEvent)))
    yield from _compare("sales", vector.sales, tuple(one for one in said if isinstance(one, Transaction)))
    online = next((one.online for one in said if isinstance(one, DeviceState)), None)
    if online != vector.online:
        yield f"online is {online}, not {vector.online}"
    if set(translation.unread) != set(vector.unread):
        yield f"unread are {sorted(translation.unread)}, not {sorted(vector.unread)}"
    for event in said:
        if isinstance(event, DeviceEvent) and profile.event(event.code) is None:
            yield f"the profile has no event {event.code!r}"


def stored(profile: DeviceProfile, said: Telemetry) -> Readings:
    """What is stored of telemetry: in the profile's units and polarity. Raises RefusedError for units."""
    values: dict[str, float] = {}
    for name, value in said.values.items():
        metric = profile.metric(name)
        if metric is not None:
            try:
                scale, offset = metric.conversion(said.units.get(name, ""))
            except ValueError as error:
                raise RefusedError(f"metric {name}: {error}") from None
            values[name] = float(value) * scale + offset
    return Readings(said.ts, values)


def _same_readings(one: object, other: object) -> bool:
    if not isinstance(one, Readings) or not isinstance(other, Readings) or one.ts != other.ts:
        return False
    return one.values.keys() == other.values.keys() and all(
        math.isclose(value, other.values[name], rel_tol=1e-9, abs_tol=1e-9) for name, value in one.values.items()
    )


def _compare(
    what: str, wanted: tuple[object, ...], got: tuple[object, ...], same: Callable[[object, object], bool] = eq
) -> Iterator[str]:
    if len(wanted) != len(got) or not all(same(one, other) for one, other in zip(wanted, got, strict=True)):
        yield f"{what} are {_shown(got)}, not {_shown(wanted)}"


def _shown(values: tuple[object, ...]) -> str:
    return msgspec.json.encode(values).decode()
