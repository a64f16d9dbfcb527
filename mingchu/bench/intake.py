"""Ingest by itself: a database and a broker as `mingchu up` makes them, n ingest workers, and the bench's devices."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
import psutil

from domain import credential
from domain.profile import DeviceKind, DeviceProfile, Metric
from domain.schedule import ALWAYS_OPEN
from ingest import link
from ingest.config import IngestConfig
from mingchu import broker as brokers
from mingchu import database
from mingchu.account import Account
from mingchu.bench import fleet
from mingchu.bench.process import BenchError, checkout, child, until
from mingchu.up import install
from store import profiles, registry, throughput
from store.connection import Connection, connect

BRIDGE = "bench"  # the one user that speaks for all devices
OPERATOR = "91990100MA5MCQ0010"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Load:
    """What one message says: the profile of its device, and its values as JSON with one %d in it."""

    profile: str
    values: str
    readings: int


EIGHT = Load(
    "cold-store",
    '"air_temp":-20.%d,"product_temp":-19.5,"humidity":81.25,"set_point":-20.0,"door_open":0,"compressor":1,'
    '"defrost":0,"evaporator_temp":-27.5',
    8,
)
HUNDRED = Load(
    "bench-gateway",
    ",".join(['"m0":20.%d', *(f'"m{n}":{20 + n / 8}' for n in range(1, 100))]),
    100,
)
GATEWAY = DeviceProfile(
    "bench-gateway", DeviceKind.GATEWAY, 1, "网关", "Gateway", "ours", 900.0,
    tuple(Metric(f"m{n}", "Cel", f"温度{n}", f"Temperature {n}", -100.0, 200.0) for n in range(100)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Intake:
    """The servers' processes and the way in."""

    root: Path
    dsn: str
    broker: brokers.Broker
    service: str  # the services' password
    secret: str  # the devices' and the bridge's
    postgres: psutil.Popen
    mosquitto: psutil.Popen

    def config(self, name: str) -> IngestConfig:
        return IngestConfig(self.dsn, self.broker.service_url, brokers.SERVICE, self.service, name)

    def ask(self, question: Callable[[Connection], Awaitable[T]]) -> T:
        return ask(self.dsn, question)


def ask(dsn: str, question: Callable[[Connection], Awaitable[T]]) -> T:
    """One question to the database, as its owner."""

    async def answer() -> T:
        connection = await connect(dsn, autocommit=True)
        try:
            return await question(connection)
        finally:
            await connection.close()

    return asyncio.run(answer())


@contextmanager
def intake(root: Path, load: Load, devices: int) -> Iterator[Intake]:
    """Both servers, and so many devices in the registry; no worker yet. The bridge may speak for every device."""
    account, secret, service = Account.find(), credential.generate(), credential.generate()
    server = database.prepare(root, account, credential.generate())
    with child(server.command(), root / "postgres.log") as postgres:
        until(server.answers, "the database does not answer")
        asyncio.run(_prepare(server.dsn, load, devices, credential.protect(secret)))
        broker = brokers.prepare(root, account, brokers.free_port(), brokers.free_port())
        broker.write(service, [brokers.Client(BRIDGE, credential.protect(secret), ("mc/v1/#",))])
        with child(broker.command(), root / "mosquitto.log") as mosquitto:
            until(broker.answers, "the broker does not answer")
            yield Intake(root, server.dsn, broker, service, secret, postgres, mosquitto)


async def _prepare(dsn: str, load: Load, devices: int, hashed: str) -> None:
    connection = await connect(dsn, autocommit=True)
    try:
        await install(connection, demo_rules=False)
        await register(connection, load, devices, hashed)
    finally:
        await connection.close()


async def register(connection: Connection, load: Load, devices: int, hashed: str) -> None:
    """A site of the bench's own with so many devices, in one transaction."""
    await profiles.install(connection, [GATEWAY])
    async with connection.transaction():
        await registry.put_authority(connection, fleet.SITE, fleet.SITE, fleet.SITE)
        await registry.put_operator(connection, OPERATOR, fleet.SITE, fleet.SITE)
        await registry.put_site(
            connection,
            registry.NewSite(fleet.SITE, "warehouse", fleet.SITE, fleet.SITE, "", fleet.SITE, OPERATOR, ALWAYS_OPEN),
        )
        for number in range(devices):
            code = fleet.device(number)
            await registry.put_device(
                connection, registry.NewDevice(fleet.SITE, code, load.profile, code, code, hashed)
            )


@contextmanager
def worker(where: Intake, name: str = "1", *, shared: bool = False) -> Iterator[psutil.Popen]:
    """`mingchu ingest`, at work: subscribed, with the registry read."""
    log = where.root / f"ingest-{name}.log"
    settings = {
        "MINGCHU_DATA_DIR": str(where.root),
        "MINGCHU_DATABASE_URL": where.dsn,
        "MINGCHU_MQTT_URL": where.broker.service_url,
        "MINGCHU_MQTT_PASSWORD": where.service,
        "MINGCHU_WORKER": name,
        "MINGCHU_SHARED": str(shared),
    }
    command = (sys.executable, "-m", "mingchu", "ingest")
    with child(command, log, PYTHONPATH=checkout(), **settings) as process:
        until(lambda: "broker connected" in log.read_text(encoding="utf-8"), "ingest does not reach the broker")
        yield process


def enrol(where: Intake, name: str = "1") -> None:
    """Have the broker keep what comes before the worker does."""
    link.enrol(where.config(name))


@contextmanager
def publishing(plan: fleet.Plan, root: Path) -> Iterator[psutil.Popen]:
    """The devices, connected; they send what they are given credit for by `credit`."""
    file, log = root / "plan.json", root / "fleet.log"
    file.write_bytes(msgspec.json.encode(plan))
    command = (sys.executable, "-m", "mingchu.bench.fleet", str(file))
    with log.open("wb") as output:
        process = psutil.Popen(command, bufsize=0, stdin=subprocess.PIPE, stdout=output, stderr=output, cwd=checkout())
        try:
            until(lambda: "ready" in log.read_text() or process.poll() is not None, "the devices do not connect")
            yield process
        finally:
            process.stdin.close()
            process.wait(timeout=30)


def credit(devices: psutil.Popen, messages: int) -> None:
    """So many messages may have been sent in all."""
    with suppress(BrokenPipeError):  # they have sent all and gone
        devices.stdin.write(b"%d\n" % messages)


def flow(where: Intake, devices: psutil.Popen, total: int, ahead: int) -> float:
    """Let the devices send all, at most `ahead` of what is committed; returns seconds from first to last commit."""
    began, moved = time.monotonic(), time.monotonic()
    done = 0
    while done < total:
        known = where.ask(throughput.messages if devices.poll() is not None else throughput.committed)
        moved, done = (time.monotonic(), known) if known > done else (moved, done)
        if time.monotonic() - moved > 60:
            raise BenchError(f"{done} of {total} messages are committed, and no more of them for a minute")
        credit(devices, done + ahead)
        time.sleep(0.2)
    return time.monotonic() - began
