"""How a vendor's own messages are read: a profile's `[[mapping]]` and `[sparkplug]`. Declared, not programmed (ADR 22).

A pointer is a JSON Pointer (RFC 6901) into the item that is read; in its fragment form (`#/ts`) it begins at the whole
message. What is not there, or null, is not measured.
"""

from typing import Annotated, Literal

import msgspec

from domain import unit
from domain.code import MetricName
from domain.topic import Channel
from domain.wire import Aware, DeviceEvent, EventPhase, Short, Transaction

Pointer = Annotated[str, msgspec.Meta(pattern=r"^(#?(/.*)?)$", max_length=200)]
Scalar = bool | int | float | str
Offset = Annotated[str, msgspec.Meta(pattern=r"^[+-]\d\d:\d\d$")]
MASSES = {"gross_g": "g", "tare_g": "g", "net_g": "g", "unit_price": "{fen}/kg", "amount": "{fen}"}


class BadMappingError(ValueError):
    """A mapping names metrics and codes of its profile, units that fit them, and what its kind of message needs."""


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Number(_Part, frozen=True):
    """Where a number is (in Sparkplug: the metric's name), and what is done to it in the order of the fields."""

    at: Annotated[str, msgspec.Meta(max_length=200)]
    absent: tuple[Scalar, ...] = ()  # what this vendor says for "not measured"
    words: dict[str, float] = {}  # the vendor's word, written as in JSON without quotes, to its number
    text: bool = False  # the number comes as text
    bit: Annotated[int, msgspec.Meta(ge=0, le=63)] | None = None  # one bit of a whole number
    invert: bool = False  # 0 says yes
    scale: float = 1.0
    offset: float = 0.0
    unit: str = ""  # the UCUM code, where it is not the profile's


class Text(_Part, frozen=True):
    """Where a text or a code is, or what it always is; `words` are the vendor's and ours."""

    at: Pointer | None = None
    always: Short = ""
    words: dict[str, Short] = {}


class Time(_Part, frozen=True):
    """When it was. Every message says so itself: what has no time of its own could not be told from its repeat."""

    at: Pointer
    kind: Literal["iso", "epoch_s", "epoch_ms", "local"]
    offset: Offset | None = None  # of a local time, or of an ISO time that names none
    form: str = ""  # of a local time, as for strptime


class Condition(_Part, frozen=True):
    """One place holds one value."""

    at: Pointer
    equals: Scalar


class Points(_Part, frozen=True):
    """A list of named values, as gateways send it. What is pointed at then is `/NAME`; `time`: each has its own."""

    list: Pointer
    name: Pointer
    value: Pointer
    good: Condition | None = None  # what fails it was not measured
    time: Time | None = None


class Event(_Part, frozen=True):
    """A fault or event. A vendor's code whose word is empty says that nothing is wrong."""

    code: Text
    phase: Text = Text(always=EventPhase.PULSE)
    text: Text = Text()


class Sale(_Part, frozen=True):
    """A transaction on a scale; `unit`s of its numbers as in wire.Transaction unless said otherwise."""

    tx_id: Text
    seq: Pointer
    product: Text
    gross_g: Number
    tare_g: Number
    net_g: Number
    unit_price: Number
    amount: Number
    pay: Text = Text()
    trace: Text = Text()


class Mapping(_Part, frozen=True):
    """One kind of message. The first whose topic and condition fit reads it."""

    topic: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]  # an MQTT filter below the device's own prefix
    gives: Channel
    when: Condition | None = None
    encoding: Literal["utf-8", "gbk"] = "utf-8"
    each: Pointer | None = None  # a list: every entry is an item of its own
    points: Points | None = None
    time: Time | None = None
    seq: Pointer | None = None
    values: dict[MetricName, Number] = {}
    event: Event | None = None
    sale: Sale | None = None
    online: Number | None = None


class Sparkplug(_Part, frozen=True):
    """Sparkplug B: metric names instead of pointers. `events`: boolean metrics that begin and end an event."""

    values: dict[MetricName, Number] = {}
    events: dict[str, Number] = {}
    ignore: tuple[str, ...] = ()  # metrics that are left out on purpose; `*` for any characters


class Readings(_Part, frozen=True):
    """What a test vector expects to be stored: in the profile's units and polarity."""

    ts: Aware
    values: dict[MetricName, float]


class Vector(_Part, frozen=True):
    """A message of the vendor's and what it must come to. `topic` lies below the device's own prefix."""

    name: str
    topic: str
    payload: str = ""
    payload_hex: Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{2})*$")] = ""
    after: str = ""  # Sparkplug: the name of the vector whose BIRTH came before
    readings: tuple[Readings, ...] = ()
    events: tuple[DeviceEvent, ...] = ()
    sales: tuple[Transaction, ...] = ()
    online: bool | None = None
    unread: tuple[str, ...] = ()  # names in it that nothing reads
    refused: str = ""  # a part of the reason, for a message that must not be taken

    @property
    def bytes(self) -> bytes:
        return bytes.fromhex(self.payload_hex) if self.payload_hex else self.payload.encode()


class VectorResult(_Part, frozen=True):
    """What came of a vector; without faults it came out."""

    name: str
    faults: tuple[str, ...]


def check(mapping: Mapping, units: dict[str, str], codes: frozenset[str]) -> None:
    """Raises BadMappingError. `units`: of the profile's metrics; `codes`: of its events."""
    wanted = {
        Channel.TELEMETRY: bool(mapping.values),
        Channel.EVENT: mapping.event is not None,
        Channel.TRANSACTION: mapping.sale is not None,
        Channel.STATE: mapping.online is not None,
    }
    if not wanted.get(mapping.gives):
        raise BadMappingError(f"mapping {mapping.topic}: it gives {mapping.gives}, but does not say from what")
    timed = mapping.time or (mapping.points and mapping.points.time)
    if mapping.gives is not Channel.STATE and timed is None:
        raise BadMappingError(f"mapping {mapping.topic}: it does not say where the time is")
    check_values(mapping.values, units)
    _check_event(mapping.event, codes)
    for name, target in MASSES.items() if mapping.sale else ():
        _check_unit(name, getattr(mapping.sale, name), target)
    for time in (mapping.time, mapping.points.time if mapping.points else None):
        if time is not None and time.kind == "local" and not (time.form and time.offset):
            raise BadMappingError(f"mapping {mapping.topic}: a local time needs its form and its offset")


def check_values(values: dict[str, Number], units: dict[str, str]) -> None:
    """Raises BadMappingError for what is no metric of the profile, or in a unit that does not fit it."""
    for name, number in values.items():
        if name not in units:
            raise BadMappingError(f"the mapping reads {name}, which is no metric of the profile")
        _check_unit(name, number, units[name])


def _check_unit(name: str, number: Number, target: str) -> None:
    if number.unit:
        try:
            unit.conversion(number.unit, target)
        except ValueError as error:
            raise BadMappingError(f"the mapping of {name}: {error}") from None


def _check_event(event: Event | None, codes: frozenset[str]) -> None:
    if event is None:
        return
    unknown = sorted({*event.code.words.values(), event.code.always} - codes - {""})
    if unknown:
        raise BadMappingError(f"the mapping's event codes {', '.join(unknown)} are not in the profile's table")
    if not {*event.phase.words.values(), event.phase.always} <= {*EventPhase, ""}:
        raise BadMappingError(f"an event's phase is one of {', '.join(EventPhase)}")
