"""Console pages: the map, places by a list, licences that end; a site's place and licences."""

import contextlib
from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from api import language, map_view, problem, render, site_desk
from api.desk import AtDesk
from api.map_model import NewLicence, PlaceLine
from api.pages import Reader
from api.problem import ProblemError, not_found
from store import site_facts, standing

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form(max_length=100)]


@router.get("/map")
async def map_page(
    request: Request, at: AtDesk, person: Reader, authority: Annotated[str, Query(alias="at", max_length=200)] = ""
) -> Response:
    """The map; for regulators with the table of the authority `at` beneath."""
    async with at.scoped(person) as connection:
        rows = await standing.sites(connection)
        table = map_view.table(await standing.authorities(connection), rows, authority or None)
    if authority and table is None:
        raise not_found()
    context = {"table": table, "kinds": sorted({row.kind for row in rows}), "tile_url": at.config.tile_url}
    return render.page(request, at, person, "map.html", context)


@router.get("/map/import")
async def import_page(request: Request, at: AtDesk, person: Reader) -> Response:
    """The form for a list of places."""
    if not person.may_configure:
        raise ProblemError(403, "role")
    return render.page(request, at, person, "map_import.html", {"lines": None, "fault": ""})


@router.post("/map/import")
async def take_list(
    request: Request, at: AtDesk, person: Reader, file: Annotated[UploadFile | None, File()] = None
) -> Response:
    """Place the sites of the list, and say what became of each line."""
    spoken = language.of_page(request, person.lang)
    lines, fault, status = list[PlaceLine](), "", 200
    try:
        lines = await site_desk.take_list(at, person, b"" if file is None else await file.read(), spoken)
    except ProblemError as error:
        if error.status != 422:
            raise
        fault, status = problem.sentence(error, spoken), error.status
    context = {"lines": None if fault else lines, "fault": fault}
    return render.page(request, at, person, "map_import.html", context, status=status)


@router.get("/licences")
async def licences_page(request: Request, at: AtDesk, person: Reader) -> Response:
    """Licences that have ended, or end soon."""
    async with at.scoped(person) as connection:
        due = [site_desk.licence(row) for row in await site_facts.due_licences(connection)]
    return render.page(request, at, person, "licences.html", {"licences": due, "days": site_facts.DUE_DAYS})


@router.post("/sites/{site_id}/place")
async def put_place(
    at: AtDesk, person: Reader, site_id: int, longitude: Text = "", latitude: Text = ""
) -> RedirectResponse:
    """Say where a site is, by form."""
    await site_desk.put_place(at, person, site_id, longitude, latitude)
    return RedirectResponse(f"/sites/{site_id}#place", 303)


@router.post("/sites/{site_id}/licences")
async def put_licence(
    at: AtDesk, person: Reader, site_id: int, *, kind: Text = "", number: Text = "", valid_until: Text = ""
) -> RedirectResponse:
    """Write a licence down, by form."""
    typed = {"kind": kind, "number": number.strip(), "valid_until": valid_until}
    wanted = None
    with contextlib.suppress(ValidationError):  # said once it is clear that the person may write at all
        wanted = NewLicence.model_validate(typed)
    await site_desk.put_licence(at, person, site_id, wanted)
    return RedirectResponse(f"/sites/{site_id}#licences", 303)


@router.post("/sites/{site_id}/licences/{licence_id}/strike")
async def drop_licence(at: AtDesk, person: Reader, site_id: int, licence_id: int) -> RedirectResponse:
    """Strike a licence out, by form."""
    await site_desk.drop_licence(at, person, site_id, licence_id)
    return RedirectResponse(f"/sites/{site_id}#licences", 303)
