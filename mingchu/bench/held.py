"""1,400 messages/s for a while beside the whole house: what ingest costs, and how long a message takes to be there.

The house is `mingchu up` without the demo. Each of 1,400 devices has a connection and a password of its own and speaks
once a second; one more is the prober, whose messages are looked for in the table.
"""

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from domain import credential
from mingchu.bench import fleet, intake
from mingchu.bench.figure import Figure
from mingchu.bench.house import House, house
from mingchu.bench.intake import EIGHT
from mingchu.bench.prober import Prober, prober
from mingchu.bench.process import memory, spent, until
from store import throughput

RATE = 1400  # messages/s, and devices
WARM_S, PROBE_S = 10.0, 0.5


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
        with house(root, RATE + 1) as where, prober(where) as probing:
            users = tuple(credential.device_user(fleet.SITE, fleet.device(number)) for number in range(RATE))
            total = int(RATE * (WARM_S + seconds))
            plan = fleet.Plan(where.broker_port, users, where.secret, RATE, EIGHT.values, total, RATE)
            with intake.publishing(plan, root) as devices:
                intake.credit(devices, total)
                time.sleep(WARM_S)
                held = _hold(probing, where.process("ingest"), seconds)
                devices.wait()
            until(lambda: _messages(where) >= total + probing.sent, "not all messages are landed")
    waits = sorted(held.waits)
    return {
        "held_wait_p95": Figure(float(np.quantile(waits, 0.95)), "s to be queryable", bar=2.0),
        "held_wait_p50": Figure(float(np.quantile(waits, 0.5)), "s to be queryable"),
        "held_cost": Figure(held.cost, "% of one core", bar=50.0),
        "held_memory": Figure((held.after - held.before) / 2**20, "MiB grown", bar=10.0),
    }


def _messages(where: House) -> int:
    return intake.ask(where.dsn, throughput.messages)


def _hold(probing: Prober, ingest: psutil.Process, seconds: float) -> Held:
    """Probe for so long."""
    began, busy, before, waits = time.monotonic(), spent(ingest), 0, list[float]()
    while (now := time.monotonic()) - began < seconds:
        if not before and now - began > seconds / 10:
            before = memory(ingest)
        waits.append(probing.probe())
        time.sleep(max(0.0, PROBE_S - (time.monotonic() - now)))
    cost = (spent(ingest) - busy) / (time.monotonic() - began) * 100
    return Held(cost, waits, before, memory(ingest))
