"""Console pages: sites, one site, one device, operations."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Self
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from api import (
    card_desk,
    case_view,
    complaint_desk,
    device_desk,
    display,
    edge_desk,
    equipment_desk,
    letter_view,
    place_view,
    render,
    risk_view,
    site_desk,
    tour_view,
)
from api.absent import absent
from api.alert_model import AlertSummary
from api.desk import AtDesk
from api.hold_desk import in_force, may_hold
from api.pages import Admin, Reader
from api.place_model import Device
from api.problem import not_found
from api.queue_choice import UNFINISHED
from store import (
    cards,
    complaints,
    configuration,
    dead_letters,
    edges,
    equipment,
    places,
    process,
    queue,
    site_facts,
    tours,
)
from store.dead_letters import LetterFilter
from store.process import ProcessRow
from store.queue import QueueFilter

router = APIRouter(include_in_schema=False)

_RECENT = 6
_SITES = 120
_EQUIPMENT = 60
_LETTERS = 50
_GAPS = 20
_LOOK_BACK = timedelta(hours=24)


@router.get("/sites")
async def sites_page(
    request: Request, at: AtDesk, person: Reader, search: Annotated[str, Query(max_length=100)] = ""
) -> Response:
    """The sites with the gravest alerts first; the others by a search."""
    async with at.scoped(person) as connection:
        found = [place_view.site(row) for row in await places.sites(connection, search.strip(), _SITES)]
        context = {"sites": found, "search": search, "total": await places.count_sites(connection), "most": _SITES}
    return render.page(request, at, person, "sites.html", context)


@router.get("/sites/{site_id}")
async def site_page(request: Request, at: AtDesk, person: Reader, site_id: int) -> Response:
    """One site with its cameras, devices and unfinished alerts."""
    async with at.scoped(person) as connection:
        row = await places.site(connection, site_id)
        if row is None:
            raise not_found()
        recent = await queue.page(connection, QueueFilter(statuses=UNFINISHED, site=site_id), _RECENT)
        said = await complaint_desk.shown(connection, await complaints.of_site(connection, site_id))
        context = {
            "site": place_view.site(row),
            "cameras": [place_view.camera(camera, at.vault) for camera in await places.cameras(connection, site_id)],
            "devices": await place_view.devices(connection, await places.devices(connection, site_id)),
            "recent": [case_view.summary(alert, at.vault) for alert in recent],
            "edges": [edge_desk.edge(edge) for edge in await edges.edges(connection, site_id)],
            "cards": [card_desk.card(card) for card in await cards.of_site(connection, site_id)],
            "licences": [site_desk.licence(one) for one in await site_facts.licences(connection, site_id)],
            "schedule": await site_desk.hours(connection, site_id),
            "month": await site_desk.month(connection, site_id, at.config.timezone, at.clock()),
            "where": await site_facts.coordinates(connection, site_id),
            "tile_url": at.config.tile_url,
            "findings": [tour_view.finding(one, at.vault) for one in await tours.findings_of_site(connection, site_id)],
            "complaints": said,
            "absent": await absent(connection, at.vault, complaint_desk.photos(said)),
            "equipment": [
                equipment_desk.view(at, one)
                for one in await equipment.page(connection, at.clock(), site=site_id, limit=_EQUIPMENT)
            ],
            "removed": await configuration.removed(connection, site_id) if person.may_configure else [],
            "risk": await risk_view.subject(connection, site_id),
            "may_hold": may_hold(person),
            "held": await in_force(connection, at.clock(), site=site_id),
        }
    return render.page(request, at, person, "site.html", context)


@router.post("/sites/{site_id}/cards/{card_id}/lift")
async def lift_card(
    at: AtDesk, person: Reader, site_id: int, card_id: int, reason: Annotated[str, Form(max_length=2000)] = ""
) -> Response:
    """A regulator lifts a card by form."""
    await card_desk.lift(at, person, site_id, card_id, reason)
    return RedirectResponse(f"/sites/{site_id}#cards", 303)


@router.get("/devices/{device_id}")
async def device_page(request: Request, at: AtDesk, person: Reader, device_id: int) -> Response:
    """One device with its latest readings and their charts."""
    return await _device(request, at, person, device_id, "device.html")


@router.get("/devices/{device_id}/readings")
async def device_readings(request: Request, at: AtDesk, person: Reader, device_id: int) -> Response:
    """Only what changes of the device's page: its latest readings."""
    return await _device(request, at, person, device_id, "device_readings.html")


async def _device(request: Request, at: AtDesk, person: Reader, device_id: int, template: str) -> Response:
    async with at.scoped(person) as connection:
        row = await places.device(connection, device_id)
        if row is None:
            raise not_found()
        device = (await place_view.devices(connection, [row]))[0]
        words = {one.name: display.said(one) for one in place_view.profile_of(row.profile).metrics}
        missing = await letter_view.device_gaps(connection, row, _LOOK_BACK)
        filter_ = QueueFilter(statuses=UNFINISHED, site=row.site_id)
        recent = [case_view.summary(alert, at.vault) for alert in await queue.page(connection, filter_, 50)]
        access = await device_desk.access(connection, device_id) if person.may_provision else None
    own = [alert for alert in recent if alert.subject.kind == "device" and alert.subject.id == device_id]
    context = {**_shown(device, own, missing), "access": access, "words": words}
    return render.page(request, at, person, template, context)


def _shown(device: Device, own: list[AlertSummary], missing: list[letter_view.DeviceGap]) -> dict[str, object]:
    begin = datetime.now(UTC) - _LOOK_BACK
    strip = [(gap, _share(gap.begin - begin), _share(gap.end - gap.begin)) for gap in missing]
    return {"device": device, "recent": own[:_RECENT], "missing": missing[::-1][:_GAPS], "strip": strip}


def _share(part: timedelta) -> float:
    """Of the strip's width, per cent."""
    return round(max(0.0, 100 * (part / _LOOK_BACK)), 2)


@router.get("/operations/letters")
async def letters_page(
    request: Request,
    at: AtDesk,
    person: Admin,
    *,
    topic: letter_view.Topic = "",
    reason: letter_view.Reason = "",
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> Response:
    """Messages that nobody could read, one by one, and having them read again."""
    async with at.scoped(person) as connection:
        rows = await dead_letters.page(connection, LetterFilter(topic, reason), before, _LETTERS + 1)
    context = {
        "letters": [letter_view.letter(row) for row in rows[:_LETTERS]],
        "older": rows[_LETTERS - 1].id if len(rows) > _LETTERS else None,
        "topic": topic,
        "reason": reason,
    }
    return render.page(request, at, person, "letters.html", context)


@router.post("/operations/letters/replay")
async def replay_letters(
    at: AtDesk,
    person: Admin,
    topic: Annotated[str, Form(max_length=200)] = "",
    reason: Annotated[str, Form(max_length=200)] = "",
    letter: Annotated[int | None, Form(ge=1, le=2**62)] = None,
) -> Response:
    """Read those again that the filter shows, or the one."""
    async with at.scoped(person) as connection:
        await dead_letters.ask(connection, LetterFilter(topic, reason), letter)
    return RedirectResponse(f"/operations/letters?{urlencode({'topic': topic, 'reason': reason})}", 303)


@dataclass(frozen=True, slots=True)
class _Process:
    """A process for people: whether it lives, its mean use of a core in per cent, and its memory."""

    row: ProcessRow
    lives: bool
    cpu: float
    mib: int

    @classmethod
    def of(cls, row: ProcessRow, now: datetime) -> Self:
        life_s = max((row.seen - row.started).total_seconds(), 1.0)
        lives = (now - row.seen).total_seconds() < 3 * process.EVERY_S
        return cls(row, lives, round(100 * row.cpu_s / life_s, 1), row.memory // 2**20)


@router.get("/operations")
async def operations_page(request: Request, at: AtDesk, person: Admin) -> Response:
    """Edges, cameras in trouble, messages that nobody could read."""
    async with at.scoped(person) as connection:
        cameras = [place_view.camera(row, at.vault) for row in await places.cameras(connection, None)]
        letters = await places.dead_letters(connection)
        context = {
            "edges": [edge_desk.edge(row) for row in await edges.edges(connection)],
            "cameras": cameras,
            "troubled": [camera for camera in cameras if camera.health != "OK"],
            "letters": letters,
            "letter_count": sum(letter.n for letter in letters),
            "processes": [_Process.of(row, datetime.now(UTC)) for row in await process.heard(connection)],
            "waiting": await process.backlog(connection),
            "database_mib": await process.size(connection) // 2**20,
        }
    return render.page(request, at, person, "operations.html", context)
