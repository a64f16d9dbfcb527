"""The ledger in days: a repeat is known across every border of time, and what is old goes whole."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ingest import clock
from ingest.message import message_key
from store import ledger, migrate, retention, status
from store.connection import Connection, ServiceRole, connect
from store.ledger import LedgerRows
from store.retention import Kept
from tests.ingest_world import Tables

DAY = timedelta(days=1)
TODAY = datetime.combine(datetime.now(UTC).date(), time(), UTC)


@pytest.fixture
async def connection(dsn: str) -> AsyncIterator[Connection]:
    opened = await connect(dsn, ServiceRole.INGEST, autocommit=True)
    yield opened
    await opened.close()


async def put(connection: Connection, *times: datetime) -> list[bool]:
    """One message of device 1 for each time; which of them were new."""
    rows = LedgerRows()
    for when in times:
        rows.add(1, message_key("a", when.isoformat().encode()), clock.instant(when), None, 0)
    return [bool(one) for one in await ledger.insert(connection, rows)]


async def where(tables: Tables) -> dict[str, int]:
    """How many rows lie in which partition."""
    return dict(await tables.rows("SELECT tableoid::regclass::text, count(*)::int FROM ledger GROUP BY 1 ORDER BY 1"))


def name(day: datetime) -> str:
    return f"ledger_{day:%Y%m%d}"


async def test_a_repeat_is_known_across_midnight_and_by_two_workers(dsn: str, connection: Connection) -> None:
    await ledger.make_partitions(connection, (TODAY - DAY).date(), (TODAY + DAY).date())
    second = timedelta(microseconds=1)
    times = (TODAY - second, TODAY, TODAY + second, TODAY + DAY - second)
    other = await connect(dsn, ServiceRole.INGEST, autocommit=True)
    both = await asyncio.gather(put(connection, *times), put(other, *times))
    assert [sorted(pair) for pair in zip(*both, strict=True)] == [[False, True]] * 4
    assert await put(connection, *times) == [False] * 4
    assert await where(Tables(dsn)) == {name(TODAY - DAY): 1, name(TODAY): 3}
    await other.close()


async def test_a_day_that_is_made_later_takes_what_was_said_of_it(dsn: str, connection: Connection) -> None:
    """A clock that is days ahead, and one that says 2099, land before their day has a partition."""
    ahead, never = TODAY + 9 * DAY, datetime(2099, 1, 1, tzinfo=UTC)
    assert await put(connection, ahead, never, datetime(1970, 1, 2, tzinfo=UTC)) == [True] * 3
    tables = Tables(dsn)
    assert await where(tables) == {"ledger_other": 2, "ledger_unset": 1}
    assert await ledger.make_partitions(connection, ahead.date(), (ahead + DAY).date()) == 2
    assert await ledger.make_partitions(connection, ahead.date(), (ahead + DAY).date()) == 0
    assert await where(tables) == {name(ahead): 1, "ledger_other": 1, "ledger_unset": 1}
    assert await put(connection, ahead, never, datetime(1970, 1, 2, tzinfo=UTC)) == [False] * 3


async def test_a_message_is_known_for_as_long_as_it_says_after_it_came(dsn: str, connection: Connection) -> None:
    """90 days from its receipt, however old it was when it came; then it goes, with its whole day where it can."""
    tables = Tables(dsn)
    old, kept = TODAY - 92 * DAY, TODAY - 80 * DAY
    for day in (old, kept):
        await ledger.make_partitions(connection, day.date(), day.date())
    late, strays = old + timedelta(hours=3), (datetime(1970, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC))
    await put(connection, old, kept, *strays)
    await tables.rows("UPDATE ledger SET received = time + interval '1 hour' WHERE time < now() RETURNING 1")
    await tables.rows("UPDATE ledger SET received = now() - interval '91 days' WHERE time > now() RETURNING 1")
    await put(connection, late)  # a repeat of it may still come
    assert await retention.forget(connection, Kept.LEDGER) == 3  # a day, and two rows of no day
    assert await where(tables) == {name(kept): 1, "ledger_other": 1}
    assert await put(connection, late, kept) == [False, False]
    assert await put(connection, old) == [True]
    await tables.rows("UPDATE ledger SET received = now() - interval '91 days' RETURNING 1")
    assert await retention.forget(connection, Kept.LEDGER) == 2
    assert await where(tables) == {name(kept): 1}


async def test_while_a_backup_reads_days_are_made_another_time(dsn: str, connection: Connection) -> None:
    owner = await connect(dsn)
    await owner.execute("ALTER FUNCTION ledger_partitions SET lock_timeout = '50ms'")
    await owner.commit()
    await owner.execute("SELECT count(*) FROM ledger")  # as pg_dump does, until its transaction ends
    with pytest.raises(psycopg.errors.LockNotAvailable):
        await ledger.make_partitions(connection, TODAY.date(), TODAY.date())
    await owner.close()
    assert await ledger.make_partitions(connection, TODAY.date(), TODAY.date()) == 1


async def test_an_older_database_keeps_its_ledger_as_one_partition(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are known as before; strays leave it, and it goes when its last day is old."""
    async with before(database_url, monkeypatch) as dsn:
        tables, owner = Tables(dsn), await connect(dsn, autocommit=True)
        times = (TODAY - 200 * DAY, TODAY - DAY, TODAY, TODAY + 2 * DAY, datetime(1970, 1, 1, tzinfo=UTC))
        assert await put(owner, *times) == [True] * 5
        assert await migrate.migrate(owner) == ["migrations/0025_ledger.sql"]
        assert await put(owner, *times) == [False] * 5
        assert await where(tables) == {"ledger_before": 3, "ledger_other": 1, "ledger_unset": 1}
        assert await ledger.make_partitions(owner, (TODAY - 7 * DAY).date(), (TODAY + 7 * DAY).date()) == 7
        assert await put(owner, *times) == [False] * 5
        await owner.execute("SELECT pg_stat_force_next_flush()")
        assert (await status.counts(owner)).messages >= 5
        await tables.rows("UPDATE retention SET days = 1 WHERE kind = 'ledger' RETURNING 1")
        await retention.forget(owner, Kept.LEDGER)
        assert "ledger_before" in await where(tables), "its last day is not over"
        await owner.close()


@asynccontextmanager
async def before(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """A database that lacks this one migration."""
    name, plan = f"test_{uuid.uuid4().hex}", migrate._plan
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as server:
        await server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        dsn = make_conninfo(database_url, dbname=name)
        try:
            with monkeypatch.context() as older:
                older.setattr(migrate, "_plan", lambda connection: _without(plan, connection))
                owner = await connect(dsn, autocommit=True)
                await migrate.migrate(owner)
                await owner.close()
            yield dsn
        finally:
            await server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


async def _without(plan: Callable[[Connection], Awaitable[list[str]]], connection: Connection) -> list[str]:
    return [one for one in await plan(connection) if "0025" not in one]
