"""Reads a batch of messages into a landing; what cannot be read becomes a dead letter."""

from collections.abc import Sequence

from domain.topic import DeviceTopic, EdgeTopic, ForeignTopic
from ingest import device_reader, edge_reader, foreign_reader, sparkplug_reader
from ingest.device_reader import Speech
from ingest.landing import Landing
from ingest.message import Message
from ingest.refusal import RefusedError
from ingest.roster import Roster
from ingest.sparkplug import Nodes, SparkplugTopic


def read(messages: Sequence[Message], roster: Roster, nodes: Nodes | None = None) -> Landing:
    """Sort all messages, in order of arrival. `nodes`: what is known of Sparkplug's, left as it is."""
    landing = Landing(nodes=Nodes() if nodes is None else nodes.copy())
    add(messages, roster, landing)
    return landing


def add(messages: Sequence[Message], roster: Roster, landing: Landing) -> None:
    """Sort more messages into a landing."""
    for message in messages:
        try:
            _read_one(message, roster, landing)
        except RefusedError as error:
            landing.refuse(message.topic, message.payload, error)


def _read_one(message: Message, roster: Roster, landing: Landing) -> None:
    where = roster.route(message.topic)
    speech = Speech(message.topic, message.payload, message.received, retained=message.retained)
    match where:
        case DeviceTopic():
            device_reader.read(speech, where, roster, landing)
        case EdgeTopic():
            edge_reader.read(message, where, roster, landing)
        case ForeignTopic():
            foreign_reader.read(speech, where, roster, landing)
        case SparkplugTopic():
            sparkplug_reader.read(message, where, roster, landing)
