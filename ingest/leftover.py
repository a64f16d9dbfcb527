"""What was left out of a message that was stored in part: the same message less what is stored (ADR 48)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import msgspec

from domain.topic import Channel, DeviceTopic, ForeignTopic
from domain.wire import Telemetry
from ingest import device_reader, dialect
from ingest.device_reader import Speech
from ingest.landing import Landing
from ingest.refusal import RefusedError
from ingest.roster import Device, Edge, Roster

_telemetry = msgspec.json.Decoder(Telemetry)


@dataclass(frozen=True, slots=True)
class Remainder:
    """What can be stored of it now. `unread`: whether something is still left out."""

    device: Device
    parts: tuple[Telemetry, ...]
    unread: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics that it brings."""
        return tuple(dict.fromkeys(name for part in self.parts for name in part.values))


def remainder(topic: str, payload: bytes, landed: Collection[str], roster: Roster) -> Remainder:
    """Read the message by the profile of today; raises RefusedError."""
    where = roster.route(topic)
    if not isinstance(where, DeviceTopic | ForeignTopic):
        raise RefusedError("only what a device says of itself is read again in part")
    device = roster.device(where, _anybody(where.site))
    if isinstance(where, DeviceTopic):
        said: Sequence[object] = (_decode(payload),)
        unread = not set(_decode(payload).values) <= set(device.table.names)
    else:
        translation = dialect.translate(device.table.profile, where.rest, payload)
        said, unread = translation.said, bool(translation.unread)
    parts = [_less(part, device, landed) for part in said if isinstance(part, Telemetry)]
    return Remainder(device, tuple(part for part in parts if part is not None), unread)


def read(found: Remainder, heard: int, roster: Roster) -> Landing:
    """Each part as a message of its own: other bytes, so another key in the ledger. Raises RefusedError."""
    landing, where = Landing(), DeviceTopic(found.device.site, found.device.code, Channel.TELEMETRY)
    for part in found.parts:
        speech = Speech(str(where), msgspec.json.encode(part), heard, _anybody(where.site))
        device_reader.read(speech, where, roster, landing)
    return landing


def _anybody(site: str) -> Edge:
    """The message was let in when it came, by the device itself or by an edge: whose it was is not asked again."""
    return Edge(0, "", True, frozenset({site}))


def _decode(payload: bytes) -> Telemetry:
    try:
        return _telemetry.decode(payload)
    except (ValueError, RecursionError) as error:  # pragma: no cover - it was read before it was kept
        raise RefusedError(f"not a telemetry message: {device_reader.reason(error)}") from None


def _less(said: Telemetry, device: Device, landed: Collection[str]) -> Telemetry | None:
    missing = {name: said.values[name] for name in said.values if name in device.table.names and name not in landed}
    return msgspec.structs.replace(said, values=missing) if missing else None
