"""`mingchu bench risk`: scoring a whole city as the alerts process does, and what a page of the ranking takes.

The bare limit is the same statements over all sites at once, without scoring and writing. While the city is scored, a
task in the same loop asks every millisecond how late it is: so late would the engine have been.
"""

import asyncio
import statistics
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import psutil

from alerts import risk as job
from domain.alert import Role
from domain.period import ZONE
from domain.profile import DeviceKind, DeviceProfile
from domain.schedule import ALWAYS_OPEN
from mingchu.bench.figure import Figure
from mingchu.bench.process import BenchError, spent
from mingchu.bench.query import server
from store import bulk, profiles, registry, risk, risk_load, risk_measures
from store.connection import Connection, ServiceRole, connect, pool
from store.migrate import migrate
from store.people import Person, scoped

CITY, OPERATOR, STATIONS = "bench", "91990100MA5MCQ0010", 100
THING = DeviceProfile("bench-thing", DeviceKind.COLD_STORE, 1, "设备", "Thing", "ours", 86_400.0, ())
CAMERAS = 3  # of a site, as in a city (DOMAIN §7)
ASKED = 30
_TICK_S = 0.001


@dataclass(slots=True)
class Lag:
    """By how much a task that sleeps for a millisecond woke up late, at most."""

    most: float = 0.0

    async def watch(self) -> None:
        """Until cancelled."""
        while True:
            began = time.perf_counter()
            await asyncio.sleep(_TICK_S)
            self.most = max(self.most, time.perf_counter() - began - _TICK_S)


def measure(sites: int, alerts: int) -> dict[str, Figure]:
    """Found a city of so many sites and alerts, and score it; raises BenchError where a second run differs."""
    with server(None) as dsn:
        return asyncio.run(_measure(dsn, sites, alerts))


async def _measure(dsn: str, sites: int, alerts: int) -> dict[str, Figure]:
    async with await connect(dsn, autocommit=True) as owner:
        await migrate(owner)
        await _found(owner, sites, alerts)
        figures = await _score(dsn, owner)
        figures["risk ranking page p95"] = Figure(await _ranking(dsn), "ms", bar=300)
        return figures


async def _found(owner: Connection, sites: int, alerts: int) -> None:
    _say(f"founding a city of {sites} sites")
    await profiles.install(owner, [THING])
    await risk.install(owner, job.shipped())
    async with owner.transaction():
        for path in (CITY, *(f"{CITY}.s{number}" for number in range(STATIONS))):
            await registry.put_authority(owner, path, path, path)
        await registry.put_operator(owner, OPERATOR, "经营者", "Operator")
        await registry.put_edge(owner, registry.NewEdge("bench-edge", "边缘", "Edge", CITY, "x"))
        await registry.put_person(owner, registry.NewPerson("bench", "bench", Role.REGULATOR, "x", authority=CITY))
        for number in range(sites):
            await registry.put_site(owner, _site(number))
        await bulk.plant_devices(owner, "kitchen", THING.code, 1)
        _say(f"{CAMERAS * sites} cameras, {alerts} alerts")
        await risk_load.plant(owner, CAMERAS, alerts)
    await bulk.tidy(owner)


def _site(number: int) -> registry.NewSite:
    station = f"{CITY}.s{number % STATIONS}"
    return registry.NewSite(f"site-{number}", "kitchen", "厨房", "Kitchen", "", station, OPERATOR, ALWAYS_OPEN)


async def _score(dsn: str, owner: Connection) -> dict[str, Figure]:
    now, own = datetime.now(UTC), psutil.Process()
    day, lag = now.astimezone(ZONE).date(), Lag()
    async with await connect(dsn, ServiceRole.ALERTS, autocommit=True) as connection:
        bare = await _bare(connection, owner, now)
        _say("scoring")
        watching = asyncio.create_task(lag.watch())
        cpu, began = spent(own), time.perf_counter()
        done = await job.score_day(connection, job.shipped(), day, now)
        took, cpu = time.perf_counter() - began, spent(own) - cpu
        watching.cancel()
        if await job.differing(connection, day):
            raise BenchError("scored anew, the same day came out otherwise")
    statements = {
        f"risk statement {name}": Figure(seconds, "s", note="all sites at once") for name, seconds in bare.items()
    }
    return {
        "risk job": Figure(took, "s", limit=sum(bare.values()), bar=120, note=f"{done.subjects} sites and devices"),
        "risk job, CPU of the process": Figure(cpu, "s"),
        "risk job, longest hold of the loop": Figure(1000 * lag.most, "ms", bar=100),
        **statements,
    }


async def _bare(connection: Connection, owner: Connection, now: datetime) -> dict[str, float]:
    everything = [site async for page in risk.sites(owner, 10_000) for site in page]
    took: dict[str, float] = {}
    for name in risk_measures.STATEMENTS:
        began = time.perf_counter()
        await risk_measures.measure(connection, name, everything, now)
        took[name] = time.perf_counter() - began
    return took


async def _ranking(dsn: str) -> float:
    """As the city's regulator asks, with row-level security."""
    person, took = Person(1, "bench", "bench", Role.REGULATOR, CITY, None, "zh"), list[float]()
    async with pool(dsn, ServiceRole.API, size=1) as connections:
        for _ in range(ASKED):
            began = time.perf_counter()
            async with scoped(connections, person) as connection:
                day = await risk.day(connection)
                if day is None or not await risk.ranking(connection, day.day, 100):
                    raise BenchError("nothing is ranked")
                await risk.counted(connection, day.day)
            took.append(1000 * (time.perf_counter() - began))
    return statistics.quantiles(took, n=20)[-1]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
