"""MQTT topics of the native protocol, written and read in one place (DESIGN, MQTT)."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from domain import code

ROOT = "mc/v1"
FOREIGN = "mx/v1"  # below it devices that speak a vendor's own language say what they like, each below its own prefix


class Channel(StrEnum):
    """The last level of a topic: what kind of message it carries."""

    TELEMETRY = "telemetry"
    EVENT = "event"
    TRANSACTION = "transaction"
    STATE = "state"
    UP = "up"
    ACK = "ack"
    DOWN = "down"
    LIVE = "live"


DEVICE_CHANNELS = frozenset({Channel.TELEMETRY, Channel.EVENT, Channel.TRANSACTION, Channel.STATE})
EDGE_CHANNELS = frozenset({Channel.UP, Channel.ACK, Channel.DOWN, Channel.LIVE, Channel.STATE})


class BadTopicError(ValueError):
    """A topic is mc/v1/{site}/{device}/telemetry|event|transaction|state, or an edge's up|ack|down|live|state."""


@dataclass(frozen=True, slots=True)
class DeviceTopic:
    """Where one device speaks."""

    site: str
    device: str
    channel: Channel

    def __str__(self) -> str:
        return f"{ROOT}/{self.site}/{self.device}/{self.channel}"


@dataclass(frozen=True, slots=True)
class EdgeTopic:
    """Where one edge speaks (up, live, state) and hears (ack, down)."""

    edge: str
    channel: Channel

    def __str__(self) -> str:
        return f"{ROOT}/edge/{self.edge}/{self.channel}"


@dataclass(frozen=True, slots=True)
class ForeignTopic:
    """Where a device says something in its vendor's own language; `rest` is the vendor's topic."""

    site: str
    device: str
    rest: str

    def __str__(self) -> str:
        return f"{FOREIGN}/{self.site}/{self.device}/{self.rest}"


def parse_foreign(topic: str) -> ForeignTopic:
    """Read a topic below mx/v1; raises BadTopicError."""
    levels = topic.split("/", 4)
    if len(levels) != 5 or "/".join(levels[:2]) != FOREIGN or not levels[4]:
        raise BadTopicError(f"{topic!r}: a vendor's own topic is {FOREIGN}/{{site}}/{{device}}/…")
    try:
        return ForeignTopic(code.check(levels[2]), code.check(levels[3]), levels[4])
    except ValueError as error:
        raise BadTopicError(f"{topic!r}: {error}") from error


@lru_cache(maxsize=4096)
def matches(topic: str, pattern: str) -> bool:
    """True when an MQTT filter (`+`, `#`) takes the topic."""
    levels, wanted = topic.split("/"), pattern.split("/")
    if wanted[-1] == "#":
        wanted = wanted[:-1]
        levels = levels[: len(wanted)]
    return len(levels) == len(wanted) and all(want in ("+", have) for have, want in zip(levels, wanted, strict=True))


def parse(topic: str) -> DeviceTopic | EdgeTopic:
    """Read a topic name; raises BadTopicError with the reason. The site code `edge` is reserved."""
    levels = topic.split("/")
    if len(levels) != 5 or levels[0] != "mc" or levels[1] != "v1":
        raise BadTopicError(f"{topic!r}: {BadTopicError.__doc__}")
    place, name, last = levels[2:]
    try:
        channel = Channel(last)
        code.check(place)
        code.check(name)
    except ValueError as error:
        raise BadTopicError(f"{topic!r}: {error}") from error
    if place == "edge":
        return EdgeTopic(name, _allowed(topic, channel, EDGE_CHANNELS))
    return DeviceTopic(place, name, _allowed(topic, channel, DEVICE_CHANNELS))


def _allowed(topic: str, channel: Channel, allowed: frozenset[Channel]) -> Channel:
    if channel not in allowed:
        raise BadTopicError(f"{topic!r}: nothing is published on {channel!s} there")
    return channel
