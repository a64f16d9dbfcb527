"""Reads a batch of messages into a landing; what cannot be read becomes a dead letter."""

from collections.abc import Sequence

from domain.topic import DeviceTopic
from ingest import device_reader, edge_reader
from ingest.device_reader import Speech
from ingest.landing import Landing
from ingest.message import Message
from ingest.refusal import RefusedError
from ingest.roster import Roster


def read(messages: Sequence[Message], roster: Roster) -> Landing:
    """Sort all messages, in order of arrival."""
    landing = Landing()
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
    if isinstance(where, DeviceTopic):
        speech = Speech(message.topic, message.payload, message.received, retained=message.retained)
        device_reader.read(speech, where, roster, landing)
    else:
        edge_reader.read(message, where, roster, landing)
