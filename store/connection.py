"""Connections to the database: one DSN, one role per service, UTC."""

import math
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from enum import StrEnum
from weakref import WeakKeyDictionary

import psycopg
from psycopg import AsyncConnection, sql
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import AsyncConnectionPool

Connection = AsyncConnection[tuple[object, ...]]

_MOMENT_S = 1.0


class ServiceRole(StrEnum):
    """The database role that each service works as (DESIGN, Database)."""

    INGEST = "mingchu_ingest"
    ALERTS = "mingchu_alerts"
    API = "mingchu_api"


class DatabaseUnreachableError(Exception):
    """The database does not answer."""


def where(dsn: str) -> str:
    """Say which server a DSN names, without its password."""
    parts: Mapping[str, object] = conninfo_to_dict(dsn)
    return f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}/{parts.get('dbname', '')}"


async def connect(dsn: str, role: ServiceRole | None = None, *, autocommit: bool = False) -> Connection:
    """Open one connection as `role` (None: as the DSN's own user); raises DatabaseUnreachableError."""
    try:
        connection = await AsyncConnection.connect(dsn, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as error:
        reason = next(iter(str(error).strip().splitlines()), "no answer")
        raise DatabaseUnreachableError(f"the database at {where(dsn)} does not answer: {reason}") from error
    await _prepare(connection, role)
    await connection.set_autocommit(autocommit)
    return connection


async def _prepare(connection: Connection, role: ServiceRole | None) -> None:
    await connection.execute("SET TIME ZONE 'UTC'")
    if role is not None:
        await connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))


class _Checked:
    """After a restart of the server a pool holds dead connections: each is asked before it is lent, but not when it
    answered a moment ago."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._answered: WeakKeyDictionary[Connection, float] = WeakKeyDictionary()

    async def __call__(self, connection: Connection) -> None:
        now = self._clock()
        if now - self._answered.get(connection, -math.inf) > _MOMENT_S:
            await AsyncConnectionPool.check_connection(connection)
            self._answered[connection] = now


@asynccontextmanager
async def pool(dsn: str, role: ServiceRole, *, size: int = 4) -> AsyncIterator[AsyncConnectionPool[Connection]]:
    """A pool of connections as `role`; closed on leaving."""

    async def configure(connection: Connection) -> None:
        await connection.set_autocommit(True)
        await _prepare(connection, role)
        await connection.set_autocommit(False)

    connections: AsyncConnectionPool[Connection] = AsyncConnectionPool(
        dsn,
        min_size=1,
        max_size=size,
        configure=configure,
        check=_Checked(),
        reconnect_timeout=5,  # its back-off doubles up to here; then the next request tries anew
        open=False,
        kwargs={"connect_timeout": 5},
    )
    await connections.open()
    try:
        yield connections
    finally:
        await connections.close()
