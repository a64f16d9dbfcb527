"""`mingchu bench api`: `mingchu api` as shipped, its people logged in, its queue long, its alerts changing.

Each person has an open stream of live updates. Whoever sees a change reads the queue's visible part again, as the
console's own script does, and looks at another page now and then. What the api process spends is read from outside;
the visitors and the database share the machine with it.
"""

import asyncio
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from mingchu.bench import alerts as city
from mingchu.bench import visitor
from mingchu.bench.figure import Figure
from mingchu.bench.process import BenchError, memory, spent
from mingchu.bench.query import server
from store import alert_load, bulk
from store.connection import Connection, connect
from store.migrate import migrate

ARRIVE_S = 0.01  # between two who come
LOOK_EVERY_S = 30.0  # a person opens a page
RELOAD_S = (0.4, 1.0)  # the script's wait after a change
_LINK = re.compile(r'(?:href|src)="(/static/[^"]+\.(?:css|js)[^"]*)"')
_PAGES = (
    *("/", "/?tab=finished", "/sites", "/alerts/{alert}"),
    *("/api/v1/alerts", "/api/v1/alerts/counts", "/api/v1/sites"),
)


@dataclass(frozen=True, slots=True)
class Load:
    """How many people, how many alerts, how many changes a second, for how long."""

    people: int = 600
    alerts: int = 1_000_000
    changes: float = 1.0
    seconds: float = 60.0


@dataclass(slots=True)
class Seen:
    """What all visitors met."""

    answers: list[float] = field(default_factory=list)  # seconds
    reloads: list[float] = field(default_factory=list)
    events: int = 0
    faults: list[str] = field(default_factory=list)
    open: int = 0


def measure(load: Load) -> dict[str, Figure]:
    """The figures; raises BenchError where an answer is wrong or a stream ends."""
    with server(None) as dsn:
        return asyncio.run(_measure(dsn, load))


async def _measure(dsn: str, load: Load) -> dict[str, Figure]:
    async with await connect(dsn, autocommit=True) as owner:
        await migrate(owner)
        devices = await city.found(owner)
        _say(f"loading {load.alerts} alerts")
        await alert_load.plant_alerts(owner, devices, load.alerts)
        tokens = await alert_load.log_in(owner, load.people, city.CITY)
        await bulk.tidy(owner)
        with (
            tempfile.TemporaryDirectory(prefix="mingchu-bench-") as name,
            visitor.api(dsn, Path(name)) as (process, url),
        ):
            alone = memory(process)
            weight, usable = await _first_page(url, tokens[0])
            figures = await _crowd(owner, process, url, tokens, load)
            grown = memory(process) - alone
    return {
        **figures,
        "first_page_weight": Figure(weight / 1000, "kB, compressed, without images", bar=100.0),
        "queue_page_usable": Figure(usable, "s", bar=1.0, note="page, styles and scripts, the first visitor's"),
        "api_memory_per_session": Figure(grown / load.people / 1024, "KiB"),
    }


async def _first_page(url: str, token: str) -> tuple[int, float]:
    """Bytes over the wire and seconds of the queue's page with all that it needs but images, by an empty cache."""
    began, weight = time.perf_counter(), 0
    async with visitor.browser(url, token) as client:
        page = await client.get("/")
        wanted, known = [str(link) for link in _LINK.findall(page.text)], set[str]()
        weight += _wire(page)
        while wanted:
            link = wanted.pop().replace("&amp;", "&")
            if link in known:
                continue
            known.add(link)
            part = await client.get(link)
            weight += _wire(part)
            wanted += [f"/static/{name}" for name in re.findall(r'from "\./([a-z_]+\.js)"', part.text)]
    return weight, time.perf_counter() - began


def _wire(answer: httpx.Response) -> int:
    """Bytes of an answer's body as they came."""
    answer.raise_for_status()
    return answer.num_bytes_downloaded


async def _crowd(
    owner: Connection, process: psutil.Popen, url: str, tokens: Sequence[str], load: Load
) -> dict[str, Figure]:
    """Everybody at once for so long."""
    _say(f"{load.people} people, {load.changes:g} changes a second, for {load.seconds:g} s")
    seen, alerts = Seen(), await alert_load.some_open(owner, 200)
    limits = httpx.Limits(max_connections=load.people * 2)
    async with asyncio.TaskGroup() as group:
        visits = []
        for token in tokens:
            visits.append(group.create_task(_visit(url, token, alerts, seen, limits)))
            await asyncio.sleep(ARRIVE_S)
        await _until(lambda: seen.open >= load.people)
        seen.answers.clear()  # of those who came early
        seen.reloads.clear()
        seen.events = 0
        before, began = spent(process), time.monotonic()
        changed = await _change(owner, alerts, load)
        cost, wall = spent(process) - before, time.monotonic() - began
        for visit in visits:
            visit.cancel()
    if seen.faults:
        raise BenchError(f"{len(seen.faults)} answers were wrong, the first: {seen.faults[0]}")
    return {
        "api_cost": Figure(cost / wall * 100, "% of one core", bar=100.0),
        "api_page_p95": Figure(_p95(seen.answers) * 1000, "ms", bar=300.0),
        "api_reload_p95": Figure(_p95(seen.reloads) * 1000, "ms", bar=300.0),
        "api_answers": Figure((len(seen.answers) + len(seen.reloads)) / wall, "a second"),
        "api_events": Figure(seen.events / wall, "a second, told to browsers"),
        "api_changes": Figure(changed / wall, "alerts a second"),
    }


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


async def _change(owner: Connection, alerts: Sequence[int], load: Load) -> int:
    """Alerts that clear and return, as the engine writes and announces it."""
    dice, began, changed = random.Random(1), time.monotonic(), 0  # noqa: S311
    while time.monotonic() - began < load.seconds:
        await alert_load.flip(owner, dice.choice(alerts))
        changed += 1
        await asyncio.sleep(max(0.0, began + changed / load.changes - time.monotonic()))
    return changed


async def _visit(url: str, token: str, alerts: Sequence[int], seen: Seen, limits: httpx.Limits) -> None:
    """One person: a stream, the queue read again after each change, and another page now and then."""
    dice = random.Random(token)  # noqa: S311
    async with visitor.browser(url, token, limits) as client, asyncio.TaskGroup() as group:
        wake = asyncio.Event()
        group.create_task(_listen(client, wake, seen))
        group.create_task(_reload(client, wake, dice, seen))
        await asyncio.sleep(dice.uniform(0, LOOK_EVERY_S))
        while True:
            path = dice.choice(_PAGES).format(alert=dice.choice(alerts))
            await _ask(client, path, seen, seen.answers)
            await asyncio.sleep(dice.uniform(0.5, 1.5) * LOOK_EVERY_S)


async def _listen(client: httpx.AsyncClient, wake: asyncio.Event, seen: Seen) -> None:
    async with client.stream("GET", "/api/v1/events", timeout=None) as answer:
        seen.open += 1
        async for line in answer.aiter_lines():
            if line.startswith("event: "):
                seen.events += 1
                wake.set()
    seen.faults.append(f"a stream ended with {answer.status_code}")


async def _reload(client: httpx.AsyncClient, wake: asyncio.Event, dice: random.Random, seen: Seen) -> None:
    while True:
        await wake.wait()
        await asyncio.sleep(dice.uniform(*RELOAD_S))
        wake.clear()
        await _ask(client, "/queue", seen, seen.reloads)


async def _ask(client: httpx.AsyncClient, path: str, seen: Seen, times: list[float]) -> None:
    began = time.perf_counter()
    answer = await client.get(path)
    times.append(time.perf_counter() - began)
    if answer.status_code not in (200, 404):  # another's alert
        seen.faults.append(f"{path}: {answer.status_code}")


async def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not holds():
        if time.monotonic() > deadline:
            raise BenchError("the api does not open all streams")
        await asyncio.sleep(0.1)


def _say(text: str) -> None:
    print(f"api: {text}", file=sys.stderr, flush=True)
