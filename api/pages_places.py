"""Console pages: sites, one site, one device, operations."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import case_view, place_view, render
from api.desk import AtDesk
from api.pages import Admin, Reader
from api.pages_queue import UNFINISHED
from api.problem import not_found
from store import places, queue
from store.queue import QueueFilter

router = APIRouter(include_in_schema=False)

_RECENT = 6
_SITES = 120


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
        context = {
            "site": place_view.site(row),
            "cameras": [place_view.camera(camera, at.vault) for camera in await places.cameras(connection, site_id)],
            "devices": await place_view.devices(connection, await places.devices(connection, site_id)),
            "recent": [case_view.summary(alert, at.vault) for alert in recent],
        }
    return render.page(request, at, person, "site.html", context)


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
        filter_ = QueueFilter(statuses=UNFINISHED, site=row.site_id)
        recent = [case_view.summary(alert, at.vault) for alert in await queue.page(connection, filter_, 50)]
    own = [alert for alert in recent if alert.subject.kind == "device" and alert.subject.id == device_id]
    return render.page(request, at, person, template, {"device": device, "recent": own[:_RECENT]})


@router.get("/operations")
async def operations_page(request: Request, at: AtDesk, person: Admin) -> Response:
    """Edges, cameras in trouble, messages that nobody could read."""
    async with at.scoped(person) as connection:
        cameras = [place_view.camera(row, at.vault) for row in await places.cameras(connection, None)]
        letters = await places.dead_letters(connection)
        context = {
            "edges": [place_view.edge(row) for row in await places.edges(connection)],
            "cameras": cameras,
            "troubled": [camera for camera in cameras if camera.health != "OK"],
            "letters": letters,
            "letter_count": sum(letter.n for letter in letters),
        }
    return render.page(request, at, person, "operations.html", context)
