"""Real servers for the tests: a PostgreSQL for the session, a fresh database for each test, a private mosquitto."""

import asyncio
import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from domain import credential
from mingchu import broker as brokers
from mingchu import database
from mingchu.account import Account
from store.connection import connect
from store.migrate import migrate
from tests.servers import PrivateBroker, running

_TEMPORARY = Path("/var/tmp" if not os.access("/tmp", os.W_OK) else "/tmp")  # short, and open to the servers' account


@pytest.fixture(scope="session")
def server_directory() -> Iterator[Path]:
    """A directory that the servers' unprivileged account can reach (pytest's own are closed to others)."""
    directory = Path(tempfile.mkdtemp(prefix="mingchu-", dir=_TEMPORARY))
    directory.chmod(0o711)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def database_url(server_directory: Path) -> Iterator[str]:
    """A PostgreSQL server: MINGCHU_TEST_DATABASE_URL (with or without TimescaleDB), or an embedded one."""
    given = os.environ.get("MINGCHU_TEST_DATABASE_URL")
    if given:
        yield given
        return
    server = database.prepare(server_directory, Account.find(), credential.generate(), durable=False)
    with running(server.command(), server.answers, signal.SIGINT):
        yield server.dsn


async def _migrate(dsn: str) -> None:
    connection = await connect(dsn, autocommit=True)
    await migrate(connection)
    await connection.close()


@pytest.fixture
def dsn(database_url: str) -> Iterator[str]:
    """The owner's address of a fresh, migrated database; dropped afterwards."""
    name = f"test_{uuid.uuid4().hex}"
    fresh = make_conninfo(database_url, dbname=name)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        try:
            # Roles belong to the whole server: parallel runs make them one after the other.
            connection.execute("SELECT pg_advisory_lock(hashtext('mingchu.tests'))")
            asyncio.run(_migrate(fresh))
            connection.execute("SELECT pg_advisory_unlock(hashtext('mingchu.tests'))")
            yield fresh
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def broker(server_directory: Path) -> Iterator[PrivateBroker]:
    """A private mosquitto: `.url(user)`, `.secret(user)`, `.add_device()`, `.add_edge()`, `.stop()`, `.start()`."""
    root = server_directory / uuid.uuid4().hex[:8]
    root.mkdir(mode=0o711)
    private = PrivateBroker.below(root)
    private.start()
    yield private
    private.stop()


@pytest.fixture
def free_port() -> Callable[[], int]:
    """A function that finds TCP ports of 127.0.0.1 that nobody listens on."""
    return brokers.free_port
