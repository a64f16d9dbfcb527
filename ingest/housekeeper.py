"""The housekeeper: stores rollups, reads dead letters again, forgets what is old; one of all ingest processes."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import psycopg
import structlog

from ingest.backoff import Backoff
from ingest.keeper import Keeper
from ingest.second_reading import read_again
from store import retention, rollups
from store.connection import Connection, DatabaseUnreachableError, ServiceRole, connect
from store.retention import Kept

log = structlog.get_logger()

EVERY_S = 60.0
_LOCK = 0x6D6368736B706572  # "mchskper"


@dataclass(slots=True)
class Housekeeper:
    """Works while it holds the lock; another ingest process takes over when it goes."""

    dsn: str
    keeper: Keeper
    every_s: float = EVERY_S
    swept: date | None = None

    async def run(self) -> None:
        """For ever; a database that is away is waited for."""
        backoff = Backoff()
        while True:
            try:
                async with await connect(self.dsn, ServiceRole.INGEST, autocommit=True) as connection:
                    backoff.reset()
                    await self._serve(connection)
            except (psycopg.Error, DatabaseUnreachableError) as error:
                log.warning("housekeeping was interrupted, trying again", reason=" ".join(str(error).split()))
            await backoff.wait()

    async def _serve(self, connection: Connection) -> None:
        alone = False
        await connection.execute("LISTEN mingchu_letters")
        await self.keeper.ready.wait()
        while True:
            alone = alone or await _take(connection)
            if alone:
                await self.once(connection, datetime.now(UTC))
            async for _ in connection.notifies(timeout=self.every_s, stop_after=1):
                pass

    async def once(self, connection: Connection, now: datetime) -> None:
        """What is due at `now`."""
        read = await read_again(connection, self.keeper.roster)
        if read.landed or read.refused:
            log.info("dead letters read again", landed=read.landed, refused=read.refused)
        done = await rollups.refresh(connection, now)
        if done.stored or done.repaired:
            log.info("rollups refreshed", hours=done.stored, repaired=done.repaired)
        if self.swept != now.date():
            gone = {kind: await retention.forget(connection, kind) for kind in Kept}
            log.info("old records forgotten", **{kind: count for kind, count in gone.items() if count})
            self.swept = now.date()


async def _take(connection: Connection) -> bool:
    """Take the lock, which this connection then holds until it ends; False while another process has it."""
    cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,))
    row = await cursor.fetchone()
    return row is not None and bool(row[0])
