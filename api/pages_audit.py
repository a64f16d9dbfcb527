"""Console page: the audit log."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import audit_desk, render
from api.desk import AtDesk
from api.pages import Auditor

router = APIRouter(include_in_schema=False)

_PAGE = 100


@router.get("/audit")
async def audit_page(
    request: Request,
    at: AtDesk,
    person: Auditor,
    *,
    who: audit_desk.Who = "",
    action: audit_desk.Action = "",
    since: date | None = None,
    until: date | None = None,
    before: audit_desk.Before = None,
    check: bool = False,
) -> Response:
    """Entries from the newest on; days are the console's, both ends included. `check`: compute the chain again."""
    zone = ZoneInfo(at.config.timezone)
    which = audit_desk.chosen(who, action, _begin(since, zone), _begin(until, zone, days=1))
    found = await audit_desk.page(at, person, which, before, _PAGE + 1)
    query = {"who": who, "action": action, "since": since or "", "until": until or ""}
    context = {
        "entries": found[:_PAGE],
        "older": _link(query, found[_PAGE - 1].id) if len(found) > _PAGE else "",
        "query": query,
        "chain": await audit_desk.chain(at, person) if check else None,
    }
    return render.page(request, at, person, "audit.html", context)


def _link(query: Mapping[str, object], before: int) -> str:
    return "/audit?" + urlencode({name: value for name, value in query.items() if value} | {"before": before})


def _begin(day: date | None, zone: ZoneInfo, *, days: int = 0) -> datetime | None:
    """When that day, or the one so many later, begins; None where the calendar ends."""
    try:
        return None if day is None else datetime.combine(day + timedelta(days=days), time(), zone)
    except OverflowError:
        return None
