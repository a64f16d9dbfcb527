"""`mingchu bench lists`: what a page costs at the beginning of a list and at its end, as the api's role."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from domain.alert import Role
from mingchu.bench import alerts as city
from mingchu.bench.figure import Figure
from mingchu.bench.query import server
from store import alert_load, bulk, extracts, places, queue
from store.connection import Connection, ServiceRole, connect, pool
from store.extracts import Table, Wish
from store.migrate import migrate
from store.people import Person, Pool, scoped
from store.queue import QueueFilter

PAGE, ASKED = 101, 40
_LONGEST = timedelta(days=366)
Ask = Callable[[Connection], Awaitable[object]]


def measure(count: int) -> dict[str, Figure]:
    """First pages and deep ones of the long lists, over so many alerts."""
    with server(None) as dsn:
        return asyncio.run(_measure(dsn, count))


async def _measure(dsn: str, count: int) -> dict[str, Figure]:
    async with await connect(dsn, autocommit=True) as owner:
        await migrate(owner)
        devices = await city.found(owner)
        await alert_load.plant_alerts(owner, devices, count)
        await bulk.tidy(owner)
        site, device = await places.late(owner)
    figures = dict[str, Figure]()
    async with pool(dsn, ServiceRole.API, size=1) as connections:
        for name, (first, deep) in _lists(count, site, device).items():
            near, far = await _p95(connections, first), await _p95(connections, deep)
            bar = None if name.endswith("chunk") else 300.0  # nobody waits at a page for an export
            figures[f"{name}_first_page_p95"] = Figure(near, "ms", bar=bar)
            figures[f"{name}_deep_page_p95"] = Figure(far, "ms", bar=bar)
            figures[f"{name}_deep_over_first"] = Figure(far / near, "times", bar=2.0)
    return figures


def _lists(count: int, site: str, device: tuple[str, str]) -> dict[str, tuple[Ask, Ask]]:
    """Each list's first page, and one of its last tenth."""
    low = count // 10
    now = datetime.now(UTC)
    wish = Wish(Table.ALERTS, now - _LONGEST, now + timedelta(days=1), None, None)

    def newest(after: tuple[int, int] | None) -> Ask:
        return lambda connection: queue.page(connection, QueueFilter(newest=True, after=after), PAGE)

    def export(after: int) -> Ask:
        return lambda connection: extracts.chunk(connection, wish, (after,), 2000)

    return {
        "alerts": (newest(None), newest((1, low))),
        "sites": (
            lambda connection: places.sites_by_code(connection, "", "", "", PAGE),
            lambda connection: places.sites_by_code(connection, "", "", site, PAGE),
        ),
        "devices": (
            lambda connection: places.devices(connection, None, PAGE),
            lambda connection: places.devices(connection, None, PAGE, device),
        ),
        "alerts_export_chunk": (export(0), export(count - low)),
    }


async def _p95(connections: Pool, ask: Ask) -> float:
    """Milliseconds, each time in a transaction of the city's."""
    mayor, spent = Person(0, "city", "city", Role.REGULATOR, city.CITY, None, "zh"), list[float]()
    for _ in range(ASKED):
        began = time.perf_counter()
        async with scoped(connections, mayor) as connection:
            await ask(connection)
        spent.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(spent, n=20)[-1]
