"""What a backup notes of the database, and what a restore makes ready for it. All as the owner."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import LiteralString

import msgspec
from psycopg import sql

from store.connection import Connection


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a database holds at one moment: the restored one must hold the same (PROMISES R16)."""

    owner: str
    roles: tuple[str, ...]
    timescaledb: str | None  # the extension's version
    migrations: tuple[str, ...]
    rows: Mapping[str, int]  # by table; partitions and chunks are counted with their table
    last_alert: int | None
    last_alert_at: datetime | None


async def snapshot(connection: Connection) -> str:
    """Begin to see the database as it is now, and let pg_dump see the same; within a REPEATABLE READ transaction."""
    return str(await _one(connection, "SELECT pg_export_snapshot()"))


async def content(connection: Connection) -> Content:
    """Read it; counts every table, which takes a while where there are many readings."""
    newest = await _row(connection, "SELECT id, raised FROM alert ORDER BY id DESC LIMIT 1")
    return Content(
        owner=str(await _one(connection, "SELECT current_user")),
        roles=await _texts(connection, "SELECT rolname FROM pg_roles WHERE rolname LIKE 'mingchu\\_%' ORDER BY 1"),
        timescaledb=await timescaledb(connection),
        migrations=await _texts(connection, "SELECT name FROM migration ORDER BY name"),
        rows={table: await _count(connection, table) for table in await _tables(connection)},
        last_alert=None if newest is None else int(str(newest[0])),
        last_alert_at=newest[1] if newest is not None and isinstance(newest[1], datetime) else None,
    )


async def evidence(connection: Connection) -> frozenset[str]:
    """The addresses of all files that the database speaks of, in whichever table: but for those that were buried."""
    named: set[str] = set()
    for table in await _texts(
        connection,
        "SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition"
        " AND attname = 'sha256' AND atttypid = 'text'::regtype"
        " AND relname NOT IN ('evidence_tombstone', 'draw', 'report', 'api_token') ORDER BY relname",
    ):
        cursor = await connection.execute(sql.SQL("SELECT sha256 FROM {}").format(sql.Identifier(table)))
        named |= {str(row[0]) for row in await cursor.fetchall() if row[0]}
    return frozenset(named)


async def is_empty(connection: Connection) -> bool:
    """Whether nobody has put a table into this database yet."""
    return not await _tables(connection)


async def timescaledb(connection: Connection) -> str | None:
    """The version of the extension in this database, or None."""
    found = await _one(connection, "SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'")
    return None if found is None else str(found)


async def make_roles(connection: Connection, names: Sequence[str]) -> None:
    """Roles belong to the server, not to the dump: make those that it lacks, and work as each of them."""
    for name in names:
        known = await _row(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", name)
        if known is None:
            await connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(name)))
        member = await _one(connection, "SELECT pg_has_role(current_user, %s, 'MEMBER')", name)
        if not member:
            await connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(name)))


async def begin_restore(connection: Connection) -> None:
    """TimescaleDB must know that a restore comes: the extension first, its background work halted."""
    await connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
    await connection.execute("SELECT timescaledb_pre_restore()")


async def end_restore(connection: Connection) -> None:
    """Back to work."""
    await connection.execute("SELECT timescaledb_post_restore()")


async def _tables(connection: Connection) -> tuple[str, ...]:
    """Tables of ours: not partitions, which are counted with their table, nor what an extension brought."""
    return await _texts(
        connection,
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        " AND NOT relispartition AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')"
        " ORDER BY relname",
    )


async def _count(connection: Connection, table: str) -> int:
    cursor = await connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
    row = await cursor.fetchone()
    assert row is not None
    return int(str(row[0]))


async def _row(connection: Connection, query: LiteralString, *values: object) -> Sequence[object] | None:
    cursor = await connection.execute(query, values)
    return await cursor.fetchone()


async def _one(connection: Connection, query: LiteralString, *values: object) -> object:
    row = await _row(connection, query, *values)
    return None if row is None else row[0]


async def _texts(connection: Connection, query: LiteralString) -> tuple[str, ...]:
    cursor = await connection.execute(query)
    return tuple(str(row[0]) for row in await cursor.fetchall())
