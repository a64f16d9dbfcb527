"""REST: reports, made by schedule or on demand, as figures and as files; and who gets them by themselves."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api import report_desk, report_file, report_sheet
from api.alert_model import Names
from api.desk import Asking, AtDesk, Desk
from api.openapi import Responses, problems
from api.paging import LAST_DAY, NO_END, Paged
from api.problem import not_found
from api.report_desk import Wish
from api.report_model import ReportOrder, ReportSubscription, ReportSubscriptionOrder, ReportSummary, ReportWhole
from api.report_pdf import MEDIA_TYPE
from domain.enclosure import Attached
from domain.period import Span
from store import report_subscriptions, reports
from store.people import Person
from store.reports import Report, ReportRow

router = APIRouter(prefix="/api/v1/reports", tags=["reports"])

Identity = Annotated[int, Path(ge=1, le=2**62, examples=[12])]
Lang = Annotated[str, Query(pattern="^(zh|en)$", description="of the file", examples=["zh"])]


def _file(media_type: str) -> Responses:
    return {200: {"description": "The file.", "content": {media_type: {"schema": _BYTES}}}, **problems(401, 404)}


_BYTES = {"type": "string", "format": "binary"}


@router.get("", responses=problems(401), summary="List reports")
async def listed(
    at: AtDesk,
    person: Asking,
    paging: Paged,
    span: Annotated[Span | None, Query(description="only of periods of that length", examples=["week"])] = None,
) -> list[ReportSummary]:
    """By the ends of their periods, the newest first."""
    async with at.scoped(person) as connection:
        rows = await reports.walk(connection, span, paging.wanted, paging.after((LAST_DAY, NO_END)))
    return [_summary(row) for row in paging.page(rows, lambda row: (row.end_at, row.id))]


def _summary(row: ReportRow) -> ReportSummary:
    return ReportSummary(
        id=row.id, span=row.span, begin=row.begin_at, end=row.end_at, made=row.made,
        of=Names(zh=row.zh, en=row.en), raised=row.raised,
    )  # fmt: skip


@router.post("", status_code=201, responses=problems(401, 403, 404), summary="Make a report")
async def make(at: AtDesk, person: Asking, order: ReportOrder) -> ReportWhole:
    """Of a period that is over; one that is there already is answered as it is."""
    made = await report_desk.make(at, person, order.span, order.day, order.site)
    return _whole(await _found(at, person, made))


@router.get("/subscriptions", responses=problems(401), summary="Who gets reports by themselves")
async def subscriptions(at: AtDesk, person: Asking, paging: Paged) -> list[ReportSubscription]:
    """In the order in which they were made, with how the newest report of each went."""
    async with at.scoped(person) as connection:
        rows = await report_subscriptions.listed(connection)
    return [ReportSubscription.model_validate(row) for row in paging.part(rows, lambda row: (row.id,), (0,))]


@router.post("/subscriptions", status_code=201, responses=problems(401, 403, 404), summary="Subscribe to a report")
async def subscribe(at: AtDesk, person: Asking, order: ReportSubscriptionOrder) -> ReportSubscription:
    """From the next period on. The people behind the channel must be ones who may read it."""
    site = "" if order.site is None else str(order.site)
    made = await report_desk.subscribe(at, person, Wish(order.span, site, order.channel, order.attached))
    async with at.scoped(person) as connection:
        rows = await report_subscriptions.listed(connection)
    return next(ReportSubscription.model_validate(row) for row in rows if row.id == made)


@router.delete(
    "/subscriptions/{subscription_id}", status_code=204, response_class=Response, response_model=None,
    responses=problems(401, 403, 404), summary="End a subscription",
)  # fmt: skip
async def end(at: AtDesk, person: Asking, subscription_id: Identity) -> Response:
    """Nothing more is sent for it."""
    await report_desk.end(at, person, subscription_id)
    return Response(status_code=204)


@router.get("/{report_id}", responses=problems(401, 404), summary="One report")
async def one(at: AtDesk, person: Asking, report_id: Identity) -> ReportWhole:
    """All its figures."""
    return _whole(await _found(at, person, report_id))


@router.get(
    "/{report_id}/workbook", response_class=Response, response_model=None, responses=_file(report_sheet.MEDIA_TYPE),
    summary="A report as XLSX",
)  # fmt: skip
async def workbook(at: AtDesk, person: Asking, report_id: Identity, lang: Lang = "zh") -> Response:
    """The same figures as a workbook."""
    return await _enclosed(at, person, report_id, lang, Attached.XLSX)


@router.get(
    "/{report_id}/pdf", response_class=Response, response_model=None, responses=_file(MEDIA_TYPE),
    summary="A report as PDF",
)  # fmt: skip
async def pdf(at: AtDesk, person: Asking, report_id: Identity, lang: Lang = "zh") -> Response:
    """The same figures to print."""
    return await _enclosed(at, person, report_id, lang, Attached.PDF)


async def _enclosed(at: Desk, person: Person, report: int, lang: str, kind: Attached) -> Response:
    found = await _found(at, person, report)
    return report_desk.download(await run_in_threadpool(report_file.enclosed, found, lang, kind))


async def _found(at: Desk, person: Person, report: int) -> Report:
    async with at.scoped(person) as connection:
        found = await reports.one(connection, report)
    if found is None:
        raise not_found()
    return found


def _whole(report: Report) -> ReportWhole:
    return ReportWhole(
        id=report.id, made=report.made, sha256=report.sha256, authority=report.authority, site=report.site,
        figures=msgspec.to_builtins(report.figures),
    )  # fmt: skip
