"""What rescuers do to an alert: a report becomes history, and ends the clocks that waited for it."""

from datetime import datetime
from enum import StrEnum

from domain import clock_phrase
from domain.alert import FINISHED
from domain.rescue import Link, RescueAction
from store import alerts, clocks, rescue, workflow
from store.alerts import HistoryEntry
from store.connection import Connection
from store.rescue import RescueStep

Position = tuple[float, float]


class Said(StrEnum):
    """What became of a report."""

    DONE = "done"
    AGAIN = "again"  # reported before: nothing changes
    OVER = "over"  # the alert is finished
    NOTHING = "nothing"  # there is no such rescue


async def report(
    connection: Connection,
    link: Link,
    action: RescueAction,
    *,
    claimed: datetime | None = None,
    position: Position | None = None,
) -> Said:
    """Take a rescuer's report, in one transaction (or in the caller's own). `position`: degrees north and east.

    `connection` works within the scope of the alert's authority (store.rescue.enter).
    """
    async with connection.transaction():
        locked = await workflow.lock(connection, link.alert)
        found = await rescue.case(connection, link.alert)
        if locked is None or found is None:
            return Said.NOTHING
        if locked.status in FINISHED:
            return Said.OVER
        latitude, longitude = position or (None, None)
        step = RescueStep(link.role, action, found.began, claimed, latitude, longitude)
        if not await rescue.report(connection, link.alert, found.began, step):
            return Said.AGAIN
        why = clock_phrase.reported(link.role, action, position)
        entry = HistoryEntry(link.alert, f"rescue_{action}", locked.status, locked.status, locked.condition, why)
        await alerts.add_history(connection, [entry])
        await clocks.cancel(connection, [link.alert], action.mark)
        await alerts.announce(connection, [link.alert])
    return Said.DONE
