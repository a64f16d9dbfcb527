"""`mingchu bench ingest`: from the broker into the tables, against the bare binary COPY of the same rows.

Publisher, broker, database and ingest share the machine's cores, as they would on one small server. The publisher is a
raw socket that writes QoS 1 packets for all devices, as a bridge does; it is never more than some seconds ahead of what
is committed. The time runs from the first message sent to the last one committed.
"""

import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import psutil

from mingchu.bench import held, intake
from mingchu.bench.figure import Figure
from mingchu.bench.fleet import Plan
from mingchu.bench.intake import EIGHT, HUNDRED, Intake, Load
from mingchu.bench.process import BenchError, spent
from store import throughput

Part = Literal["rate", "gateway", "two", "held", "burst"]
PARTS: tuple[Part, ...] = get_args(Part)
DEVICES, GATEWAYS = 1000, 50
AHEAD_S = 5.0  # how far the publisher may be ahead, at the rate that is hoped for
HOPED = 15_000  # messages/s
COPY_ROWS = 32_000  # of one of ingest's own batches


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of each part is run."""

    messages: int = 300_000
    gateway: int = 30_000
    held_s: float = 60.0
    burst: int = 200_000


@dataclass(frozen=True, slots=True)
class Run:
    """One flow to its end: messages per second, and CPU µs per message of each process."""

    rate: float
    cost: Mapping[str, float]
    bare: float  # readings/s of the bare COPY


def measure(parts: Sequence[Part], sizes: Sizes) -> dict[str, Figure]:
    """The chosen parts' figures; raises BenchError, also where a message is lost or doubled."""
    figures: dict[str, Figure] = {}
    one = _rate(sizes.messages, figures) if {"rate", "two"} & set(parts) else None
    if "gateway" in parts:
        _gateway(sizes.gateway, figures)
    if "two" in parts and one is not None:
        _say("two workers")
        two = _flow(EIGHT, DEVICES, sizes.messages, workers=2)
        figures["ingest_two_workers"] = Figure(two.rate, "messages/s", limit=one.rate)
        figures["ingest_two_over_one"] = Figure(two.rate / one.rate, "ratio", bar=0.95, sense="at least")
    if "burst" in parts:
        _burst(sizes.burst, figures)
    if "held" in parts:
        figures |= held.measure(sizes.held_s)
    return figures


def _rate(messages: int, figures: dict[str, Figure]) -> Run:
    _say("one worker")
    run = _flow(EIGHT, DEVICES, messages)
    readings = run.rate * EIGHT.readings
    figures["ingest_rate"] = Figure(run.rate, "messages/s", bar=HOPED, sense="at least")
    figures["ingest_readings"] = Figure(readings, "readings/s", limit=run.bare, bar=120_000, sense="at least")
    figures["ingest_over_copy"] = Figure(readings / run.bare, "ratio", bar=0.15, sense="at least")
    figures |= {f"ingest_cost_{who}": Figure(cost, "µs CPU a message") for who, cost in run.cost.items()}
    return run


def _gateway(messages: int, figures: dict[str, Figure]) -> None:
    _say("a hundred readings a message")
    run = _flow(HUNDRED, GATEWAYS, messages)
    readings = run.rate * HUNDRED.readings
    figures["gateway_readings"] = Figure(readings, "readings/s", limit=run.bare)
    figures["gateway_over_copy"] = Figure(readings / run.bare, "ratio", bar=0.4, sense="at least")
    figures["gateway_cost_ingest"] = Figure(run.cost["ingest"], "µs CPU a message")


def _flow(load: Load, devices: int, messages: int, workers: int = 1) -> Run:
    """All the messages through so many workers, then the bare COPY of what they wrote."""
    with _place(load, devices) as where, ExitStack() as stack:
        crew = [stack.enter_context(intake.worker(where, str(n), shared=workers > 1)) for n in range(workers)]
        publisher = stack.enter_context(intake.publishing(_plan(where, load, devices, messages), where.root))
        everybody = {"ingest": crew, "postgres": [where.postgres], "mosquitto": [where.mosquitto]}
        before = {who: _spent(processes) for who, processes in everybody.items()}
        ahead = int(AHEAD_S * HOPED * EIGHT.readings / load.readings)
        seconds = intake.flow(where, publisher, messages, ahead)
        cost = {who: (_spent(all_) - before[who]) / messages * 1e6 for who, all_ in everybody.items()}
        _check(where, messages, load)
        rows, took = where.ask(lambda connection: throughput.copied(connection, COPY_ROWS))
    _say(f"{messages / seconds:.0f} messages/s, bare COPY {rows / took:.0f} rows/s")
    return Run(messages / seconds, cost, rows / took)


def _burst(messages: int, figures: dict[str, Figure]) -> None:
    """Queued while ingest is away, then drained: its memory against that of an idle worker."""
    _say(f"a burst of {messages}")
    with _place(EIGHT, DEVICES) as where:
        intake.enrol(where)
        with intake.worker(where) as idle:
            time.sleep(3)
            base = idle.memory_info().rss
        with intake.publishing(_plan(where, EIGHT, DEVICES, messages), where.root) as publisher:
            intake.credit(publisher, messages)
            publisher.wait()
        broker = where.mosquitto.memory_info().rss
        began, most = time.monotonic(), 0
        with intake.worker(where) as process:
            while (done := where.ask(throughput.messages)) < messages:
                most = max(most, process.memory_info().rss)
                if time.monotonic() - began > 60 + messages / 1000:
                    raise BenchError(f"{done} of {messages} queued messages are landed, and the time is over")
                time.sleep(1)
            seconds = time.monotonic() - began
        _check(where, messages, EIGHT)
    figures["burst_drained"] = Figure(messages / seconds, "messages/s")
    figures["burst_memory"] = Figure((most - base) / 2**20, "MiB grown", bar=100.0)
    figures["burst_broker_memory"] = Figure(broker / 2**20, "MiB")


@contextmanager
def _place(load: Load, devices: int) -> Iterator[Intake]:
    with tempfile.TemporaryDirectory(prefix="mingchu-bench-") as name:
        root = Path(name)
        root.chmod(0o711)
        with intake.intake(root, load, devices) as where:
            yield where


def _plan(where: Intake, load: Load, devices: int, messages: int) -> Plan:
    return Plan(where.broker.port, (intake.BRIDGE,), where.secret, devices, load.values, messages)


def _check(where: Intake, messages: int, load: Load) -> None:
    found = where.ask(throughput.arrived)
    if (found.messages, found.numbers, found.readings) != (messages, messages, messages * load.readings):
        raise BenchError(f"of {messages} messages with {load.readings} readings each the tables hold {found}")


def _spent(processes: Sequence[psutil.Popen]) -> float:
    """CPU seconds of processes and what they started, since each began."""
    family = [one for process in processes for one in (process, *process.children(recursive=True))]
    return sum(map(spent, family))


def _say(text: str) -> None:
    print(f"ingest: {text}", file=sys.stderr, flush=True)
