"""Connections to the database: one DSN, one role per service, UTC."""

import select
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from enum import StrEnum

import psycopg
from psycopg import AsyncConnection, sql
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import AsyncConnectionPool

Connection = AsyncConnection[tuple[object, ...]]


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


async def _check(connection: Connection) -> None:
    """After a restart of the server a pool holds dead connections: one at which something waits to be read, as the
    server's farewell does, is asked before it is lent. To ask each time would cost a journey for every request."""
    ears = select.poll()
    ears.register(connection.fileno(), select.POLLIN)
    if ears.poll(0):
        await AsyncConnectionPool.check_connection(connection)


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
        check=_check,
        reconnect_timeout=5,  # its back-off doubles up to here; then the next request tries anew
        open=False,
        kwargs={"connect_timeout": 5},
    )
    await connections.open()
    try:
        yield connections
    finally:
        await connections.close()
