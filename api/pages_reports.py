"""Console pages: reports, made by schedule or on demand, as a page and as a workbook."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from api import language, problem, render, report_page, report_sheet
from api.desk import AtDesk, Desk
from api.pages import Reader
from api.problem import ProblemError, not_found
from domain import period
from domain.period import Period, Span
from store import places, reports
from store.connection import Connection
from store.people import Person
from store.report_figures import Scope

router = APIRouter(include_in_schema=False)

_LISTED = 100


@router.get("/reports")
async def reports_page(
    request: Request, at: AtDesk, person: Reader, span: Annotated[Span | None, Query()] = None
) -> Response:
    """The reports that there are, and a form for another."""
    return await _list(request, at, person, span)


async def _list(
    request: Request, at: Desk, person: Person, span: Span | None, *, fault: str = "", status: int = 200
) -> Response:
    async with at.scoped(person) as connection:
        rows = await reports.page(connection, span, _LISTED)
        sites = await places.names(connection)
    context = {
        "reports": [(row, Period(row.span, row.begin_at, row.end_at)) for row in rows],
        "span": span,
        "spans": list(Span),
        "sites": sites,
        "latest": period.closed(Span.DAY, at.clock()).first,
        "fault": fault,
    }
    return render.page(request, at, person, "reports.html", context, status=status)


@router.post("/reports")
async def make(
    request: Request,
    at: AtDesk,
    person: Reader,
    *,
    span: Annotated[Span, Form()],
    day: Annotated[date, Form()],
    site: Annotated[str, Form(pattern=r"^\d{0,18}$")] = "",
) -> Response:
    """Make the report of the closed period that a day lies in, unless it is there; then show it."""
    if not 2000 <= day.year <= 2200:
        raise ProblemError(422, "invalid")
    wanted = period.holding(span, day)
    if wanted.closes > at.clock():
        sentence = problem.sentence(ProblemError(422, "report_open"), language.of_page(request, person.lang))
        return await _list(request, at, person, None, fault=sentence, status=422)
    async with at.scoped(person) as connection:
        made = await reports.make(connection, wanted, await _scope(connection, person, site))
    return RedirectResponse(f"/reports/{made}", 303)


async def _scope(connection: Connection, person: Person, site: str) -> Scope:
    """The site, or all of the person's authority; an operator reports on sites."""
    found = None
    if site:
        found = await reports.of_site(connection, int(site))
    elif person.authority is not None:
        found = await reports.of_authority(connection, person.authority)
    if found is None:
        raise not_found()
    return found


@router.get("/reports/{report_id}")
async def report_shown(request: Request, at: AtDesk, person: Reader, report_id: int) -> Response:
    """One report."""
    async with at.scoped(person) as connection:
        found = await reports.one(connection, report_id)
    if found is None:
        raise not_found()
    context = report_page.context(found, language.of_page(request, person.lang))
    return render.page(request, at, person, "report.html", context)


@router.get("/reports/{report_id}/workbook")
async def report_workbook(request: Request, at: AtDesk, person: Reader, report_id: int) -> Response:
    """One report as XLSX."""
    async with at.scoped(person) as connection:
        found = await reports.one(connection, report_id)
    if found is None:
        raise not_found()
    told = found.figures
    name = f"mingchu-{told.span}-{told.first}-{found.id}.xlsx"
    body = report_sheet.workbook(found, language.of_page(request, person.lang))
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(body, headers=headers, media_type=report_sheet.MEDIA_TYPE)
