"""Turns a vendor's own JSON message into native ones, as its device's profile maps it (domain.mapping)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

import msgspec

from domain import unit
from domain.mapping import Condition, Event, Mapping, Number, Points, Sale, Text, Time
from domain.profile import DeviceProfile
from domain.topic import Channel, matches
from domain.wire import MAX_PAYLOAD, DeviceEvent, DeviceState, EventPhase, Telemetry, Transaction
from ingest.refusal import RefusedError

Said = Telemetry | DeviceEvent | Transaction | DeviceState
_ABSENT: Any = msgspec.UNSET
_MOST_ITEMS = 1000  # of a list in one message


@dataclass(frozen=True, slots=True)
class Translation:
    """What a message says in native words, and the names in it that nothing reads."""

    said: tuple[Said, ...]
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Item:
    """What one mapping looks at: the item itself, within its whole message."""

    whole: Any
    item: Any

    def get(self, pointer: str) -> Any:
        """What lies there; UNSET where nothing does, or null."""
        found = self.whole if pointer.startswith("#") else self.item
        for step in _steps(pointer):
            found = _step(found, step)
        return _ABSENT if found is None else found

    def needed(self, pointer: str) -> Any:
        found = self.get(pointer)
        if found is _ABSENT:
            raise RefusedError(f"nothing lies at {pointer}")
        return found


@lru_cache(maxsize=4096)
def _steps(pointer: str) -> tuple[str, ...]:
    """A pointer's steps; a profile has few pointers, and each message follows them all."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def _step(found: Any, step: str) -> Any:
    if isinstance(found, dict):
        return found.get(step, _ABSENT)
    if isinstance(found, list) and step.isdecimal() and int(step) < len(found):
        return found[int(step)]
    return _ABSENT


def translate(profile: DeviceProfile, topic: str, payload: bytes) -> Translation:
    """`topic`: below the device's own prefix. Raises RefusedError for what no mapping reads, or not wholly."""
    if len(payload) > MAX_PAYLOAD:
        raise RefusedError(f"the payload of {len(payload)} bytes is larger than {MAX_PAYLOAD}")
    near = [mapping for mapping in profile.mapping if matches(topic, mapping.topic)]
    if not near:
        raise RefusedError(f"profile {profile.code} maps no topic {topic}")
    documents = {encoding: _decode(payload, encoding) for encoding in {mapping.encoding for mapping in near}}
    fitting = [mapping for mapping in near if _fits(mapping.when, _whole(documents[mapping.encoding]))]
    if not fitting:
        raise RefusedError(f"profile {profile.code}: no mapping of {topic} has a condition that this message meets")
    said: list[Said] = []
    unread: dict[str, None] = {}
    for mapping in fitting:
        _read(mapping, documents[mapping.encoding], said, unread)
    return Translation(tuple(said), tuple(unread))


def _decode(payload: bytes, encoding: str) -> Any:
    try:
        text = payload if encoding == "utf-8" else payload.decode(encoding).encode()
        return msgspec.json.decode(text)
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"not JSON: {error}") from None


def _whole(document: Any) -> _Item:
    return _Item(document, document)


def _fits(condition: Condition | None, item: _Item) -> bool:
    return condition is None or item.get(condition.at) == condition.equals


def _read(mapping: Mapping, document: Any, said: list[Said], unread: dict[str, None]) -> None:
    before = len(said)
    for item in _items(mapping, _whole(document)):
        for part in _spread(mapping, item, unread):
            said.extend(_say(mapping, part))
    if len(said) == before and mapping.gives is not Channel.EVENT:
        raise RefusedError(f"nothing of what the mapping of {mapping.topic} reads is in it")


def _items(mapping: Mapping, whole: _Item) -> Iterator[_Item]:
    if mapping.each is None:
        yield whole
        return
    for entry in _list(whole, mapping.each):
        yield _Item(whole.whole, entry)


def _list(item: _Item, pointer: str) -> list[Any]:
    found = item.get(pointer)
    if found is _ABSENT:
        return []
    if not isinstance(found, list) or len(found) > _MOST_ITEMS:
        raise RefusedError(f"what lies at {pointer} is no list of at most {_MOST_ITEMS}")
    return found


@dataclass(frozen=True, slots=True)
class _Part:
    """An item, and its time where it was found already."""

    item: _Item
    time: datetime | None = None


def _spread(mapping: Mapping, item: _Item, unread: dict[str, None]) -> Iterator[_Part]:
    """The item itself; of a list of points one part for each time, an object of names and values."""
    if mapping.points is None:
        yield _Part(item)
        return
    known = {number.at[1:] for number in mapping.values.values()}
    times: dict[datetime | None, dict[str, Any]] = {}
    for entry in _list(item, mapping.points.list):
        point = _Item(item.whole, entry)
        name, time = _point(mapping.points, point)
        if name not in known:
            unread[name] = None
        elif _fits(mapping.points.good, point):
            times.setdefault(time, {})[name] = point.get(mapping.points.value)
    for time, values in times.items():
        yield _Part(_Item(item.whole, values), time)


def _point(points: Points, point: _Item) -> tuple[str, datetime | None]:
    return str(point.needed(points.name)), None if points.time is None else _time(points.time, point)


def _say(mapping: Mapping, part: _Part) -> Iterator[Said]:
    item = part.item
    match mapping.gives:
        case Channel.STATE if mapping.online is not None:
            yield from _state(mapping.online, mapping.time, item)
        case Channel.EVENT if mapping.event is not None:
            yield from _event(mapping.event, _moment(mapping, part), _seq(mapping.seq, item), item)
        case Channel.TRANSACTION if mapping.sale is not None:
            yield _sale(mapping.sale, _moment(mapping, part), item)
        case _:
            values = {name: value for name, at in mapping.values.items() if (value := number(at, item)) is not None}
            if values:
                units = {name: at.unit for name, at in mapping.values.items() if at.unit and name in values}
                yield Telemetry(_moment(mapping, part), values, _seq(mapping.seq, item), units)


def _state(online: Number, time: Time | None, item: _Item) -> Iterator[DeviceState]:
    value = number(online, item)
    if value is not None:
        yield DeviceState(bool(value), None if time is None else _time(time, item))


def _event(event: Event, time: datetime, seq: int | None, item: _Item) -> Iterator[DeviceEvent]:
    code = text(event.code, item)
    if not code:
        return
    phase = text(event.phase, item)
    if phase not in set(EventPhase):
        raise RefusedError(f"{phase!r} is no phase of an event that the mapping knows")
    yield DeviceEvent(time, code, EventPhase(phase), seq, text(event.text, item)[:200])


def _sale(sale: Sale, time: datetime, item: _Item) -> Transaction:
    seq = _seq(sale.seq, item)
    if seq is None:
        raise RefusedError(f"nothing lies at {sale.seq}")
    return Transaction(
        *(time, text(sale.tx_id, item), seq, text(sale.product, item)),
        *(_fixed(sale.gross_g, "g", item), _fixed(sale.tare_g, "g", item), _fixed(sale.net_g, "g", item)),
        *(_fixed(sale.unit_price, "{fen}/kg", item), _fixed(sale.amount, "{fen}", item)),
        pay=text(sale.pay, item),
        trace=text(sale.trace, item),
    )


def _fixed(at: Number, target: str, item: _Item) -> float:
    """A number of a sale, in the unit that all sales have."""
    value = number(at, item)
    if value is None:
        raise RefusedError(f"nothing lies at {at.at}")
    scale, offset = unit.conversion(at.unit or target, target)
    return float(value) * scale + offset


def _seq(pointer: str | None, item: _Item) -> int | None:
    found = _ABSENT if pointer is None else item.get(pointer)
    if found is _ABSENT:
        return None
    if isinstance(found, str) and found.isdecimal():
        found = int(found)
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found < 2**63:
        raise RefusedError(f"{found!r} is no sequence number")
    return found


def text(at: Text, item: _Item) -> str:
    """A text, a number as its digits, or what it always is; empty where nothing lies."""
    found = _ABSENT if at.at is None else item.get(at.at)
    if found is _ABSENT:
        return at.always
    word = _word(found)
    if at.words and word not in at.words:
        raise RefusedError(f"{word!r} at {at.at} is no word that the mapping knows")
    return at.words.get(word, word)


def _word(found: Any) -> str:
    """As it stands in JSON, without quotes."""
    if isinstance(found, str):
        return found
    if isinstance(found, bool | int | float):
        return msgspec.json.encode(found).decode()
    raise RefusedError("a list or an object stands where a word is expected")


def number(at: Number, item: _Item) -> float | bool | None:
    """The value that the vendor means, in the unit that the mapping names; None where it says that there is none."""
    found = item.get(at.at)
    return None if found is _ABSENT else read_number(at, found)


def read_number(at: Number, found: Any) -> float | bool | None:
    """The same of a value that was found already."""
    if at.absent and any(found == one and isinstance(found, bool) == isinstance(one, bool) for one in at.absent):
        return None
    if at.words:
        if (word := _word(found)) not in at.words:
            raise RefusedError(f"{word!r} at {at.at} is no word that the mapping knows")
        found = at.words[word]
    return _reckon(at, _numeral(at, found))


def _numeral(at: Number, found: Any) -> float | bool:
    if at.text and isinstance(found, str):
        try:
            return float(found)
        except ValueError:
            raise RefusedError(f"{found!r} at {at.at} is no number") from None
    if not isinstance(found, bool | int | float):
        raise RefusedError(f"{_shown(found)} at {at.at} is no number")
    return found


def _reckon(at: Number, value: float | bool) -> float | bool:
    if at.bit is not None:
        if value != int(value):
            raise RefusedError(f"{value!r} at {at.at} is no whole number, and has no bits")
        value = bool(int(value) >> at.bit & 1)
    if at.invert:
        value = not value
    if at.scale == 1 and at.offset == 0:
        return value
    return float(f"{value * at.scale + at.offset:.15g}")  # 0.1 is none of a computer's numbers: -183 means -18.3


def _time(time: Time, item: _Item) -> datetime:
    found = item.needed(time.at)
    try:
        return _clock(time, found)
    except (ValueError, TypeError, OverflowError, OSError):
        raise RefusedError(f"{_shown(found)} at {time.at} is no time ({time.kind})") from None


def _clock(time: Time, found: Any) -> datetime:
    match time.kind:
        case "epoch_s" | "epoch_ms":
            ms = float(found) * (1000 if time.kind == "epoch_s" else 1)
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
        case "iso":
            said = datetime.fromisoformat(found)
        case "local":
            said = datetime.strptime(str(found), time.form)
    if said.tzinfo is None:
        if time.offset is None:
            raise ValueError("no offset")
        hours, minutes = time.offset[1:].split(":")
        ahead = timedelta(hours=int(hours), minutes=int(minutes))
        said = said.replace(tzinfo=timezone(-ahead if time.offset[0] == "-" else ahead))
    return said.astimezone(UTC)


def _shown(found: Any) -> str:
    return repr(found)[:60]


def _moment(mapping: Mapping, part: _Part) -> datetime:
    if part.time is not None:
        return part.time
    if mapping.time is None:  # pragma: no cover - domain.mapping.check refuses such a profile
        raise RefusedError("the mapping does not say where the time is")
    return _time(mapping.time, part.item)
