"""A simulated device's life without broker and without waiting: what it published, on a clock that the test moves."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from domain.wire import DeviceEvent, DeviceState, Telemetry, Transaction
from simulators.clock import HandClock
from simulators.device import TICK_S, Device, Happened
from simulators.link import Kind
from simulators.scenario_file import DeviceRole, FaultRole

BEGAN = datetime(2026, 3, 1, 8, tzinfo=UTC)
TYPES = {"telemetry": Telemetry, "event": DeviceEvent, "transaction": Transaction, "state": DeviceState}

Wire = Telemetry | DeviceEvent | Transaction | DeviceState


@dataclass(frozen=True, slots=True)
class Said:
    """One publish."""

    at: float
    topic: str
    payload: bytes
    kind: Kind

    @property
    def wire(self) -> Wire:
        found: Wire = msgspec.json.decode(self.payload, type=TYPES[self.topic.rsplit("/", 1)[1]])
        return found


@dataclass(slots=True)
class Broker:
    """Takes all."""

    clock: HandClock
    said: list[Said] = field(default_factory=list)
    cuts: list[float] = field(default_factory=list)  # when it was cut, and negative: when it was mended

    async def ready(self) -> None:
        """At once."""

    def cut(self) -> None:
        self.cuts.append(self.clock.time())

    def mend(self) -> None:
        self.cuts.append(-self.clock.time())

    def publish(self, topic: str, payload: bytes, *, retain: bool = False, kind: Kind = Kind.MESSAGE) -> None:
        self.said.append(Said(self.clock.time(), topic, payload, kind))


class Life:
    """A device with its broker and its clock."""

    def __init__(self, role: DeviceRole) -> None:
        self.clock = HandClock(BEGAN)
        self.broker = Broker(self.clock)
        self.happened: list[Happened] = []
        self.device = Device(role, self.broker, self.clock, self.happened.append)
        self.device.follow(0.0)

    def live(self, seconds: float, step: float = TICK_S) -> list[Said]:
        """Let so much time pass; returns what was published in it."""
        before = len(self.broker.said)
        for _ in range(round(seconds / step)):
            self.clock.move(step)
            self.device.advance()
        return self.broker.said[before:]


def born(
    kind: str, *, every_s: float = 1.0, speed: float = 1.0, seed: int = 1, dialect: str | None = None,
    faults: Sequence[FaultRole] = (), **settings: float,
) -> Life:  # fmt: skip
    """The life of a device of its own."""
    return Life(DeviceRole(kind, "s", "d", every_s, speed, seed, dialect, settings, fault=tuple(faults)))


def telemetry(said: Sequence[Said]) -> list[Telemetry]:
    return [wire for one in said if one.kind is not Kind.GARBAGE and isinstance(wire := one.wire, Telemetry)]


def events(said: Sequence[Said]) -> list[DeviceEvent]:
    return [wire for one in said if one.kind is not Kind.GARBAGE and isinstance(wire := one.wire, DeviceEvent)]


def sales(said: Sequence[Said]) -> list[Transaction]:
    return [wire for one in said if one.kind is not Kind.GARBAGE and isinstance(wire := one.wire, Transaction)]
