"""`mingchu bench alerts`: signals through the engine, pages out of a long queue, and grave pushes out of a storm.

Three parts on one database. The engine's own decider empties a queue of signals, each of which raises an alert with its
history and a push, then one of as many that clear them; the bare limit is a statement that makes the same rows of as
many signals at once and decides nothing. The queue is asked as the console asks it, with row-level security. The storm
blows through `mingchu alerts` as shipped, with a receiver in this process, as does one of events for webhooks.
"""

import asyncio
import os
import random
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, get_args

from alerts import ladderbook
from alerts.counters import Counters
from alerts.decider import BATCH, Decider
from domain.alert import FINISHED, Role, Status
from domain.profile import DeviceKind, DeviceProfile
from domain.rule import Rule, RuleKind
from domain.schedule import ALWAYS_OPEN
from domain.severity import Severity
from domain.standing import rolled_up
from mingchu import logs
from mingchu.bench import hooks, storm
from mingchu.bench.figure import Figure
from mingchu.bench.process import BenchError
from mingchu.bench.query import server
from store import alert_load, bulk, ladders, profiles, queue, registry, rules, standing
from store.connection import Connection, ServiceRole, connect, pool
from store.migrate import migrate
from store.people import Person, Pool, scoped
from store.queue import QueueFilter

Part = Literal["engine", "queue", "storm", "webhooks"]
PARTS: tuple[Part, ...] = get_args(Part)
STATIONS, SITES, DEVICES = 50, 10, 20  # of the city, of a station, of a site
CITY, OPERATORS = "bench", ("91990100MA5MCQ0010", "91990100MA5MCQ0029")
PAGE, ASKED = 51, 200  # the console asks for one row more than it shows
MAPS = 30
UNFINISHED, OVER = tuple(one for one in Status if one not in FINISHED), tuple(FINISHED)
THING = DeviceProfile("bench-thing", DeviceKind.COLD_STORE, 1, "设备", "Thing", "ours", 86_400.0, ())
DECIDED, BARE, BEFORE = (
    Rule(code, 1, RuleKind.EVENT, "故障", "Fault", Severity.III, "ours", codes=("1",))
    for code in ("decided", "bare", "before")
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of each part is run."""

    signals: int = 10_000
    alerts: int = 100_000
    storm_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds for so many signals: by the clock, and of this process's CPU."""

    wall: float
    cpu: float


def measure(parts: Sequence[Part], sizes: Sizes) -> dict[str, Figure]:
    """The chosen parts' figures; raises BenchError, also where an alert is lost or doubled."""
    with server(None) as dsn, Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        logs.configure("INFO", nowhere)  # what the engine logs costs as much as when somebody reads it
        return asyncio.run(_measure(dsn, parts, sizes))


async def _measure(dsn: str, parts: Sequence[Part], sizes: Sizes) -> dict[str, Figure]:
    figures: dict[str, Figure] = {}
    async with await connect(dsn, autocommit=True) as owner:
        await migrate(owner)
        devices = await found(owner)
        if "storm" in parts:
            figures |= await storm.measure(
                dsn, owner, devices, seconds=sizes.storm_s, authority=CITY, put_channels=put_channels
            )
        if "webhooks" in parts:
            figures |= await hooks.measure(dsn, owner, devices, seconds=sizes.storm_s, authority=CITY)
        if "engine" in parts:
            figures |= await _engine(dsn, owner, devices[: sizes.signals])
        if "queue" in parts:
            figures |= await _queue(dsn, owner, devices, sizes.alerts)
    return figures


async def found(owner: Connection) -> list[int]:
    """A city with stations, sites and devices; the first site has an operator of its own."""
    _say("founding a city")
    await profiles.install(owner, [THING])
    await rules.install(owner, [DECIDED, BARE, BEFORE, *storm.RULES])
    await ladders.install(owner, ladderbook.ladders(), ladderbook.calendars())
    async with owner.transaction():
        for path in (CITY, *(f"{CITY}.s{number}" for number in range(STATIONS))):
            await registry.put_authority(owner, path, path, path)
        for number, uscc in enumerate(OPERATORS):
            await registry.put_operator(owner, uscc, f"经营者{number}", f"Operator {number}")
        for number in range(STATIONS * SITES):
            await registry.put_site(owner, _site(number))
        await put_channels(owner, "http://127.0.0.1:9")
        found = await bulk.plant_devices(owner, "kitchen", THING.code, DEVICES)
    await bulk.tidy(owner)
    return [device for site in found.values() for device in site]


async def put_channels(owner: Connection, url: str) -> None:
    """One for each operator and one for the city, all below `url`."""
    for uscc in OPERATORS:
        await registry.put_channel(owner, f"{url}/operator", "secret", operator=uscc)
    await registry.put_channel(owner, f"{url}/city", "secret", authority=CITY)


def _site(number: int) -> registry.NewSite:
    code, station = f"site-{number}", f"{CITY}.s{number % STATIONS}"
    return registry.NewSite(code, "kitchen", "厨房", "Kitchen", "", station, OPERATORS[number > 0], ALWAYS_OPEN)


async def _engine(dsn: str, owner: Connection, devices: Sequence[int]) -> dict[str, Figure]:
    """Each signal raises an alert, then as many clear them; all wait in the queue when the engine begins."""
    _say(f"{len(devices)} signals that raise, and as many that clear")
    await _bare(owner, BEFORE, devices)  # empty tables are planned for badly
    bare = await _bare(owner, BARE, devices)
    raising = await _decide(dsn, owner, devices, value=True)
    clearing = await _decide(dsn, owner, devices, value=False)
    found = await alert_load.raised(owner, DECIDED.code)
    if found != (len(devices), 2 * len(devices), len(devices)):
        raise BenchError(f"{len(devices)} signals made {found[0]} alerts with {found[1]} steps and {found[2]} pushes")
    n, limit = len(devices), len(devices) / bare
    return {
        "engine_raising": Figure(n / raising.wall, "signals/s", limit=limit, bar=2000.0, sense="at least"),
        "engine_raising_by_cpu": Figure(n / raising.cpu, "signals per s of its CPU", bar=2000.0, sense="at least"),
        "engine_clearing": Figure(n / clearing.wall, "signals/s"),
        "engine_clearing_by_cpu": Figure(n / clearing.cpu, "signals per s of its CPU"),
    }


async def _bare(owner: Connection, rule: Rule, devices: Sequence[int]) -> float:
    await alert_load.plant_signals(owner, rule.code, devices, value=True)
    await bulk.tidy(owner)
    return await alert_load.bare(owner, rule.code, BATCH)


async def _decide(dsn: str, owner: Connection, devices: Sequence[int], *, value: bool) -> Spent:
    await alert_load.plant_signals(owner, DECIDED.code, devices, value=value)
    async with await connect(dsn, ServiceRole.ALERTS, autocommit=True) as connection:
        decider = Decider(connection, Counters())
        wall, cpu = time.monotonic(), time.process_time()
        while await decider.signals():
            await decider.dues()
        return Spent(time.monotonic() - wall, time.process_time() - cpu)


async def _queue(dsn: str, owner: Connection, devices: Sequence[int], count: int) -> dict[str, Figure]:
    _say(f"loading {count} alerts")
    await alert_load.plant_alerts(owner, devices, count)
    await bulk.tidy(owner)
    _say("asking for pages of the queue")
    async with pool(dsn, ServiceRole.API, size=1) as connections:
        people = {
            "city": (CITY, None),
            "station": (f"{CITY}.s7", None),
            "operator": (None, await alert_load.operator(owner, OPERATORS[0])),
        }
        figures: dict[str, Figure] = {}
        for name, (authority, operator) in people.items():
            who = Person(0, name, name, Role.REGULATOR if authority else Role.OPERATOR, authority, operator, "zh")
            figures[f"queue_page_{name}_p95"] = Figure(await _p95(connections, who, len(devices)), "ms", bar=300.0)
            found = await _filtered_p95(connections, who, devices)
            figures[f"queue_filtered_{name}_p95"] = Figure(found, "ms", bar=300.0)
        _say("asking for the map")
        mayor = Person(0, "city", "city", Role.REGULATOR, CITY, None, "zh")
        figures["map_aggregates_p95"] = Figure(await _map_p95(connections, mayor), "ms", bar=1000.0)
    return figures


async def _p95(connections: Pool, person: Person, devices: int) -> float:
    """Milliseconds of a console's page: its rows and the counts beside them, each time of another choice."""
    dice, spent, after = random.Random(1), list[float](), None  # noqa: S311
    for number in range(ASKED):
        wanted = _choice(number, dice.randrange(1, devices // DEVICES + 1), after)
        began = time.perf_counter()
        async with scoped(connections, person) as connection:
            rows = await queue.page(connection, wanted, PAGE)
            await queue.counts(connection, wanted.site)
        spent.append((time.perf_counter() - began) * 1000)
        after = (rows[-1].severity, rows[-1].id) if rows else None
    return statistics.quantiles(spent, n=20)[-1]


async def _filtered_p95(connections: Pool, person: Person, devices: Sequence[int]) -> float:
    """Milliseconds of a page by rule, device and time, alone and together, also where nothing fits."""
    dice, spent = random.Random(2), list[float]()  # noqa: S311
    for number in range(ASKED):
        wanted = _narrow(number, dice, devices)
        began = time.perf_counter()
        async with scoped(connections, person) as connection:
            await queue.page(connection, wanted, PAGE)
        spent.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(spent, n=20)[-1]


def _narrow(number: int, dice: random.Random, devices: Sequence[int]) -> QueueFilter:
    """What the queue's filters ask."""
    rule, device = f"load-{dice.randrange(100)}", dice.choice(devices)
    since = datetime.now(UTC) - timedelta(days=dice.randrange(2, 90))
    until = since + timedelta(days=1)
    choices = (
        QueueFilter(OVER, newest=True, rule=rule),
        QueueFilter(rule=rule),
        QueueFilter(rule="none of this name"),
        QueueFilter(OVER, newest=True, rule=rule, condition="ACTIVE", severities=(3,)),
        QueueFilter(device=device),
        QueueFilter(OVER, newest=True, since=since, until=until),
        QueueFilter(until=since),
        QueueFilter(rule=rule, since=since, until=until),
        QueueFilter(device=device, since=since),
        QueueFilter(since=since - timedelta(days=400), until=until - timedelta(days=400)),
    )
    return choices[number % len(choices)]


async def _map_p95(connections: Pool, person: Person) -> float:
    """Milliseconds of all that the map and its table are made of: every site's standing, added up along the tree."""
    spent = list[float]()
    for _ in range(MAPS):
        began = time.perf_counter()
        async with scoped(connections, person) as connection:
            sites = await standing.sites(connection)
            await standing.authorities(connection)
        rolled_up((site.authority, site.standing) for site in sites)
        spent.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(spent, n=20)[-1]


def _choice(number: int, site: int, after: tuple[int, int] | None) -> QueueFilter:
    """The console's tabs, filters, and the page after the one before."""
    choices = (
        QueueFilter(UNFINISHED),
        QueueFilter(UNFINISHED, after=after),
        QueueFilter(OVER, newest=True),
        QueueFilter(OVER, newest=True, after=after),
        QueueFilter(UNFINISHED, severities=(1,)),
        QueueFilter(UNFINISHED, severities=(3,), condition="ACTIVE"),
        QueueFilter(UNFINISHED, site=site),
        QueueFilter(OVER, site=site, newest=True),
        QueueFilter(("open",)),
        QueueFilter(("acknowledged",)),  # none is there
    )
    return choices[number % len(choices)]


def _say(text: str) -> None:
    print(f"alerts: {text}", file=sys.stderr, flush=True)
