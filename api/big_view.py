"""What the big screen shows."""

from datetime import datetime
from zoneinfo import ZoneInfo

from api import case_view, map_view
from api.desk import Desk
from api.queue_choice import UNFINISHED
from domain.standing import total
from store import queue, standing
from store.people import Person
from store.queue import QueueFilter

_LAST, _WORST = 6, 8


async def figures(at: Desk, person: Person) -> dict[str, object]:
    """Today's counts, the sum of all sites, the worst of them, and the last alerts."""
    async with at.scoped(person) as connection:
        rows = await standing.sites(connection)
        today = await standing.today(connection, _midnight(at.clock(), at.config.timezone))
        last = await queue.page(connection, QueueFilter(statuses=UNFINISHED, newest=True), _LAST)
    whole = total(row.standing for row in rows)
    worst = sorted((row for row in rows if row.standing.worst), key=lambda row: tuple(-n for n in row.standing.classes))
    return {
        "today": today,
        "whole": map_view.counted(whole),
        "worst": [(map_view.point(row), row.standing.classes) for row in worst[:_WORST]],
        "last": [case_view.summary(row, at.vault) for row in last],
    }


def _midnight(now: datetime, timezone: str) -> datetime:
    return now.astimezone(ZoneInfo(timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
