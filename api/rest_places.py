"""REST: sites, cameras, devices, readings, and the operations page."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query

from api import edge_desk, place_view
from api.desk import Administering, Asking, AtDesk
from api.openapi import problems
from api.paging import Paged
from api.place_model import Camera, DeadLetters, Device, Operations, Series, Site
from api.problem import not_found
from store import edges, places

router = APIRouter(prefix="/api/v1", tags=["places"])

OfSite = Annotated[int | None, Query(description="only of that site", examples=[7])]
Identity = Annotated[int, Path(examples=[7])]


@router.get("/sites", responses=problems(401), summary="List sites")
async def sites(
    at: AtDesk,
    person: Asking,
    paging: Paged,
    search: Annotated[str, Query(max_length=100, description="part of a name or code", examples=["百味"])] = "",
    kind: Annotated[str, Query(max_length=63, description="only of that kind", examples=["kitchen"])] = "",
) -> list[Site]:
    """The sites in the person's scope, by code."""
    async with at.scoped(person) as connection:
        (after,) = paging.after(("",))
        rows = await places.sites_by_code(connection, search.strip(), kind, after, paging.wanted)
    return [place_view.site(row) for row in paging.page(rows, lambda row: (row.code,))]


@router.get("/sites/{site_id}", responses=problems(401, 404), summary="One site")
async def site(at: AtDesk, person: Asking, site_id: Identity) -> Site:
    """The site with its operator and how it stands."""
    async with at.scoped(person) as connection:
        row = await places.site(connection, site_id)
    if row is None:
        raise not_found()
    return place_view.site(row)


@router.get("/cameras", responses=problems(401), summary="List cameras")
async def cameras(at: AtDesk, person: Asking, paging: Paged, site: OfSite = None) -> list[Camera]:
    """Cameras with their health, by code."""
    async with at.scoped(person) as connection:
        rows = await places.cameras(connection, site, paging.wanted, paging.after(("",)))
    return [place_view.camera(row, at.vault) for row in paging.page(rows, lambda row: (row.code,))]


@router.get("/cameras/{camera_id}", responses=problems(401, 404), summary="One camera")
async def camera(at: AtDesk, person: Asking, camera_id: Identity) -> Camera:
    """The camera's health and latest evidence frame."""
    async with at.scoped(person) as connection:
        row = await places.camera(connection, camera_id)
    if row is None:
        raise not_found()
    return place_view.camera(row, at.vault)


@router.get("/devices", responses=problems(401), summary="List devices")
async def devices(at: AtDesk, person: Asking, paging: Paged, site: OfSite = None) -> list[Device]:
    """Devices with their latest readings, by site and code."""
    async with at.scoped(person) as connection:
        rows = await places.devices(connection, site, paging.wanted, paging.after(("", "")))
        return await place_view.devices(connection, paging.page(rows, lambda row: (row.site_code, row.code)))


@router.get("/devices/{device_id}", responses=problems(401, 404), summary="One device")
async def device(at: AtDesk, person: Asking, device_id: Identity) -> Device:
    """The device with its latest readings, named and in units."""
    async with at.scoped(person) as connection:
        row = await places.device(connection, device_id)
        if row is None:
            raise not_found()
        return (await place_view.devices(connection, [row]))[0]


@router.get("/devices/{device_id}/series", responses=problems(401, 404), summary="A metric over time")
async def device_series(
    at: AtDesk,
    person: Asking,
    device_id: Identity,
    *,
    metric: Annotated[str, Query(max_length=63, examples=["air_temp"])],
    begin: Annotated[datetime | None, Query(alias="from", examples=["2026-11-22T00:00:00Z"])] = None,
    end: Annotated[datetime | None, Query(alias="to", examples=["2026-11-22T06:00:00Z"])] = None,
) -> Series:
    """At most 2,000 points: raw up to 6 hours, from minutes up to 7 days, hours up to 100, days beyond."""
    async with at.scoped(person) as connection:
        row = await places.device(connection, device_id)
        if row is None:
            raise not_found()
        return await place_view.device_series(connection, row, metric, begin, end)


@router.get("/operations", responses=problems(401, 403), summary="How the house runs", tags=["operations"])
async def operations(at: AtDesk, person: Administering) -> Operations:
    """Edges, cameras and refused messages, for admins."""
    async with at.scoped(person) as connection:
        letters = await places.dead_letters(connection)
        return Operations(
            edges=[edge_desk.edge(row) for row in await edges.edges(connection)],
            cameras=[place_view.camera(row, at.vault) for row in await places.cameras(connection, None)],
            dead_letters=[DeadLetters.model_validate(row) for row in letters],
            dead_letter_count=sum(row.n for row in letters),
        )
