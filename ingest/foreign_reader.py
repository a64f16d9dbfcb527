"""Reads what a device says in its vendor's own language: translated, then read like everybody's messages."""

import msgspec

from domain.topic import Channel, DeviceTopic, ForeignTopic
from domain.wire import DeviceEvent, DeviceState, Telemetry, Transaction
from ingest import device_reader, dialect
from ingest.device_reader import Speech
from ingest.dialect import Said
from ingest.landing import Landing
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
    if translation.unread:
        note_unread(speech, device.table.profile.code, translation.unread, landing)
    land(speech, device, translation.said, roster, landing)


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


def note_unread(speech: Speech, profile: str, names: tuple[str, ...], landing: Landing) -> None:
    """Say once what nothing reads, as for a native message's unknown metrics."""
    landing.note(speech.topic, speech.payload, f"profile {profile} does not read {', '.join(names[:10])}")
