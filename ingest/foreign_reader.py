"""Reads what a device says in its vendor's own language: translated, then read like everybody's messages."""

import msgspec

from domain.topic import Channel, DeviceTopic, ForeignTopic
from domain.wire import DeviceEvent, DeviceState, Telemetry, Transaction
from ingest import device_reader, dialect
from ingest.device_reader import Speech
from ingest.dialect import Said
from ingest.landing import Landing, LeftOut
from ingest.message import message_key
from ingest.refusal import RefusedError
from ingest.roster import Device, Roster

_CHANNELS: dict[type[Said], Channel] = {
    Telemetry: Channel.TELEMETRY,
    DeviceEvent: Channel.EVENT,
    Transaction: Channel.TRANSACTION,
    DeviceState: Channel.STATE,
}


def read(speech: Speech, where: ForeignTopic, roster: Roster, landing: Landing) -> None:
    """Add the message to the landing; raises RefusedError."""
    device = roster.device(where, speech.via)
    translation = dialect.translate(device.table.profile, where.rest, speech.payload)
    first = len(landing.ledger)
    land(speech, device, translation.said, roster, landing)
    if translation.unread:
        telemetry = [part for part in translation.said if isinstance(part, Telemetry)]
        landed = tuple(dict.fromkeys(name for part in telemetry for name in part.values))
        why, entries = unread(device.table.profile.code, translation.unread), range(first, len(landing.ledger))
        landing.left.append(LeftOut(speech.topic, speech.payload, speech.heard, why, landed, entries))


def land(speech: Speech, device: Device, said: tuple[Said, ...], roster: Roster, landing: Landing) -> None:
    """Each part is a native message, the same for the same foreign one: so the ledger knows a repeat.

    A part that cannot be landed leaves the whole foreign message as a dead letter; the others land.
    """
    for part in said:
        where = DeviceTopic(device.site, device.code, _CHANNELS[type(part)])
        native = msgspec.structs.replace(speech, topic=str(where), payload=msgspec.json.encode(part))
        try:
            device_reader.read(native, where, roster, landing)
        except RefusedError as error:
            landing.refuse(speech.topic, speech.payload, error, message_key(speech.topic, speech.payload))


def unread(profile: str, names: tuple[str, ...]) -> str:
    """What nothing reads, in one sentence."""
    return f"profile {profile} does not read {', '.join(names[:10])}"
