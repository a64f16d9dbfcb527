"""REST: the map's points, the table of authorities, where sites are, and their licences."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, File, Path, Query, Request, UploadFile
from starlette.responses import Response

from api import language, map_view, site_desk
from api.desk import Asking, AtDesk
from api.map_model import Licence, MapSite, NewLicence, Place, PlaceLine, Rollup
from api.openapi import problems
from api.paging import Paged, Paging, paged
from api.problem import not_found
from store import places, site_facts, standing

router = APIRouter(prefix="/api/v1", tags=["places"])

Identity = Annotated[int, Path(examples=[7])]


@router.get("/map", responses=problems(401), summary="Sites for a map")
async def points(
    at: AtDesk,
    person: Asking,
    paging: Annotated[Paging, Depends(paged(5000, 5000))],
    kind: Annotated[str, Query(max_length=63, description="only of that kind", examples=["kitchen"])] = "",
) -> list[MapSite]:
    """Every site that the person may see, with its place where it is known, and how its alerts stand."""
    async with at.scoped(person) as connection:
        found = [site for site in await map_view.points(connection) if kind in ("", site.kind)]
    return paging.part(found, lambda site: (site.code,), ("",))


@router.get("/rollup", responses=problems(401, 404), summary="How an authority stands")
async def rollup(
    at: AtDesk,
    person: Asking,
    authority: Annotated[
        str | None, Query(alias="at", max_length=200, description="an authority's path; the own one", examples=["gz"])
    ] = None,
) -> Rollup:
    """Open alerts, deadlines, cameras and devices, added up for an authority, those below it, and its own sites."""
    async with at.scoped(person) as connection:
        found = map_view.table(
            await standing.authorities(connection), await standing.sites(connection), authority or None
        )
    if found is None:
        raise not_found()
    return found


@router.put(
    "/sites/{site_id}/place",
    status_code=204,
    response_class=Response,
    response_model=None,
    responses=problems(401, 403, 404),
    summary="Say where a site is",
)
async def put_place(at: AtDesk, person: Asking, site_id: Identity, place: Place) -> Response:
    """For who may configure; WGS 84, or nulls to forget it."""
    typed = ("" if each is None else str(each) for each in (place.longitude, place.latitude))
    await site_desk.put_place(at, person, site_id, *typed)
    return Response(status_code=204)


@router.post("/map/import", responses=problems(401, 403, 413), summary="Place sites by a list")
async def take_places(
    request: Request,
    at: AtDesk,
    person: Asking,
    file: Annotated[UploadFile, File(description="CSV, UTF-8 or GB 18030")],
) -> list[PlaceLine]:
    """Columns: code, longitude, latitude (WGS 84). A bad line leaves the others alone, and says why."""
    return await site_desk.take_list(at, person, await file.read(), language.of_request(request))


@router.get("/sites/{site_id}/licences", responses=problems(401, 404), summary="A site's licences")
async def licences(at: AtDesk, person: Asking, site_id: Identity, paging: Paged) -> list[Licence]:
    """Those that end first come first."""
    async with at.scoped(person) as connection:
        if await places.site(connection, site_id) is None:
            raise not_found()
        rows = await site_facts.licences(connection, site_id)
    shown = paging.part(rows, lambda row: (row.valid_until, row.id), (date.min, 0))
    return [site_desk.licence(row) for row in shown]


@router.post(
    "/sites/{site_id}/licences",
    status_code=204,
    response_class=Response,
    response_model=None,
    responses=problems(401, 403, 404),
    summary="Write a licence down",
)
async def put_licence(at: AtDesk, person: Asking, site_id: Identity, wanted: NewLicence) -> Response:
    """For admins; the same number again changes its end."""
    await site_desk.put_licence(at, person, site_id, wanted)
    return Response(status_code=204)


@router.delete(
    "/sites/{site_id}/licences/{licence_id}",
    status_code=204,
    response_class=Response,
    response_model=None,
    responses=problems(401, 403, 404),
    summary="Strike a licence out",
)
async def drop_licence(at: AtDesk, person: Asking, site_id: Identity, licence_id: Identity) -> Response:
    """For admins."""
    await site_desk.drop_licence(at, person, site_id, licence_id)
    return Response(status_code=204)


@router.get("/licences/due", responses=problems(401), summary="Licences that end")
async def due(at: AtDesk, person: Asking, paging: Paged) -> list[Licence]:
    """All that have ended, or end within 60 days."""
    async with at.scoped(person) as connection:
        rows = await site_facts.due_licences(connection, paging.wanted, paging.after((date.min, 0)))
    return [site_desk.licence(row) for row in paging.page(rows, lambda row: (row.valid_until, row.id))]
