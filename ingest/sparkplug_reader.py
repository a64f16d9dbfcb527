"""Reads what a Sparkplug gateway says, of itself and of the devices behind it, into a landing."""

from domain.mapping import Sparkplug
from domain.profile import DeviceKind
from ingest import foreign_reader, sparkplug
from ingest.device_reader import Speech
from ingest.landing import Landing
from ingest.message import Message
from ingest.refusal import RefusedError, UnauthorisedError, UnknownSenderError
from ingest.roster import Device, Edge, Roster
from ingest.sparkplug import SparkplugTopic, UnbornError
from store.sparkplug import BirthRow


def read(message: Message, where: SparkplugTopic, roster: Roster, landing: Landing) -> None:
    """Add the message to the landing; raises RefusedError."""
    gateway = _gateway(where, roster)
    device = gateway if not where.device else _behind(where, gateway, roster)
    said = sparkplug.decode(message.payload)
    if not landing.nodes.count(where.place, where.kind, said):
        landing.rebirths.add((where.group, where.node))
    try:
        profile = device.table.profile
        translation = sparkplug.translate(profile, where.place, where.kind, message.payload, landing.nodes)
    except UnbornError:
        landing.rebirths.add((where.group, where.node))
        raise
    if where.kind in ("NBIRTH", "DBIRTH"):
        landing.births.append(BirthRow(device.id, gateway.id, message.payload))
    speech = _speech(message, gateway)
    if translation.unread:
        why = foreign_reader.unread(device.table.profile.code, translation.unread)
        landing.note(speech.topic, speech.payload, why)  # without its births it could not be read again
    foreign_reader.land(speech, device, translation.said, roster, landing)
    if where.kind == "NDEATH" and translation.said:
        for child in _children(where, roster, landing):
            foreign_reader.land(speech, child, translation.said, roster, landing)


def _children(where: SparkplugTopic, roster: Roster, landing: Landing) -> list[Device]:
    """The devices that announced themselves through a node: with it they are gone."""
    codes = [code for group, node, code in landing.nodes.births if (group, node) == (where.group, where.node) and code]
    return [found for code in codes if (found := roster.devices.get((where.group, code))) is not None]


def _speech(message: Message, gateway: Device) -> Speech:
    """The gateway speaks for its devices as an edge does that relays."""
    via = Edge(gateway.id, gateway.code, gateway.enabled, frozenset({gateway.site}))
    return Speech(message.topic, message.payload, message.received, via)


def _gateway(where: SparkplugTopic, roster: Roster) -> Device:
    found = roster.devices.get((where.group, where.node))
    if found is None:
        raise UnknownSenderError(f"no gateway {where.node} is registered at site {where.group}")
    if not found.enabled:
        raise UnauthorisedError(f"gateway {where.node} at site {where.group} has no credential")
    if found.table.profile.kind is not DeviceKind.GATEWAY or _mapping(found) is None:
        raise UnauthorisedError(f"device {where.node} at site {where.group} is no Sparkplug gateway by its profile")
    return found


def _behind(where: SparkplugTopic, gateway: Device, roster: Roster) -> Device:
    """A device that a gateway may speak for: of its site, and read through Sparkplug by its profile."""
    found = roster.devices.get((where.group, where.device))
    if found is None:
        raise UnknownSenderError(f"no device {where.device} is registered at site {where.group}")
    if _mapping(found) is None or found is gateway or found.table.profile.kind is DeviceKind.GATEWAY:
        raise UnauthorisedError(f"device {where.device} at site {where.group} does not speak through a gateway")
    return found


def _mapping(device: Device) -> Sparkplug | None:
    return device.table.profile.sparkplug


def known(rows: list[BirthRow], roster: Roster) -> sparkplug.Nodes:
    """The nodes as they were announced before this worker's start."""
    places = {device.id: (device.site, device.code) for device in roster.devices.values()}
    nodes = sparkplug.Nodes()
    for row in rows:
        if row.device in places and row.gateway in places:
            (site, device), (_, gateway) = places[row.device], places[row.gateway]
            try:
                nodes.restore((site, gateway, "" if row.device == row.gateway else device), row.payload)
            except RefusedError:  # pragma: no cover - it was read before it was stored
                continue
    return nodes
