"""One simulated device at work: lets its physics pass, sends status, events and sales, follows its script of faults."""

import asyncio
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import msgspec

from domain.topic import Channel, DeviceTopic
from domain.wire import DeviceEvent, DeviceState, EventPhase, Telemetry, Transaction
from simulators import cold_store, elevator, scale
from simulators.mqtt_client import MqttClient
from simulators.scenario_file import DeviceRole, FaultRole

TICK_S = 0.25


class Body(Protocol):
    """What all simulated devices have in common: their physics and their status."""

    def step(self, dt: float) -> scale.Sale | None: ...
    def status(self) -> dict[str, float | bool]: ...
    def begin(self, fault: str) -> str | None: ...
    def end(self) -> None: ...


def body_of(role: DeviceRole) -> Body:
    """Build what the role says; its dice are seeded, so that a scenario repeats itself."""
    dice = random.Random(role.seed)  # noqa: S311 - physics, not secrets
    match role.kind:
        case "elevator":
            return elevator.Elevator(dice)
        case "scale":
            return scale.Scale(dice)
        case "cold_store":
            return cold_store.ColdStore(dice, door_every_s=math.inf)


@dataclass(frozen=True, slots=True)
class Happened:
    """For the truth file: a device's fault began or ended."""

    device: str
    fault: str
    phase: EventPhase
    at: datetime


class Device:
    """Publishes below its own topic; time is the wall clock's, its physics run `speed` times as fast."""

    def __init__(self, role: DeviceRole, client: MqttClient, tell: Callable[[Happened], None]) -> None:
        self.role, self.client, self._tell = role, client, tell
        self.body = body_of(role)
        self._seq = 0

    async def run(self) -> None:
        """Work until cancelled."""
        await self.client.ready()
        self._announce(online=True)
        shown: dict[str, float | bool] = {}
        last = spoken = asyncio.get_running_loop().time()
        while True:
            now = asyncio.get_running_loop().time()
            sale = self.body.step((now - last) * self.role.speed)
            last = now
            if sale is not None:
                self._sell(sale)
            status = self.body.status()
            if now - spoken >= self.role.every_s or _flags(status) != _flags(shown):
                self._send(Channel.TELEMETRY, Telemetry(datetime.now(UTC), status, self._next()))
                shown, spoken = status, now
            await asyncio.sleep(TICK_S)

    async def follow(self, script: tuple[FaultRole, ...], start: float) -> None:
        """Begin and end the faults at their times after `start` (the event loop's clock)."""
        async with asyncio.TaskGroup() as group:
            for fault in script:
                group.create_task(self._fault(fault, start))

    def leave(self) -> None:
        """Say goodbye as a device does that is switched off properly."""
        self._announce(online=False)

    async def _fault(self, fault: FaultRole, start: float) -> None:
        await asyncio.sleep(max(0.0, start + fault.at - asyncio.get_running_loop().time()))
        code = self.body.begin(fault.fault)
        self._happened(fault, EventPhase.BEGIN, code)
        await asyncio.sleep(fault.for_s)
        self.body.end()
        self._happened(fault, EventPhase.END, code)

    def _happened(self, fault: FaultRole, phase: EventPhase, code: str | None) -> None:
        now = datetime.now(UTC)
        if code is not None:
            self._send(Channel.EVENT, DeviceEvent(now, code, phase, self._next()))
        self._tell(Happened(self.role.code, fault.fault, phase, now))

    def _sell(self, sale: scale.Sale) -> None:
        now = datetime.now(UTC)
        self._send(
            Channel.TRANSACTION,
            Transaction(
                now,
                f"{now:%Y%m%d%H%M%S}-{sale.seq:06d}",
                sale.seq,
                sale.product,
                sale.gross_g,
                sale.tare_g,
                sale.net_g,
                sale.unit_price,
                sale.amount,
                pay="wechat",
            ),
        )

    def _announce(self, *, online: bool) -> None:
        topic = str(DeviceTopic(self.role.site, self.role.code, Channel.STATE))
        self.client.publish(topic, msgspec.json.encode(DeviceState(online, datetime.now(UTC))), retain=True)

    def _send(self, channel: Channel, message: Telemetry | DeviceEvent | Transaction) -> None:
        topic = str(DeviceTopic(self.role.site, self.role.code, channel))
        self.client.publish(topic, msgspec.json.encode(message))

    def _next(self) -> int:
        self._seq += 1
        return self._seq


def _flags(status: dict[str, float | bool]) -> list[float | bool]:
    """What a terminal reports at once when it changes: flags and small codes, not measured values."""
    return [value for value in status.values() if isinstance(value, int)]
