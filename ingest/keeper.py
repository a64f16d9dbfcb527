"""Keeps the roster fresh: at a notification, every minute, and when somebody unknown speaks. Makes partitions ahead."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import psycopg
import structlog

from ingest.backoff import Backoff
from ingest.downlink import downlinks
from ingest.roster import Roster, build
from store import ledger, readings, roster
from store.connection import Connection, DatabaseUnreachableError, ServiceRole, connect

log = structlog.get_logger()

_EVERY_S = 60.0
_STRANGER_S = 2.0  # strangers may have us look so often
_BEHIND, _AHEAD = timedelta(days=7), timedelta(days=7)  # partitions; what is older still lands, in the default one


@dataclass(slots=True)
class Keeper:
    """`roster` is replaced whole; `ready` is set when it was read for the first time."""

    dsn: str
    tell_edges: Callable[[dict[str, bytes]], None]
    roster: Roster = field(default_factory=Roster)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    read_at: float = float("-inf")
    partitioned: date | None = None

    async def run(self) -> None:
        """For ever; a database that is away is waited for."""
        backoff, complaint = Backoff(), ""
        while True:
            try:
                connection = await connect(self.dsn, ServiceRole.INGEST, autocommit=True)
                async with connection:
                    await connection.execute("LISTEN mingchu_config")
                    await self.refresh(connection)
                    backoff.reset()
                    complaint = ""
                    await self._follow(connection)
            except (psycopg.Error, DatabaseUnreachableError) as error:
                if str(error) != complaint:
                    complaint = str(error)
                    log.warning("the registry cannot be read; what is known stays in use", reason=_line(error))
            await backoff.wait()

    async def _follow(self, connection: Connection) -> None:
        while True:
            async for _ in connection.notifies(timeout=_EVERY_S, stop_after=1):
                pass
            await self.refresh(connection)

    async def refresh(self, connection: Connection) -> None:
        """Read all anew, over an autocommit connection that is not within a transaction."""
        today = datetime.now(UTC).date()
        if self.partitioned != today:
            await self._partition(connection, today)
        rows = await roster.read(connection)
        self.roster, self.read_at = build(rows), time.monotonic()
        self.tell_edges(downlinks(rows))
        self.ready.set()

    async def _partition(self, connection: Connection, today: date) -> None:
        """Days ahead of their use: where somebody reads the tables for long, as a backup does, a later time will do."""
        try:
            for make in (readings.make_partitions, ledger.make_partitions):
                await make(connection, today - _BEHIND, today + _AHEAD)
            self.partitioned = today
        except psycopg.errors.LockNotAvailable as error:
            log.info("the next days' partitions are not made yet, trying again", reason=_line(error))

    def may_ask(self) -> bool:
        """True when an unknown sender is worth another look at the registry."""
        return time.monotonic() - self.read_at >= _STRANGER_S


def _line(error: Exception) -> str:
    if isinstance(error, (psycopg.errors.UndefinedFunction, psycopg.errors.UndefinedTable)):
        return "the database is not up to date: run `mingchu migrate`"
    return " ".join(str(error).split())
