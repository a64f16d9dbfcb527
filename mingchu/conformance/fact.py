"""What the kit saw of a device, one fact a value, each with its time (seconds since 1970)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection was let in. `version`: 3, 4 (MQTT 3.1.1) or 5."""

    at: float
    version: int
    clean: bool
    keepalive: int


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Somebody was not let in: another user, or another password."""

    at: float


@dataclass(frozen=True, slots=True)
class Will:
    """The last will of a connection."""

    at: float
    topic: str
    qos: int
    retain: bool


@dataclass(frozen=True, slots=True)
class Published:
    """A publish as it came to the broker; `denied`: below a topic that is not the device's own."""

    at: float
    topic: str
    qos: int
    retain: bool
    repeat: bool  # MQTT's own mark of a repeat
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as subscribers hear it."""

    at: float
    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Left:
    """A connection ended; `goodbye`: the device said so."""

    at: float
    goodbye: bool


@dataclass(frozen=True, slots=True)
class Cut:
    """The kit broke the connection on purpose, so that the will is heard."""

    at: float


@dataclass(frozen=True, slots=True)
class Outage:
    """The kit took the broker away for a while."""

    at: float
    until: float


Fact = Connected | TurnedAway | Will | Published | Heard | Left | Cut | Outage
