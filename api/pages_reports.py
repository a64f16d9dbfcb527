"""Console pages: reports, made by schedule or on demand, as a page and as files; and who gets them by itself."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api import language, problem, render, report_desk, report_file, report_page
from api.desk import AtDesk, Desk
from api.pages import Reader
from api.problem import ProblemError, not_found
from api.report_desk import Wish
from domain import period
from domain.enclosure import Attached
from domain.period import Period, Span
from domain.permission import Permission
from store import places, report_subscriptions, reports
from store.people import Person

router = APIRouter(include_in_schema=False)

_LISTED = 100


@router.get("/reports")
async def reports_page(
    request: Request, at: AtDesk, person: Reader, span: Annotated[Span | None, Query()] = None, done: str = ""
) -> Response:
    """The reports that there are, a form for another, and who gets them by itself."""
    return await _list(request, at, person, span, done=done if done in ("subscribed", "ended") else "")


async def _list(
    request: Request,
    at: Desk,
    person: Person,
    span: Span | None,
    *,
    fault: ProblemError | None = None,
    done: str = "",
) -> Response:
    async with at.scoped(person) as connection:
        rows = await reports.page(connection, span, _LISTED)
        sites = await places.names(connection)
        subscriptions = await report_subscriptions.listed(connection)
        reaches = await report_subscriptions.reaches(connection, person.id)
    context = {
        "reports": [(row, Period(row.span, row.begin_at, row.end_at)) for row in rows],
        "span": span,
        "spans": list(Span),
        "sites": sites,
        "latest": period.closed(Span.DAY, at.clock()).first,
        "subscriptions": [
            (one, None if one.first_at is None else one.first_at.astimezone(period.ZONE).date())
            for one in subscriptions
        ],
        "reaches": reaches if person.may(Permission.CHANNEL_MANAGE) else (),
        "keeps": person.may(Permission.CHANNEL_MANAGE),
        "attached": list(Attached),
        "done": done,
        "fault": "" if fault is None else problem.sentence(fault, language.of_page(request, person.lang)),
    }
    return render.page(request, at, person, "reports.html", context, status=fault.status if fault else 200)


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
    try:
        made = await report_desk.make(at, person, span, day, int(site) if site else None)
    except ProblemError as error:
        if error.code != "report_open":
            raise
        return await _list(request, at, person, None, fault=error)
    return RedirectResponse(f"/reports/{made}", 303)


@router.post("/reports/subscriptions")
async def subscribe(
    request: Request,
    at: AtDesk,
    person: Reader,
    *,
    span: Annotated[Span, Form()],
    channel: Annotated[int, Form(ge=1)],
    site: Annotated[str, Form(pattern=r"^\d{0,18}$")] = "",
    attached: Annotated[Attached, Form()] = Attached.NONE,
) -> Response:
    """Send such a report by itself from now on."""
    try:
        await report_desk.subscribe(at, person, Wish(span, site, channel, attached))
    except ProblemError as error:
        if error.status != 422:
            raise
        return await _list(request, at, person, None, fault=error)
    return RedirectResponse("/reports?done=subscribed", 303)


@router.post("/reports/subscriptions/{subscription_id}/end")
async def end(at: AtDesk, person: Reader, subscription_id: int) -> Response:
    """Send it no more."""
    await report_desk.end(at, person, subscription_id)
    return RedirectResponse("/reports?done=ended", 303)


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
    return await _file(request, at, person, report_id, Attached.XLSX)


@router.get("/reports/{report_id}/pdf")
async def report_pdf(request: Request, at: AtDesk, person: Reader, report_id: int) -> Response:
    """One report as PDF."""
    return await _file(request, at, person, report_id, Attached.PDF)


async def _file(request: Request, at: Desk, person: Person, report_id: int, kind: Attached) -> Response:
    async with at.scoped(person) as connection:
        found = await reports.one(connection, report_id)
    if found is None:
        raise not_found()
    spoken = language.of_page(request, person.lang)
    return report_desk.download(await run_in_threadpool(report_file.enclosed, found, spoken, kind))
