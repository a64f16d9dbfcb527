"""Simulated devices by themselves, against anybody's broker: for a vendor or a tester without the rest of the house."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from simulators import vendor_double
from simulators.clock import WallClock
from simulators.device import Device, Happened, will_of
from simulators.mqtt_client import Login, MqttClient
from simulators.scenario_file import DeviceRole
from simulators.sent import SentLedger
from simulators.vendor_double import VendorDouble


@dataclass(frozen=True, slots=True)
class AloneConfig:
    """One device and how it logs in; `out`: the ledger of what the broker acknowledged."""

    role: DeviceRole
    login: Login
    out: Path
    mischiefs: frozenset[str] = frozenset()  # vendor_double.MISCHIEFS


async def run(config: AloneConfig, stop: asyncio.Event) -> None:
    """Publish until `stop`; the broker may come and go."""
    sent, role = SentLedger(config.out), config.role
    sent.open()
    names = config.mischiefs
    client = MqttClient(config.login, sent, vendor_double.will(names, will_of(role)), qos=0 if "qos-0" in names else 1)
    clock = WallClock()
    outlet = VendorDouble(client, names, lambda: client.up, clock.wall) if names else client
    device = Device(role, outlet, clock, _say)
    device.follow(clock.time())
    tasks = [asyncio.create_task(client.run()), asyncio.create_task(device.run())]
    await stop.wait()
    device.leave()
    await client.close()
    for task in tasks:
        task.cancel()
    sent.close()
    print(f"{sent.count} messages acknowledged, {client.dropped} dropped; see {config.out}")


def _say(happened: Happened) -> None:
    print(f"{happened.at:%H:%M:%S} {happened.device}: {happened.fault} {happened.phase}", flush=True)
