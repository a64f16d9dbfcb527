"""The overseer: what is done by the calendar, beside the engine: risk scores, reports, evidence whose time is over.

One of all alerts processes, by an advisory lock of its own. Its connection is its own too: the engine waits for nothing
of it.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable
from datetime import UTC, date, datetime

import psycopg
import structlog

from alerts import expiry, reporting, risk
from alerts.config import AlertsConfig
from alerts.counters import Counters
from domain.period import ZONE
from store import inspections
from store.connection import Connection, ServiceRole, connect

log = structlog.get_logger("alerts")

EVERY_S = 60.0
_SETTLES_S = 600.0
_LOCK = 0x6F76657273656572  # "overseer"


async def oversee(config: AlertsConfig, counters: Counters, stop: asyncio.Event) -> None:
    """Work until `stop` is set; an error of one part is logged and counted, and does not keep back the others."""
    connection = await connect(config.dsn, ServiceRole.ALERTS, autocommit=True)
    try:
        alone, expired, began = False, date.min, time.monotonic()
        while not stop.is_set():
            now = datetime.now(UTC)
            alone = alone or await _take(connection)
            if alone:
                await part("risk", risk.keep(connection, now), counters)
                await part("reports", reporting.keep(connection, now), counters)
                await part("inspections", inspections.come_due(connection, now), counters)
            today = now.astimezone(ZONE).date()
            # The api may only just be making its folder.
            ready = expiry.is_here(config.evidence_dir) or time.monotonic() - began > _SETTLES_S
            if alone and ready and expired != today:
                work = expiry.expire(connection, config.evidence_dir, now)
                expired = today if await part("expiry", work, counters) else expired
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY_S)
    finally:
        await connection.close()


async def _take(connection: Connection) -> bool:
    """Take the lock, which this connection then holds until it ends; False while another process has it."""
    cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,))
    row = await cursor.fetchone()
    return row is not None and bool(row[0])


async def part(name: str, work: Awaitable[object], counters: Counters) -> bool:
    """Do one part; False where it failed. A database that is away is the caller's matter."""
    try:
        await work
    except (psycopg.OperationalError, psycopg.InterfaceError):
        raise
    except Exception:
        log.exception("overseer.failed", part=name)
        counters.add(f"failed_{name}")
        return False
    return True
