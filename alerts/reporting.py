"""Reports by schedule: of each closed day, week and month, for those who work there or have subscribed (ADR 34, 46)."""

from datetime import datetime

import structlog

from domain.period import Period, Span, closed
from store import report_subscriptions, reports
from store.connection import Connection
from store.report_figures import Scope

log = structlog.get_logger("alerts")


async def keep(connection: Connection, now: datetime) -> int:
    """Make those that are missing of the newest closed periods, and queue them for their subscribers.

    Returns how many were made. What was made or queued before is left: the tables say so, whoever asks.
    """
    made, queued = 0, 0
    for span in Span:
        period = closed(span, now)
        for scope in await _missing(connection, period):
            await reports.make(connection, period, scope)
            made += 1
        queued += await report_subscriptions.enqueue(connection, period)
    if made or queued:
        log.info("reports.made", count=made, queued=queued)
    return made


async def _missing(connection: Connection, period: Period) -> list[Scope]:
    """Whose report nobody has made yet."""
    wanted = await report_subscriptions.scopes(connection, period)
    paths = dict.fromkeys([*await reports.missing(connection, period), *(path for path, _ in wanted if path)])
    found = [await reports.of_authority(connection, path) for path in paths]
    found += [await reports.of_site(connection, site) for _, site in wanted if site is not None]
    return [scope for scope in found if scope is not None]
