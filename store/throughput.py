"""What a benchmark of landing asks: how much is there, exactly once, and how fast the bare COPY of it would be."""

import time
from dataclasses import dataclass

from psycopg import Connection as SyncConnection
from psycopg.rows import class_row

from store.connection import Connection
from store.tally import number

# PostgreSQL's binary COPY: a head, rows of a count and five lengths before their values, a tail.
_COPY_HEAD, _COPY_TAIL = 19, b"\xff\xff"
_READING = 2 + 5 * 4 + 8 + 8 + 4 + 8 + 2


@dataclass(frozen=True, slots=True)
class Arrived:
    """Messages in the ledger, how many different `seq` they have, and how many readings they brought."""

    messages: int
    numbers: int
    readings: int


async def arrived(connection: Connection) -> Arrived:
    """Counted exactly, which takes a while where there are millions."""
    async with connection.cursor(row_factory=class_row(Arrived)) as cursor:
        await cursor.execute(
            "SELECT count(*)::int AS messages, count(DISTINCT seq)::int AS numbers,"
            " (SELECT count(*)::int FROM reading) AS readings FROM ledger"
        )
        row = await cursor.fetchone()
    assert row is not None
    return row


async def messages(connection: Connection) -> int:
    """How many messages are in the ledger."""
    return number(await (await connection.execute("SELECT count(*)::int FROM ledger")).fetchone())


async def committed(connection: Connection) -> int:
    """About how many messages were ever committed, as the server's statistics know it, a second or more late."""
    cursor = await connection.execute(
        "SELECT coalesce(sum(n_tup_ins), 0)::int FROM pg_stat_user_tables JOIN pg_inherits ON inhrelid = relid"
        " WHERE inhparent = 'ledger'::regclass"
    )
    return number(await cursor.fetchone())


async def device(connection: Connection, site: str, code: str) -> int:
    """A device's id."""
    cursor = await connection.execute(
        "SELECT device.id FROM device JOIN site ON site.id = site_id WHERE site.code = %s AND device.code = %s",
        (site, code),
    )
    return number(await cursor.fetchone())


def newest(connection: SyncConnection[tuple[object, ...]], device: int) -> int:
    """When the newest reading of a device that can be queried now was measured, in µs; 0 without any."""
    query = "SELECT coalesce(extract(epoch FROM max(time)) * 1000000, 0)::bigint FROM reading WHERE device_id = %s"
    return number(connection.execute(query, (device,)).fetchone())


async def copied(connection: Connection, batch: int) -> tuple[int, float]:
    """Empty `reading` and COPY the same rows into it in transactions of `batch` rows: how many, and in how many s.

    Needs an autocommit connection as the owner. The rows go from memory, as they came out, over this one connection.
    """
    statement = "COPY (SELECT time, device_id, metric_id, value, quality FROM reading) TO STDOUT (FORMAT BINARY)"
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        whole = b"".join([bytes(block) async for block in copy])
    rows = memoryview(whole)[_COPY_HEAD : -len(_COPY_TAIL)]
    await connection.execute("TRUNCATE reading")
    began = time.monotonic()
    for start in range(0, len(rows), batch * _READING):
        into = "COPY reading (time, device_id, metric_id, value, quality) FROM STDIN (FORMAT BINARY)"
        async with connection.cursor() as cursor, cursor.copy(into) as copy:
            await copy.write(whole[:_COPY_HEAD] + rows[start : start + batch * _READING] + _COPY_TAIL)
    return len(rows) // _READING, time.monotonic() - began
