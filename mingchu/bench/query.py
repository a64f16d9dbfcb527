"""`mingchu bench query`: what people ask most, over many readings: a chart, a site's latest values, a market's day.

The questions go through the store's own functions as the api asks them, row-level security included; the bare limit
is the same rows from the stored table, asked by its owner.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from rich.progress import track

from domain import credential
from domain.schedule import ALWAYS_OPEN
from ingest.library import profiles as library
from mingchu import database
from mingchu.account import Account
from mingchu.bench.figure import Figure
from mingchu.bench.process import child, until
from store import bulk, hypertables, profiles, readings, registry, rollups, sales, series
from store.columns import ints
from store.connection import Connection, ServiceRole, connect
from store.migrate import Edition, edition, migrate
from store.readings import Readings

DAYS, METRICS, PER_SITE = 90, 8, 20
MARKETS, SCALES, SALES_PER_DAY, SALES_DAYS = 100, 57, 35, 7  # DOMAIN §3: 200,000 sales a day
ASKED = 200
_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Town:
    """What was loaded: ids of cold stores, their sites, markets, and the metrics that they report."""

    devices: list[int]
    sites: list[list[int]]
    markets: list[int]
    metrics: list[int]
    end: datetime


def measure(count: int, dsn: str | None) -> dict[str, Figure]:
    """Load `count` readings of 90 days into a database of its own (or into the empty one that `dsn` names), and ask."""
    with server(dsn) as address:
        return asyncio.run(_measure(address, count))


@contextmanager
def server(dsn: str | None) -> Iterator[str]:
    """The database that `dsn` names, or an embedded one as `mingchu up` has it; its address."""
    if dsn is not None:
        yield dsn
        return
    with tempfile.TemporaryDirectory(prefix="mingchu-bench-", dir="/var/tmp") as folder:
        root = Path(folder)
        root.chmod(0o711)
        server = database.prepare(root, Account.find(), credential.generate())
        with child(server.command(), root / "postgres.log"):
            until(server.answers, "the database does not answer")
            yield server.dsn


async def _measure(dsn: str, count: int) -> dict[str, Figure]:
    owner = await connect(dsn, autocommit=True)
    await migrate(owner)
    town = await _found(owner, max(1, count // (DAYS * 139)))
    await _load(owner, town, count)
    plain = await bulk.weight(owner)
    await _settle(owner, town.end - timedelta(days=DAYS))
    compressed = await bulk.compress(owner)
    person = await connect(dsn, ServiceRole.API)
    figures = await _ask(owner, person, town)
    await person.close()
    await owner.close()
    figures["bytes_per_reading"] = Figure(plain / count, "bytes")
    if compressed is not None:
        figures["bytes_per_reading_compressed"] = Figure(compressed.after / compressed.readings, "bytes")
        figures["compression"] = Figure(compressed.before / compressed.after, "times smaller")
    return figures


async def _found(owner: Connection, series_count: int) -> Town:
    """Cold stores with 8 metrics each, 20 a site; and markets of 57 scales with a week of sales."""
    await registry.put_authority(owner, "bench", "bench", "bench")
    await registry.put_operator(owner, "91990100MA5MCQ0010", "bench", "bench")
    await profiles.install(owner, library())
    count = max(PER_SITE, -(-series_count // METRICS))
    cold = await _sites(owner, "cold", -(-count // PER_SITE), "cold-store", PER_SITE)
    markets = await _sites(owner, "market", MARKETS, "scale-jjg1204", SCALES)
    metrics = await bulk.metrics(owner, "cold-store", METRICS)
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    devices = [device for site in cold.values() for device in site]
    return Town(devices, list(cold.values()), list(markets), metrics, end)


async def _sites(owner: Connection, prefix: str, count: int, profile: str, each: int) -> dict[int, list[int]]:
    """Sites with devices; ids of devices by their site's."""
    for number in range(count):
        site = registry.NewSite(
            f"{prefix}-{number}", prefix, prefix, prefix, "", "bench", "91990100MA5MCQ0010", ALWAYS_OPEN
        )
        await registry.put_site(owner, site)
    return await bulk.plant_devices(owner, prefix, profile, each)


async def _load(owner: Connection, town: Town, count: int) -> None:
    """Day after day in order of time, as it would have come."""
    noise, per_day = np.random.default_rng(1), -(-count // DAYS)
    first = town.end - timedelta(days=DAYS)
    await readings.make_partitions(owner, first.date(), town.end.date())
    left = count
    for day in track(range(DAYS), "loading readings and sales", transient=True):
        size, left = min(per_day, left), left - min(per_day, left)
        await readings.write(owner, _day(town, first + timedelta(days=day), size, noise))
        if day >= DAYS - SALES_DAYS:
            await bulk.plant_sales(owner, "market", (first + timedelta(days=day)).date(), SALES_PER_DAY)
    await bulk.plant_latest(owner, town.devices, town.metrics, town.end)
    await bulk.tidy(owner)


def _day(town: Town, begin: datetime, size: int, noise: np.random.Generator) -> Readings:
    at = np.sort(noise.integers(0, 86_400 * _US, size)) + int(begin.timestamp()) * _US
    devices, metrics = ints(town.devices), ints(town.metrics)
    value = np.round(-18 + noise.normal(0, 1, size), 2)
    return Readings(at, noise.choice(devices, size), noise.choice(metrics, size), value, np.zeros(size, dtype=np.int64))


async def _settle(owner: Connection, begin: datetime) -> None:
    print("storing rollups …", file=sys.stderr)
    if await edition(owner) is Edition.COMMUNITY:
        for name in hypertables.AGGREGATES:
            await hypertables.refresh_aggregate(owner, name)
    else:
        await rollups.reopen(owner, begin)
        await rollups.refresh(owner)
    await bulk.tidy(owner)


async def _ask(owner: Connection, person: Connection, town: Town) -> dict[str, Figure]:
    dice = random.Random(1)  # noqa: S311
    begin = town.end - timedelta(days=DAYS)

    async def chart(connection: Connection) -> None:
        device, metric = dice.choice(town.devices), dice.choice(town.metrics)
        _, points = await series.series(connection, device, metric, begin, town.end)
        assert points

    async def bare(connection: Connection) -> None:
        device, metric = dice.choice(town.devices), dice.choice(town.metrics)
        assert await bulk.stored_hours(connection, device, metric, begin)

    async def latest(connection: Connection) -> None:
        assert len(await series.latest(connection, dice.choice(town.sites))) == PER_SITE * len(town.metrics)

    async def market(connection: Connection) -> None:
        day = (town.end - timedelta(days=dice.randrange(1, SALES_DAYS))).date()
        assert len(await sales.market_day(connection, dice.choice(town.markets), day)) == SCALES

    limit = await _p95(owner, bare)
    return {
        "chart_90_days_p95": Figure(await _p95(person, chart), "ms", limit=limit, bar=100.0),
        "latest_of_a_site_p95": Figure(await _p95(person, latest), "ms", bar=100.0),
        "market_day_p95": Figure(await _p95(person, market), "ms", bar=100.0),
    }


async def _p95(connection: Connection, ask: Callable[[Connection], Awaitable[None]]) -> float:
    """Milliseconds; each time another subject, and a transaction of its own with the person's scope."""
    spent = []
    for _ in range(ASKED):
        began = time.perf_counter()
        async with connection.transaction():
            await bulk.scope(connection, "bench")
            await ask(connection)
        spent.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(spent, n=20)[-1]
