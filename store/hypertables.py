"""From plain PostgreSQL to TimescaleDB in place: a database that is older than its server's extension moves over.

Ingest and api go on meanwhile: what lands goes to the hypertable at once, and the past follows day by day, the newest
day first. Every step is a transaction, so that it may be interrupted and taken up again at any point.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import errors, sql

from store.connection import Connection
from store.migrate import Edition, edition, lay, offered

_DAY = timedelta(days=1)
AGGREGATES = ("reading_1m", "reading_1h", "reading_1d")


class NoTimescaleError(Exception):
    """This server does not offer TimescaleDB: install it and add it to shared_preload_libraries, then try again."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a step moved: a part of the readings or of their rollups, and how many rows of it."""

    part: str
    rows: int
    left: int  # parts


async def convert(connection: Connection, tell: Callable[[Moved], None]) -> bool:
    """Move all; False when there was nothing to do. Needs an autocommit connection as the owner of an up-to-date
    database; raises NoTimescaleError.
    """
    if await edition(connection) is Edition.PLAIN:
        await _begin(connection)
    elif not await _exists(connection, "reading_before"):
        return False
    await _move_partitions(connection, tell)
    await _move_others(connection, tell)
    await _move_rollups(connection, tell)
    return True


async def _begin(connection: Connection) -> None:
    wanted = await offered(connection)
    if wanted is Edition.PLAIN:
        raise NoTimescaleError(NoTimescaleError.__doc__)
    async with connection.transaction():
        await connection.execute(_ASIDE)
        await lay(connection, wanted)
        await connection.execute("CALL guard_functions()")


_ASIDE = """
    DROP VIEW device_reading, device_reading_1m, device_reading_1h, device_reading_1d;
    DROP VIEW reading_1d, reading_1h, reading_1m;
    DROP FUNCTION reading_partitions, reading_forget, rollup_close, rollup_store, rollup_repair, rollup_forget;
    ALTER TABLE reading RENAME TO reading_before;
    ALTER INDEX reading_series RENAME TO reading_before_series;
    ALTER TABLE rollup_1h RENAME TO rollup_before;
    ALTER INDEX rollup_1h_pkey RENAME TO rollup_before_pkey;
    ALTER INDEX rollup_1h_bucket_idx RENAME TO rollup_before_bucket_idx;
    DELETE FROM rollup_mark;
    DELETE FROM rollup_late
"""


async def _move_partitions(connection: Connection, tell: Callable[[Moved], None]) -> None:
    while names := await _partitions(connection):
        name = sql.Identifier(names[0])
        async with connection.transaction():
            cursor = await connection.execute(sql.SQL("INSERT INTO reading SELECT * FROM {}").format(name))
            await connection.execute(sql.SQL("DROP TABLE {}").format(name))
        tell(Moved(names[0], cursor.rowcount, len(names) - 1))


async def _partitions(connection: Connection) -> list[str]:
    """The days that are left, the newest first."""
    cursor = await connection.execute(
        "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid"
        " WHERE inhparent = to_regclass('reading_before') AND relname ~ '^reading_[0-9]{8}$' ORDER BY relname DESC"
    )
    return [str(name) for (name,) in await cursor.fetchall()]


async def _move_others(connection: Connection, tell: Callable[[Moved], None]) -> None:
    """What lay in the default partition, day by day."""
    while await _exists(connection, "reading_before"):
        cursor = await connection.execute("SELECT date_trunc('day', max(time), 'UTC') FROM reading_other")
        row = await cursor.fetchone()
        if row is None or not isinstance(row[0], datetime):
            await connection.execute("DROP TABLE reading_before")
            return
        moved = await connection.execute(
            "WITH gone AS (DELETE FROM reading_other WHERE time >= %s RETURNING *)"
            " INSERT INTO reading SELECT * FROM gone",
            (row[0],),
        )
        tell(Moved(f"other {row[0]:%Y-%m-%d}", moved.rowcount, 0))


async def _move_rollups(connection: Connection, tell: Callable[[Moved], None]) -> None:
    """Hours that are older than any reading are carried over as they are; the others are made anew."""
    if not await _exists(connection, "rollup_before"):
        return
    if await edition(connection) is Edition.COMMUNITY:
        for name in AGGREGATES:
            await refresh_aggregate(connection, name)
    async with connection.transaction():
        rows = 0
        for name, unit in (("reading_1h", "hour"), ("reading_1d", "day")):
            rows += await _carry(connection, await _store_of(connection, name), unit)
        # Where rollups are our own, the hours that have readings are stored anew.
        await connection.execute(
            "UPDATE rollup_mark SET at = least(at, (SELECT date_trunc('hour', min(time), 'UTC') FROM reading))"
        )
        await connection.execute("DROP TABLE rollup_before")
    tell(Moved("rollups", rows, 0))


async def refresh_aggregate(connection: Connection, name: str) -> None:
    """Make a continuous aggregate complete; a job of TimescaleDB that is at the same is waited for."""
    while True:
        try:
            await connection.execute("CALL refresh_continuous_aggregate(%s, NULL, NULL)", (name,))
        except errors.LockNotAvailable:
            await asyncio.sleep(0.2)
        else:
            return


async def _carry(connection: Connection, store: sql.Composable | None, unit: str) -> int:
    if store is None:
        return 0
    cursor = await connection.execute(
        sql.SQL(
            "INSERT INTO {} (device_id, metric_id, bucket, n, total, low, high)"
            " SELECT device_id, metric_id, date_trunc(%(unit)s, bucket, 'UTC'), sum(n)::bigint, sum(total), min(low),"
            " max(high) FROM rollup_before WHERE bucket < (SELECT coalesce(date_trunc(%(unit)s, min(time), 'UTC'),"
            " 'infinity') FROM reading) GROUP BY 1, 2, 3 ON CONFLICT DO NOTHING"
        ).format(store),
        {"unit": unit},
    )
    return cursor.rowcount


async def _store_of(connection: Connection, name: str) -> sql.Composable | None:
    """Where a rollup's rows are stored; None for days that are a view of hours."""
    if await edition(connection) is Edition.APACHE:
        return sql.Identifier("rollup_1h") if name == "reading_1h" else None
    cursor = await connection.execute(
        "SELECT materialization_hypertable_schema, materialization_hypertable_name"
        " FROM timescaledb_information.continuous_aggregates WHERE view_name = %s",
        (name,),
    )
    row = await cursor.fetchone()
    assert row is not None
    return sql.Identifier(str(row[0]), str(row[1]))


async def _exists(connection: Connection, name: str) -> bool:
    cursor = await connection.execute("SELECT to_regclass(%s) IS NOT NULL", (name,))
    row = await cursor.fetchone()
    return row is not None and bool(row[0])
