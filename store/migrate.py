"""Migrations: plain SQL files run in order, once each, under an advisory lock."""

from enum import StrEnum
from importlib.resources import files
from typing import LiteralString

from store.connection import Connection

_LOCK = 0x6D696E67636875  # "mingchu"


class Edition(StrEnum):
    """What readings lie on; Community and Apache editions of TimescaleDB are told apart by their licence setting."""

    PLAIN = "plain"
    APACHE = "apache"
    COMMUNITY = "community"


_READINGS = {
    Edition.PLAIN: ("plain.sql",),
    Edition.APACHE: ("timescale.sql", "timescale_apache.sql"),
    Edition.COMMUNITY: ("timescale.sql", "timescale_community.sql"),
}


# A migration that differs by edition is a folder: these files of it, in order.
_ROLLUPS = {
    Edition.PLAIN: ("unview.sql", "own.sql", "plain.sql", "views.sql"),
    Edition.APACHE: ("unview.sql", "own.sql", "chunks.sql", "views.sql"),
    Edition.COMMUNITY: ("unview.sql", "continuous.sql", "chunks.sql", "views.sql"),
}


async def migrate(connection: Connection) -> list[str]:
    """Bring the database up to date; returns the names applied now. Needs an autocommit connection as the owner."""
    await connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
    try:
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, applied timestamptz NOT NULL DEFAULT now())"
        )
        return [name for name in await _plan(connection) if await _apply(connection, name)]
    finally:
        await connection.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))


async def outstanding(connection: Connection) -> list[str]:
    """The names that `migrate` would apply now; all of them in a database that was never migrated."""
    cursor = await connection.execute("SELECT to_regclass('migration') IS NOT NULL")
    row = await cursor.fetchone()
    if row is None or not row[0]:
        return await _plan(connection)
    cursor = await connection.execute("SELECT name FROM migration")
    applied = {str(name) for (name,) in await cursor.fetchall()}
    return [name for name in await _plan(connection) if name not in applied]


async def _plan(connection: Connection) -> list[str]:
    numbered = sorted(
        entry.name for entry in files("store").joinpath("migrations").iterdir() if entry.name[0].isdigit()
    )
    base, later = numbered[0], numbered[1:]
    return [f"migrations/{base}", "readings", *(f"migrations/{name}" for name in later)]


async def _apply(connection: Connection, name: str) -> bool:
    cursor = await connection.execute("SELECT 1 FROM migration WHERE name = %s", (name,))
    if await cursor.fetchone():
        return False
    names = await _files(connection, name)
    async with connection.transaction():
        for file in names:
            await connection.execute(_read(file))
        await connection.execute("INSERT INTO migration (name) VALUES (%s)", (name,))
    return True


async def _files(connection: Connection, name: str) -> tuple[str, ...]:
    if name == "readings":
        return (*_READINGS[await offered(connection)], "reading_views.sql")
    if name.endswith(".sql"):
        return (name,)
    return tuple(f"{name}/{file}" for file in ("marks.sql", *_ROLLUPS[await edition(connection)], "after.sql"))


async def lay(connection: Connection, wanted: Edition) -> None:
    """Make readings and rollups on `wanted`, where there are none; within a transaction, as the owner."""
    folder = "migrations/0012_rollups"
    names = (*_READINGS[wanted], "reading_views.sql", *(f"{folder}/{file}" for file in _ROLLUPS[wanted]))
    for name in names:
        await connection.execute(_read(name))


def _read(name: str) -> LiteralString:
    """A file of this package is as trusted as the code beside it."""
    return files("store").joinpath(name).read_text(encoding="utf-8")  # pyright: ignore[reportReturnType]


async def edition(connection: Connection) -> Edition:
    """What this database's readings lie on: a database that is older than its server's TimescaleDB is plain."""
    cursor = await connection.execute("SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass('reading')")
    row = await cursor.fetchone()
    return Edition.PLAIN if row is not None and row[0] else await offered(connection)


async def offered(connection: Connection) -> Edition:
    """Detect TimescaleDB and create its extension where the server offers it."""
    cursor = await connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'timescaledb'")
    if await cursor.fetchone() is None or not await _preloaded(connection):
        return Edition.PLAIN
    await connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
    cursor = await connection.execute("SELECT current_setting('timescaledb.license', true)")
    row = await cursor.fetchone()
    return Edition.COMMUNITY if row is not None and row[0] == "timescale" else Edition.APACHE


async def _preloaded(connection: Connection) -> bool:
    """The extension works only where the server loads its library at start."""
    cursor = await connection.execute("SELECT current_setting('shared_preload_libraries')")
    row = await cursor.fetchone()
    return row is not None and "timescaledb" in str(row[0])
