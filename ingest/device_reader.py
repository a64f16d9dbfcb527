"""Reads what a device says, itself or through an edge, into a landing."""

from collections.abc import Callable

import msgspec

from domain.topic import Channel, DeviceTopic
from domain.wire import MAX_PAYLOAD, DeviceEvent, DeviceState, Telemetry, Transaction
from ingest import clock
from ingest.landing import Landing, LeftOut
from ingest.message import message_key
from ingest.profile_table import take
from ingest.refusal import RefusedError, UnauthorisedError
from ingest.roster import Device, Edge, Roster
from store.device_events import EventRow, TransactionRow


class _Claim(msgspec.Struct):
    """Some vendors repeat in the body who speaks: it must be who the topic says."""

    site: str | None = None
    device: str | None = None


_telemetry = msgspec.json.Decoder(Telemetry)
_event = msgspec.json.Decoder(DeviceEvent)
_transaction = msgspec.json.Decoder(Transaction)
_state = msgspec.json.Decoder(DeviceState)
_claim = msgspec.json.Decoder(_Claim)


class Speech(msgspec.Struct, frozen=True, gc=False):
    """One message of a device. `via` is the edge that relayed it at `heard` (µs), if any."""

    topic: str
    payload: bytes
    heard: int
    via: Edge | None = None
    retained: bool = False


def read(speech: Speech, where: DeviceTopic, roster: Roster, landing: Landing) -> None:
    """Add the message to the landing; raises RefusedError."""
    device = roster.device(where, speech.via)
    check_size(speech.payload)
    check_text(speech.payload)
    if b'"device"' in speech.payload or b'"site"' in speech.payload:
        _check_claim(speech.payload, where)
    try:
        _read_channel(where.channel)(speech, device, landing)
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"not a {where.channel} message: {reason(error)}") from None


def check_size(payload: bytes) -> None:
    """Raises RefusedError for what need not be parsed at all."""
    if len(payload) > MAX_PAYLOAD:
        raise RefusedError(f"the payload of {len(payload)} bytes is larger than {MAX_PAYLOAD}")


def check_text(payload: bytes) -> None:
    """Raises RefusedError for the one character that PostgreSQL keeps in no text."""
    if b"\\u0000" in payload:
        raise RefusedError("a text holds the character U+0000, which cannot be stored")


def reason(error: Exception) -> str:
    """One line of why a parser gave up."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return " ".join(str(error).split())[:300]


def _check_claim(payload: bytes, where: DeviceTopic) -> None:
    try:
        claim = _claim.decode(payload)
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"not a {where.channel} message: {reason(error)}") from None
    if claim.site not in (None, where.site) or claim.device not in (None, where.device):
        raise UnauthorisedError(f"the body speaks for {claim.site}/{claim.device}, the topic for another device")


def _read_telemetry(speech: Speech, device: Device, landing: Landing) -> None:
    said = _telemetry.decode(speech.payload)
    shape = device.table.shape(said.values, said.units)
    values = take(shape, said.values)
    claimed = clock.instant(said.ts)
    stamp = clock.judge(claimed, speech.heard)
    landing.hear(landing.devices, device.id, speech.heard, True)
    entry = landing.ledger.add(device.id, message_key(speech.topic, speech.payload), claimed, said.seq, len(values))
    if shape.unknown:
        reason = f"profile {device.table.profile.code} has no metric {', '.join(shape.unknown[:10])}"
        landed = tuple(name for name in said.values if name not in shape.unknown)
        landing.left.append(LeftOut(speech.topic, speech.payload, speech.heard, reason, landed, (entry,)))
    if values:
        landing.measure(device.table).add(entry, device.id, stamp, shape, values)


def _read_event(speech: Speech, device: Device, landing: Landing) -> None:
    said = _event.decode(speech.payload)
    time, quality = clock.judge(clock.instant(said.ts), speech.heard)
    entry = _enter(speech, device, landing, said)
    landing.events.append((entry, device.table, EventRow(device.id, clock.moment(time), quality, said)))


def _read_transaction(speech: Speech, device: Device, landing: Landing) -> None:
    said = _transaction.decode(speech.payload)
    time, quality = clock.judge(clock.instant(said.ts), speech.heard)
    entry = _enter(speech, device, landing, said)
    landing.transactions.append((entry, device.table, TransactionRow(device.id, clock.moment(time), quality, said)))


def _enter(speech: Speech, device: Device, landing: Landing, said: DeviceEvent | Transaction) -> int:
    landing.hear(landing.devices, device.id, speech.heard, True)
    key = message_key(speech.topic, speech.payload)
    return landing.ledger.add(device.id, key, clock.instant(said.ts), said.seq, 1)


def _read_state(speech: Speech, device: Device, landing: Landing) -> None:
    """Presence is said again and again, and is in no ledger. A retained or a last word is nobody's being here now."""
    said = _state.decode(speech.payload)
    landing.hear(landing.devices, device.id, seen(said, speech.heard, speech.retained), said.online)


def seen(said: DeviceState, heard: int, retained: bool) -> int:
    """When the sender of a presence message was last here (µs), 0 where it does not say."""
    if said.online and not retained:
        return heard
    claimed = 0 if said.ts is None else clock.instant(said.ts)
    return claimed if clock.UNSET <= claimed <= heard else 0


def _read_channel(channel: Channel) -> Callable[[Speech, Device, Landing], None]:
    """Compared by identity, the commonest first: an enum's hash is computed in Python."""
    if channel is Channel.TELEMETRY:
        return _read_telemetry
    if channel is Channel.EVENT:
        return _read_event
    return _read_transaction if channel is Channel.TRANSACTION else _read_state
