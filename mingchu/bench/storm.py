"""A storm of signals through `mingchu alerts` as shipped: how long grave pushes take to a receiver in this process."""

import asyncio
import itertools
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import psutil

from domain.rule import Rule, RuleKind
from domain.severity import Severity
from mingchu.bench import visitor
from mingchu.bench.figure import Figure
from mingchu.bench.process import BenchError, checkout, child, spent
from store import alert_load, signals
from store.connection import Connection
from store.signals import Signal

PER_MINUTE, SUBJECTS = 10_000, 500
TICK_S, GRAVE_EVERY_S = 0.25, 1.0
ANSWER_S = 0.05  # a receiver far away
PATIENCE_S = 60.0
LOOKS = ("/", "/queue", "/api/v1/alerts", "/api/v1/alerts/counts")
LOOK_EVERY_S = 0.5
SIDES = 2  # the operator and the city
GRAVE = Rule("grave", 1, RuleKind.EVENT, "困人", "Trapped", Severity.I, "ours", codes=("9",))
ORDINARY = Rule("ordinary", 1, RuleKind.EVENT, "故障", "Fault", Severity.II, "ours", codes=("1",))
RULES = (GRAVE, ORDINARY)

PutChannels = Callable[[Connection, str], Awaitable[None]]


class _Item(msgspec.Struct):
    """One of the things that a message tells."""

    severity: int
    alert: int


class _Told(_Item):
    """What of a message is of interest here."""

    items: list[_Item] = []


@dataclass(slots=True)
class Receiver:
    """Takes every message, slowly; knows which grave alerts it was told, and when, and how many others."""

    grave: list[tuple[int, float]] = field(default_factory=list)
    ordinary: int = 0
    messages: int = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
            told = msgspec.json.decode(await reader.readexactly(length), type=_Told)
            self.messages += 1
            for item in told.items or [told]:
                self._note(item)
            await asyncio.sleep(ANSWER_S)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
        writer.close()

    def _note(self, told: _Item) -> None:
        if told.severity > Severity.I:
            self.ordinary += 1
        else:
            self.grave.append((told.alert, time.monotonic()))


async def measure(
    dsn: str, owner: Connection, devices: Sequence[int], *, seconds: float, authority: str, put_channels: PutChannels
) -> dict[str, Figure]:
    """Write signals at PER_MINUTE for so long; raises BenchError where a grave alert is not told to both sides."""
    print(f"alerts: a storm of {PER_MINUTE} signals a minute for {seconds:g} s", file=sys.stderr, flush=True)
    receiver, (token,) = Receiver(), await alert_load.log_in(owner, 1, authority)
    with tempfile.TemporaryDirectory(prefix="mingchu-bench-") as name:
        root = Path(name)
        (root / "api").mkdir()
        async with _listening(receiver) as url:
            await put_channels(owner, url)
            with _engine(dsn, root) as engine, visitor.api(dsn, root / "api") as (_, console):
                await _until(lambda: "alerts.active" in engine.log.read_text(encoding="utf-8"))
                before, answers = engine.spent(), list[float]()
                looking = asyncio.create_task(_look(console, token, answers))
                written, sent = await _blow(owner, devices, seconds)
                looking.cancel()
                await _until(lambda: len(receiver.grave) >= SIDES * len(written))
                spent = engine.spent() - before
    about = await alert_load.subjects(owner, GRAVE.code)
    waits = [at - written[about[alert]] for alert, at in receiver.grave]
    return {
        "storm_grave_push_p99": Figure(float(np.quantile(waits, 0.99)), "s to the receiver", bar=10.0),
        "storm_grave_push_p50": Figure(float(np.quantile(waits, 0.5)), "s to the receiver"),
        "storm_api_p95": Figure(float(np.quantile(answers, 0.95)) * 1000, "ms of a page or list", bar=300.0),
        "storm_alerts": Figure((await alert_load.raised(owner, ORDINARY.code))[0], f"alerts of {SUBJECTS} subjects"),
        "storm_signals": Figure(sent / seconds * 60, "signals/min"),
        "storm_signals_left": Figure(await alert_load.waiting(owner), "signals", bar=0.0),
        "storm_ordinary_pushes": Figure(receiver.ordinary, "pushes"),
        "storm_ordinary_messages": Figure(receiver.messages - len(receiver.grave), "messages, both sides"),
        "storm_cost": Figure(spent / seconds * 100, "% of one core"),
    }


async def _look(console: str, token: str, answers: list[float]) -> None:
    """One person who reads the queue again and again, as PROMISES R11 has it; raises HTTPStatusError."""
    async with visitor.browser(console, token) as client:
        for path in itertools.cycle(LOOKS):
            began = time.perf_counter()
            (await client.get(path)).raise_for_status()
            answers.append(time.perf_counter() - began)
            await asyncio.sleep(LOOK_EVERY_S)


@dataclass(frozen=True, slots=True)
class _Engine:
    process: psutil.Popen
    log: Path

    def spent(self) -> float:
        """CPU seconds since it began."""
        return spent(self.process)


@contextmanager
def _engine(dsn: str, root: Path) -> Iterator[_Engine]:
    settings = {"MINGCHU_DATA_DIR": str(root), "MINGCHU_DATABASE_URL": dsn, "MINGCHU_PUSH_ALLOW_PRIVATE": "true"}
    log = root / "alerts.log"
    with child((sys.executable, "-m", "mingchu", "alerts"), log, PYTHONPATH=checkout(), **settings) as process:
        yield _Engine(process, log)


@asynccontextmanager
async def _listening(receiver: Receiver) -> AsyncIterator[str]:
    listening = await asyncio.start_server(receiver.answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        listening.close()


async def _blow(owner: Connection, devices: Sequence[int], seconds: float) -> tuple[dict[int, float], int]:
    """SUBJECTS devices that flip in turn, and every second one stuck elsewhere: who and when; how many signals."""
    ordinary, lifts = devices[-SUBJECTS:], iter(devices[:-SUBJECTS])
    began, sent, written = time.monotonic(), 0, dict[int, float]()
    while (now := time.monotonic() - began) < seconds:
        upto = int((now + TICK_S) * PER_MINUTE / 60)
        found = [_flip(ordinary, number) for number in range(sent, upto)]
        if now >= len(written) * GRAVE_EVERY_S:
            lift = next(lifts)
            found.append(Signal(GRAVE.code, 1, True, datetime.now(UTC), "bench", device=lift))
            written[lift] = time.monotonic()
        async with owner.transaction():
            await signals.insert(owner, found)
        sent += len(found)
        await asyncio.sleep(max(0.0, TICK_S - (time.monotonic() - began - now)))
    return written, sent


def _flip(ordinary: Sequence[int], number: int) -> Signal:
    turn, subject = divmod(number, len(ordinary))
    return Signal(ORDINARY.code, 1, turn % 2 == 0, datetime.now(UTC), "bench", device=ordinary[subject])


async def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            raise BenchError(f"the engine does not come to its end within {PATIENCE_S:g} s")
        await asyncio.sleep(0.1)
