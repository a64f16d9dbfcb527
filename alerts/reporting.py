"""Reports by schedule: of each closed day, week and month, for each authority that somebody works for (ADR 34)."""

from datetime import datetime

import structlog

from domain.period import Span, closed
from store import reports
from store.connection import Connection

log = structlog.get_logger("alerts")


async def keep(connection: Connection, now: datetime) -> int:
    """Make those that are missing of the newest closed periods; returns how many. What was made before is left."""
    made = 0
    for span in Span:
        period = closed(span, now)
        for path in await reports.missing(connection, period):
            scope = await reports.of_authority(connection, path)
            if scope is not None:
                await reports.make(connection, period, scope)
                made += 1
    if made:
        log.info("reports.made", count=made)
    return made
