"""The operator's home on a phone: what is to be put right, by urgency, and how his sites stand."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from api import card_desk, case_view, place_view, render, risk_view
from api.alert_model import AlertSummary
from api.desk import AtDesk, Desk
from api.pages import Reader
from api.place_model import Camera, Card, Device, Site
from api.risk_view import RiskView
from domain.alert import Role, Status
from store import cards, inspections, places, queue
from store.connection import Connection
from store.places import SiteRow
from store.queue import QueueFilter

router = APIRouter(include_in_schema=False)

_ALERTS = 30
_SITES = 4
_TASKS = 10
_PER_SITE = 8


@dataclass(frozen=True, slots=True)
class SiteCard:
    """One site at a glance."""

    site: Site
    risk: RiskView | None
    cards: list[Card]
    cameras: list[Camera]
    devices: list[Device]


@router.get("/home")
async def home(request: Request, at: AtDesk, person: Reader) -> Response:
    """An operator's own; everybody else begins with the queue."""
    if person.role is not Role.OPERATOR:
        return RedirectResponse("/", 303)
    async with at.scoped(person) as connection:
        waiting = QueueFilter(statuses=(Status.OPEN, Status.ACKNOWLEDGED))
        rows = await queue.page(connection, waiting, _ALERTS)
        sites = await places.sites(connection, limit=_SITES)
        context = {
            "alerts": sorted((case_view.summary(row, at.vault) for row in rows), key=_urgency),
            "tasks": await inspections.unfinished(connection, _TASKS),
            "sites": [await _site(at, connection, row) for row in sites],
            "total": await places.count_sites(connection),
        }
    return render.page(request, at, person, "home.html", context)


def _urgency(alert: AlertSummary) -> tuple[bool, float]:
    """Class I first until it is acknowledged, then by the deadline."""
    return not (alert.severity == 1 and alert.status is Status.OPEN), alert.due.timestamp()


async def _site(at: Desk, connection: Connection, row: SiteRow) -> SiteCard:
    devices = await places.devices(connection, row.id)
    return SiteCard(
        place_view.site(row),
        await risk_view.subject(connection, row.id),
        [card_desk.card(one) for one in await cards.of_site(connection, row.id) if one.lifted is None],
        [place_view.camera(one, at.vault) for one in await places.cameras(connection, row.id, _PER_SITE)],
        await place_view.devices(connection, devices[:_PER_SITE]),
    )
