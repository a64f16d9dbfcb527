"""Rollups: whatever readings lie on, minutes, hours and days come to what readings come to, however late."""

import asyncio
import random
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import numpy as np
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from store import hypertables, ledger, readings, retention, rollups
from store import migrate as migrations
from store.columns import ints
from store.connection import Connection, ServiceRole, connect
from store.migrate import Edition, edition
from store.readings import Readings
from store.retention import Kept
from tests.ingest_world import Tables
from tests.rolled import settle

DAY = timedelta(days=1)
NOW = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)
_WHOLE = {
    "reading_1m": "SELECT device_id, metric_id, date_trunc('minute', time, 'UTC') AS bucket, count(*), sum(value),"
    " min(value), max(value) FROM reading GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    "reading_1h": "SELECT device_id, metric_id, date_trunc('hour', time, 'UTC') AS bucket, count(*), sum(value),"
    " min(value), max(value) FROM reading GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    "reading_1d": "SELECT device_id, metric_id, date_trunc('day', time, 'UTC') AS bucket, count(*), sum(value),"
    " min(value), max(value) FROM reading GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
}


@pytest.fixture
async def connection(dsn: str) -> AsyncIterator[Connection]:
    opened = await connect(dsn, ServiceRole.INGEST, autocommit=True)
    yield opened
    await opened.close()


def batch(rows: list[tuple[datetime, int, float]]) -> Readings:
    """Readings of metric 1: (time, device, value); whole numbers, so that sums are exact."""
    times = ints([int(time.timestamp()) * 1_000_000 for time, _, _ in rows])
    value = np.array([value for _, _, value in rows])
    ones = np.ones(len(rows), dtype=np.int64)
    return Readings(times, ints([device for _, device, _ in rows]), ones, value, ones * 0)


async def land(connection: Connection, rows: list[tuple[datetime, int, float]]) -> None:
    async with connection.transaction():
        columns = batch(rows)
        await rollups.note(connection, columns)
        await readings.write(connection, columns)


async def agree(tables: Tables) -> None:
    for name, truth in _WHOLE.items():
        stored = await tables.rows(
            f"SELECT device_id, metric_id, bucket, n, total, low, high FROM {name} ORDER BY 1, 2, 3"
        )
        assert stored == await tables.rows(truth), name
        assert stored


async def test_rollups_are_what_the_readings_come_to_however_late(dsn: str, connection: Connection) -> None:
    tables, dice = Tables(dsn), random.Random(1)
    clock = NOW - 3 * DAY
    while clock < NOW:
        late = clock - timedelta(minutes=dice.randrange(0, 4000))
        await land(connection, [(clock, 1, 1.0), (clock + timedelta(seconds=7), 2, 5.0), (late, 1, dice.randrange(9))])
        if dice.random() < 0.2:
            await settle(dsn, clock)
        clock += timedelta(minutes=dice.randrange(10, 100))
    await settle(dsn, NOW)
    await agree(tables)


async def test_what_is_added_to_a_stored_hour_is_found_again(dsn: str, connection: Connection) -> None:
    tables, old = Tables(dsn), NOW - 2 * DAY
    await land(connection, [(old, 1, 4.0), (NOW, 1, 6.0)])
    await settle(dsn, NOW)
    await land(connection, [(old + timedelta(seconds=5), 1, 8.0), (old, 3, -2.0)])
    await settle(dsn, NOW)
    await agree(tables)
    hour = "SELECT n::int, total, low, high FROM reading_1h WHERE device_id = 1 ORDER BY bucket LIMIT 1"
    assert await tables.rows(hour) == [(2, 12.0, 4.0, 8.0)]


async def test_an_hour_is_not_closed_while_somebody_still_writes_in_it(dsn: str, connection: Connection) -> None:
    """A transaction that began before the hour was closed and ends after it loses nothing."""
    tables = Tables(dsn)
    if await tables.one("SELECT count(*) FROM rollup_mark") == 0:
        pytest.skip("TimescaleDB keeps the rollups of this database")
    await tables.rows("UPDATE rollup_mark SET at = date_trunc('hour', now() - interval '1 day') RETURNING at")
    old = NOW - timedelta(hours=3)
    async with connection.transaction():
        await rollups.note(connection, batch([(old, 1, 4.0)]))
        refreshing = asyncio.create_task(settle(dsn))
        done, _ = await asyncio.wait([refreshing], timeout=0.5)
        assert not done, "it closed an hour under a writer"
        await readings.write(connection, batch([(old, 1, 4.0)]))
    await refreshing
    await agree(tables)


async def test_two_writers_and_a_refresher_at_once(dsn: str) -> None:
    tables = Tables(dsn)
    writers = [await connect(dsn, ServiceRole.INGEST, autocommit=True) for _ in range(2)]

    async def write(number: int) -> None:
        dice = random.Random(number)
        for _ in range(60):
            ages = [timedelta(minutes=dice.randrange(0, 2000)) for _ in range(20)]
            await land(writers[number], [(NOW - age, dice.randrange(1, 5), float(dice.randrange(9))) for age in ages])

    async def refresh() -> None:
        for _ in range(10):
            await settle(dsn, NOW)
            await asyncio.sleep(0.02)

    await asyncio.gather(write(0), write(1), refresh())
    for writer in writers:
        await writer.close()
    await settle(dsn, NOW)
    await agree(tables)


async def test_old_readings_go_and_their_hours_stay(dsn: str, connection: Connection) -> None:
    tables = Tables(dsn)
    ancient, kept = NOW - timedelta(days=80), NOW - timedelta(days=10)
    for day in (ancient, kept):
        await readings.make_partitions(connection, day.date(), day.date())
    await land(connection, [(ancient, 1, 4.0), (kept, 1, 6.0), (NOW - timedelta(days=70), 1, 2.0)])
    await settle(dsn, NOW)
    hours = await tables.rows("SELECT bucket, n::int FROM reading_1h ORDER BY bucket")
    owner = await connect(dsn, autocommit=True)
    await retention.keep(owner, Kept.READING, 30)
    await owner.close()
    assert await retention.forget(connection, Kept.READING) >= 1
    assert await tables.one("SELECT count(*) FROM reading") == 1
    assert await tables.rows("SELECT bucket, n::int FROM reading_1h ORDER BY bucket") == hours
    assert await tables.one("SELECT sum(n)::int FROM reading_1d") == 3


async def test_each_kind_is_forgotten_by_its_age(dsn: str, connection: Connection) -> None:
    tables = Tables(dsn)
    entries = ledger.LedgerRows()
    entries.add(1, b"k" * 16, 0, None, 0)
    await ledger.insert(connection, entries)
    await tables.rows("UPDATE ledger SET received = now() - interval '91 days' RETURNING 1")
    await tables.rows(
        "INSERT INTO dead_letter (topic, payload, reason, last) VALUES ('a', '', 'b', now() - interval '91 days'),"
        " ('a', '', 'b', now() - interval '89 days') RETURNING 1"
    )
    assert {kind: await retention.forget(connection, kind) for kind in Kept} == {
        **dict.fromkeys(Kept, 0), Kept.LEDGER: 1, Kept.DEAD_LETTER: 1,
    }  # fmt: skip
    assert set(await retention.days(connection)) == set(Kept)


async def test_only_ingest_may_forget(dsn: str) -> None:
    api = await connect(dsn, ServiceRole.API, autocommit=True)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await retention.forget(api, Kept.READING)
    await api.close()


async def test_a_plain_database_moves_to_hypertables_and_may_be_interrupted(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Needs a server with TimescaleDB; every row and every hour is there again, also those without readings."""
    async with fresh(database_url, monkeypatch) as dsn:
        tables = Tables(dsn)
        writer = await connect(dsn, ServiceRole.INGEST, autocommit=True)
        await readings.make_partitions(writer, (NOW - 5 * DAY).date(), (NOW + DAY).date())
        rows = [(NOW - timedelta(minutes=11 * n), n % 3, float(n % 7)) for n in range(900)]
        await land(writer, rows)
        await tables.rows(
            "INSERT INTO rollup_1h SELECT 1, 1, date_trunc('hour', now() - interval '200 days'), 3, 30, 1, 20"
            " RETURNING 1"
        )
        await settle(dsn, NOW)
        before = {name: await tables.rows(f"SELECT * FROM {name} ORDER BY 1, 2, 3") for name in _WHOLE}
        owner = await connect(dsn, autocommit=True)
        with pytest.raises(KeyboardInterrupt):
            await hypertables.convert(owner, interrupt)
        await land(writer, [(NOW, 9, 3.0)])  # ingest goes on
        assert await hypertables.convert(owner, lambda moved: None)
        assert not await hypertables.convert(owner, lambda moved: None)
        assert await edition(owner) is not Edition.PLAIN
        assert await tables.one("SELECT count(*) FROM reading") == len(rows) + 1
        await settle(dsn, NOW)
        for name, wanted in before.items():
            now = await tables.rows(f"SELECT * FROM {name} WHERE device_id <> 9 ORDER BY 1, 2, 3")
            assert now == wanted, name
        for role, may in (("mingchu_ingest", True), ("mingchu_api", False)):  # the functions were made anew
            asked = f"SELECT has_function_privilege('{role}', 'reading_forget(timestamptz)', 'EXECUTE')"
            assert await tables.one(asked) is may, role
        await owner.close()
        await writer.close()


@asynccontextmanager
async def fresh(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """A database that was made before its server had TimescaleDB."""
    name = f"test_{uuid.uuid4().hex}"
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as server:
        cursor = await server.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'timescaledb'")
        if await cursor.fetchone() is None:
            pytest.skip("this server does not offer TimescaleDB")
        await server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        dsn = make_conninfo(database_url, dbname=name)
        try:
            with monkeypatch.context() as before:
                before.setattr(migrations, "offered", _nothing)
                owner = await connect(dsn, autocommit=True)
                await migrations.migrate(owner)
                await owner.close()
            yield dsn
        finally:
            await server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


async def _nothing(_: Connection) -> Edition:
    return Edition.PLAIN


def interrupt(moved: hypertables.Moved) -> None:
    if moved.left == 2:
        raise KeyboardInterrupt
