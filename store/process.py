"""What the processes say of themselves, and how much waits between them."""

import asyncio
import os
import resource
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import psutil
import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from store.connection import Connection, DatabaseUnreachableError, ServiceRole, connect

EVERY_S = 10.0
Counts = Callable[[], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """One process as it last spoke. `cpu_s` since its start, `memory` in bytes."""

    service: str
    instance: str
    pid: int
    started: datetime
    seen: datetime
    cpu_s: float
    memory: int
    counters: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Backlog:
    """So many of a kind wait, the oldest since then."""

    name: str
    waiting: int
    oldest: datetime | None


async def speak(dsn: str, role: ServiceRole, service: str, instance: str, counts: Counts) -> None:
    """Say every few seconds, for ever, that this process lives; a database that is away is waited for."""
    started = datetime.now(UTC)
    while True:
        try:
            async with await connect(dsn, role, autocommit=True) as connection:
                while True:
                    await _say(connection, service, instance, started, counts())
                    await asyncio.sleep(EVERY_S)
        except (psycopg.Error, DatabaseUnreachableError):
            pass  # the process's own work says that the database is away
        await asyncio.sleep(EVERY_S)


async def _say(
    connection: Connection, service: str, instance: str, started: datetime, counters: Mapping[str, int]
) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    await connection.execute(
        "INSERT INTO process (service, instance, pid, started, cpu_s, memory, counters)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (service, instance) DO UPDATE SET pid = excluded.pid,"
        " started = excluded.started, seen = now(), cpu_s = excluded.cpu_s, memory = excluded.memory,"
        " counters = excluded.counters",
        (
            service,
            instance,
            os.getpid(),
            started,
            used.ru_utime + used.ru_stime,
            psutil.Process().memory_info().rss,
            Jsonb(dict(counters)),
        ),
    )


async def heard(connection: Connection) -> list[ProcessRow]:
    """All that ever spoke, by service; one that was taken out of service stays until it is forgotten."""
    async with connection.cursor(row_factory=class_row(ProcessRow)) as cursor:
        await cursor.execute(
            "SELECT service, instance, pid, started, seen, cpu_s, memory, counters FROM process"
            " ORDER BY service, instance"
        )
        return await cursor.fetchall()


async def forget(connection: Connection, service: str, instance: str) -> None:
    """One that was taken out of service for good."""
    await connection.execute("DELETE FROM process WHERE service = %s AND instance = %s", (service, instance))


async def backlog(connection: Connection) -> list[Backlog]:
    """What waits between the processes."""
    async with connection.cursor(row_factory=class_row(Backlog)) as cursor:
        await cursor.execute("SELECT name, waiting, oldest FROM backlog()")
        return await cursor.fetchall()


async def size(connection: Connection) -> int:
    """Bytes of the database on its server's disk."""
    cursor = await connection.execute("SELECT pg_database_size(current_database())")
    row = await cursor.fetchone()
    assert row is not None
    return int(str(row[0]))


@dataclass(frozen=True, slots=True)
class Gauge:
    """One number of the fleet: `family` says of what, `subject` of which."""

    family: str
    subject: str
    value: float


async def fleet(connection: Connection) -> list[Gauge]:
    """How many edges, cameras, devices and alerts are how; and what each edge has counted (`edge:<name>`)."""
    async with connection.cursor(row_factory=class_row(Gauge)) as cursor:
        await cursor.execute("SELECT family, subject, value FROM fleet() ORDER BY family, subject")
        return await cursor.fetchall()
