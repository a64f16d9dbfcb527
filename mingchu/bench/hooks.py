"""A storm of events for webhooks through `mingchu alerts` as shipped: what facts pay, what waits, whom it holds up.

Four webhooks of a city: one is well, one refuses, one hangs, all of devices; a calm one wants the edge alone.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from domain.webhook import BACKLOG, new_secret
from mingchu.bench.figure import Figure
from mingchu.bench.process import BenchError, checkout, child, spent
from store import alert_load, registry, webhook_load
from store.connection import Connection

EVENTS = 10_000
EVERY_S = 0.5  # an event of the edge
HANGS_S = 6.0  # longer than a call may take
PATIENCE_S = 60.0
EDGE = "bench-edge"


@dataclass(slots=True)
class Receivers:
    """By their paths: how many calls came, and when."""

    at: dict[str, list[float]] = field(default_factory=lambda: {"well": [], "refuses": [], "hangs": [], "calm": []})

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
            await reader.readexactly(length)
            path = head.split()[1].strip("/")
            self.at[path].append(time.monotonic())
            await asyncio.sleep(HANGS_S if path == "hangs" else 0)
            status = b"503 Busy" if path == "refuses" else b"204 Taken"
            writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
        writer.close()


async def measure(
    dsn: str, owner: Connection, devices: Sequence[int], *, seconds: float, authority: str
) -> dict[str, Figure]:
    """EVENTS devices flip at once, then an edge again and again for so long; raises BenchError where one is lost."""
    some = devices[: EVENTS // 2]
    print(f"alerts: {EVENTS} events for webhooks, then {seconds:g} s", file=sys.stderr, flush=True)
    await alert_load.log_in(owner, 1, authority)
    await registry.put_edge(owner, registry.NewEdge(EDGE, EDGE, EDGE, authority, ""))
    alone = await _flip(owner, some)
    receivers = Receivers()
    with tempfile.TemporaryDirectory(prefix="mingchu-bench-") as name:
        async with _listening(receivers) as url:
            for path in receivers.at:
                kinds = ["edge.offline", "edge.online"] if path == "calm" else ["device.offline", "device.online"]
                await webhook_load.plant(owner, authority, f"{url}/{path}", new_secret(), kinds)
            told = await _flip(owner, some)
            settings = {"MINGCHU_DATA_DIR": name, "MINGCHU_DATABASE_URL": dsn, "MINGCHU_PUSH_ALLOW_PRIVATE": "true"}
            command = (sys.executable, "-m", "mingchu", "alerts")
            with child(command, Path(name) / "log", PYTHONPATH=checkout(), **settings) as process:
                await _until(lambda: bool(receivers.at["well"]))
                before, began = spent(process), time.monotonic()
                waits = await _trickle(owner, receivers, seconds)
                cost, took = spent(process) - before, time.monotonic() - began
                left = await webhook_load.left(owner)
    return {
        "webhooks_fact": Figure(told / EVENTS * 1000, "ms of a fact", limit=alone / EVENTS * 1000),
        "webhooks_calm_p99": Figure(float(np.quantile(waits, 0.99)), "s to the receiver", bar=5.0),
        "webhooks_calm_p50": Figure(float(np.quantile(waits, 0.5)), "s to the receiver"),
        "webhooks_well": Figure(len(receivers.at["well"]) / took, "events/s to the one that is well"),
        "webhooks_refused": Figure(len(receivers.at["refuses"]), f"calls of the one that refuses in {took:.0f} s"),
        "webhooks_waiting": Figure(left.waiting, "events wait for one", bar=BACKLOG),
        "webhooks_dropped": Figure(left.dropped, "events were counted and not kept"),
        "webhooks_size": Figure(left.size / 2**20, "MiB"),
        "webhooks_cost": Figure(cost / took * 100, "% of one core"),
    }


async def _flip(owner: Connection, devices: Sequence[int]) -> float:
    """Each comes and goes: EVENTS facts in two transactions; the seconds it took."""
    began = time.monotonic()
    for _ in range(2):
        await webhook_load.flip(owner, devices)
    return time.monotonic() - began


async def _trickle(owner: Connection, receivers: Receivers, seconds: float) -> list[float]:
    """Seconds from each fact of the edge to the calm receiver, in order."""
    written, until = list[float](), time.monotonic() + seconds
    while time.monotonic() < until:
        await webhook_load.flip_edge(owner, EDGE)
        written.append(time.monotonic())
        await asyncio.sleep(EVERY_S)
    await _until(lambda: len(receivers.at["calm"]) >= len(written))
    return [came - went for came, went in zip(receivers.at["calm"], written, strict=False)]


@asynccontextmanager
async def _listening(receivers: Receivers) -> AsyncIterator[str]:
    listening = await asyncio.start_server(receivers.answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        listening.close()


async def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            raise BenchError(f"the events do not come within {PATIENCE_S:g} s")
        await asyncio.sleep(0.05)
