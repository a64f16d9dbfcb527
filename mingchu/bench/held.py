"""1,400 messages/s for a while beside the whole house: what ingest costs, and how long a message takes to be there.

The house is `mingchu up` without the demo. Each of 1,400 devices has a connection and a password of its own and speaks
once a second; one more is the prober, whose messages are looked for in the table.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import psycopg

from domain import credential
from mingchu.bench import fleet, intake
from mingchu.bench.figure import Figure
from mingchu.bench.intake import EIGHT
from mingchu.bench.process import BenchError, checkout, child, memory, spent, until
from mingchu.broker import free_port
from mingchu.database import address
from mingchu.datadir import DataDirectory
from store import throughput

RATE = 1400  # messages/s, and devices
WARM_S, PROBE_S, LOOK_S = 10.0, 0.5, 0.01
PATIENCE_S = 30.0
PROBER = fleet.device(RATE)


@dataclass(frozen=True, slots=True)
class House:
    """A running `mingchu up`."""

    root: Path
    dsn: str
    broker_port: int
    ingest: psutil.Process
    secret: str


@dataclass(frozen=True, slots=True)
class Held:
    """Percent of a core, seconds from message to queryable, memory after the first tenth and at the end in bytes."""

    cost: float
    waits: list[float]
    before: int
    after: int


def measure(seconds: float) -> dict[str, Figure]:
    """Hold the rate for so long; raises BenchError where messages are lost."""
    print(f"ingest: {RATE} messages/s for {seconds:.0f} s beside the whole house", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="mingchu-bench-") as name:
        root = Path(name)
        root.chmod(0o711)
        with house(root) as where:
            users = tuple(credential.device_user(fleet.SITE, fleet.device(number)) for number in range(RATE))
            total = int(RATE * (WARM_S + seconds))
            plan = fleet.Plan(where.broker_port, users, where.secret, RATE, EIGHT.values, total, RATE)
            with intake.publishing(plan, root) as devices:
                intake.credit(devices, total)
                time.sleep(WARM_S)
                held, probes = _hold(where, seconds)
                devices.wait()
            until(lambda: _messages(where) >= total + probes, "not all messages are landed")
    waits = sorted(held.waits)
    return {
        "held_wait_p95": Figure(float(np.quantile(waits, 0.95)), "s to be queryable", bar=2.0),
        "held_wait_p50": Figure(float(np.quantile(waits, 0.5)), "s to be queryable"),
        "held_cost": Figure(held.cost, "% of one core", bar=50.0),
        "held_memory": Figure((held.after - held.before) / 2**20, "MiB grown", bar=10.0),
    }


@contextmanager
def house(root: Path) -> Iterator[House]:
    """`mingchu up`, with the bench's devices registered and let in."""
    log, secret = root / "up.log", credential.generate()
    command = (sys.executable, "-m", "mingchu", "up", "--headless", "--json-status", "--port", str(free_port()))
    with child(command, log, PYTHONPATH=checkout(), MINGCHU_DATA_DIR=str(root)):
        until(lambda: _said(log, "ready") is not None, "the house does not start")
        ready = _said(log, "ready") or {}
        password = DataDirectory(root).kept_secret("database")
        if password is None:
            raise BenchError("the house has no database of its own")
        dsn = address(root, password)
        _register(dsn, credential.protect(secret))
        port = int(str(ready["broker"]).rpartition(":")[2])
        until(lambda: _lets_in(port, secret), "the broker does not let the devices in")
        until(lambda: _ingest(log) is not None, "ingest is not up")
        yield House(root, dsn, port, psutil.Process(_ingest(log)), secret)


def _register(dsn: str, hashed: str) -> None:
    intake.ask(dsn, lambda connection: intake.register(connection, EIGHT, RATE + 1, hashed))


def _messages(where: House) -> int:
    return intake.ask(where.dsn, throughput.messages)


def _hold(where: House, seconds: float) -> tuple[Held, int]:
    """Probe for so long."""
    line = fleet.connect(where.broker_port, credential.device_user(fleet.SITE, PROBER), where.secret)
    device = intake.ask(where.dsn, lambda connection: throughput.device(connection, fleet.SITE, PROBER))
    began, busy, before, waits = time.monotonic(), spent(where.ingest), 0, list[float]()
    with psycopg.connect(where.dsn, autocommit=True) as connection, line:
        while (now := time.monotonic()) - began < seconds:
            if not before and now - began > seconds / 10:
                before = memory(where.ingest)
            stamp = time.time_ns() // 1000
            line.sendall(fleet.publish(len(waits), PROBER, stamp, EIGHT.values % 0))
            waits.append(_wait(connection, device, stamp))
            time.sleep(max(0.0, PROBE_S - (time.monotonic() - now)))
    cost = (spent(where.ingest) - busy) / (time.monotonic() - began) * 100
    return Held(cost, waits, before, memory(where.ingest)), len(waits)


def _wait(connection: psycopg.Connection, device: int, stamp: int) -> float:
    """Seconds until the device's reading of that instant (µs) can be queried."""
    began = time.monotonic()
    while throughput.newest(connection, device) < stamp:
        if time.monotonic() - began > PATIENCE_S:
            raise BenchError(f"a message was not in the table after {PATIENCE_S:.0f} s")
        time.sleep(LOOK_S)
    return time.monotonic() - began


def _lets_in(port: int, secret: str) -> bool:
    try:
        fleet.connect(port, credential.device_user(fleet.SITE, PROBER), secret).close()
    except OSError:
        return False
    return True


def _said(log: Path, event: str) -> dict[str, Any] | None:
    """The last status line of that kind."""
    return next((line for line in reversed(_lines(log)) if line.get("event") == event), None)


def _ingest(log: Path) -> int | None:
    lines = [line for line in _lines(log) if line.get("event") == "process" and line.get("name") == "ingest"]
    return int(lines[-1]["pid"]) if lines and lines[-1]["state"] == "up" else None


def _lines(log: Path) -> list[dict[str, Any]]:
    whole = log.read_text(encoding="utf-8").split("\n")[:-1]
    return [json.loads(line) for line in whole if line.startswith("{")]
