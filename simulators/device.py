"""One simulated device at work: a body, its terminal and its link on one clock, following a script of faults."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import msgspec

from domain.topic import Channel, DeviceTopic
from domain.wire import DeviceState, EventPhase
from simulators import device_fault, device_kind, dialect
from simulators.body import Body
from simulators.clock import Clock
from simulators.device_fault import Layer
from simulators.fault_script import FaultScript
from simulators.link import Kind, Link
from simulators.placing import CUT_OFF
from simulators.scenario_file import DeviceRole, FaultRole
from simulators.terminal import Terminal

TICK_S = 0.25


class Outlet(Protocol):
    """Where a device's messages leave for the broker."""

    async def ready(self) -> None: ...
    def cut(self) -> None: ...
    def mend(self) -> None: ...
    def publish(self, topic: str, payload: bytes, *, retain: bool = False, kind: Kind = Kind.MESSAGE) -> None: ...


def body_of(role: DeviceRole) -> Body:
    """Build what the role says."""
    return device_kind.build(role.kind, role.seed, role.settings)


def will_of(role: DeviceRole) -> tuple[str, bytes]:
    """Topic and payload of what the broker tells when a device is gone without a goodbye."""
    return str(DeviceTopic(role.site, role.code, Channel.STATE)), b'{"online":false}'


@dataclass(frozen=True, slots=True)
class Happened:
    """For the truth file: a device's fault began or ended."""

    device: str
    fault: str
    phase: EventPhase
    at: datetime


class Device:
    """Publishes below its own topic; its physics run `speed` times as fast as its clock."""

    def __init__(self, role: DeviceRole, outlet: Outlet, clock: Clock, tell: Callable[[Happened], None]) -> None:
        self.role, self.clock = role, clock
        self._outlet, self._tell = outlet, tell
        self.body = body_of(role)
        spoken = dialect.find(role.kind, role.dialect)
        self.terminal = Terminal(self.body, spoken, role.site, role.code, role.every_s)
        self.link = Link(random.Random(f"link {role.seed}"))  # noqa: S311 - physics, not secrets
        self._script = FaultScript((), 0.0)
        self._last = clock.time()

    async def run(self) -> None:
        """Work until cancelled."""
        await self._outlet.ready()
        self._announce(online=True)
        self._last = self.clock.time()
        while True:
            self.advance()
            await self.clock.sleep(TICK_S)

    def follow(self, zero: float, every_s: float | None = None) -> None:
        """Have the role's faults at their times after `zero` on the clock, again and again with `every_s`."""
        self._script = FaultScript(self.role.fault, zero, every_s)

    def advance(self) -> None:
        """Do what is due by now: faults, physics, messages."""
        now = self.clock.time()
        for phase, role in self._script.due(now):
            self._turn(phase, role)
        said = self.terminal.advance((now - self._last) * self.role.speed, now, self.clock.wall())
        self._last = now
        for parcel in self.link.carry(now, said):
            self._outlet.publish(parcel.message.topic, parcel.message.payload, kind=parcel.kind)

    def leave(self) -> None:
        """Say goodbye as a device does that is switched off properly."""
        self._announce(online=False)

    def _turn(self, phase: EventPhase, role: FaultRole) -> None:
        fault = device_fault.find(self.role.kind, role.fault)
        if fault.layer is Layer.LINK:
            self._turn_link(phase, role, fault.amount(role.by))
        elif phase is EventPhase.BEGIN:
            self.body.begin(role.fault, role.by)
        else:
            self.body.end(role.fault)
        self._tell(Happened(self.role.code, role.fault, phase, self.clock.wall()))

    def _turn_link(self, phase: EventPhase, role: FaultRole, by: float) -> None:
        if role.fault == CUT_OFF:
            (self._outlet.cut if phase is EventPhase.BEGIN else self._outlet.mend)()
        elif phase is EventPhase.BEGIN:
            self.link.faults[role.fault] = by
        else:
            self.link.faults.pop(role.fault, None)

    def _announce(self, *, online: bool) -> None:
        topic = str(DeviceTopic(self.role.site, self.role.code, Channel.STATE))
        self._outlet.publish(topic, msgspec.json.encode(DeviceState(online, self.clock.wall())), retain=True)
