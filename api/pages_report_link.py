"""Console pages: a report out of a subscriber's message. Its signed link opens that report alone, without a login."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api import language, render, report_file, report_page
from api.desk import AtDesk, Desk
from api.problem import ProblemError
from api.report_desk import download
from domain import action_link
from domain.alert import Role
from domain.enclosure import Attached
from store import push_keys, report_subscriptions, reports
from store.people import Person
from store.report_subscriptions import ReportLink
from store.reports import Report

router = APIRouter(include_in_schema=False)

Token = Annotated[str, Path(max_length=64)]


@router.get("/r/{token}")
async def show(request: Request, at: AtDesk, token: Token) -> Response:
    """The report as a page."""
    link, report = await _opened(at, token)
    spoken = language.parse(request.cookies.get(language.COOKIE)) or language.parse(link.lang) or language.Language.ZH
    context = {**report_page.context(report, spoken), "token": token}
    return render.page(request, at, None, "report_link.html", context, speaking=spoken)


@router.get("/r/{token}/{kind}")
async def file(at: AtDesk, token: Token, kind: Attached) -> Response:
    """The report as PDF or XLSX."""
    link, report = await _opened(at, token)
    return download(await run_in_threadpool(report_file.enclosed, report, link.lang, kind))


async def _opened(at: Desk, token: str) -> tuple[ReportLink, Report]:
    """The report of a link that we signed and that is still good; else 404 or 410. Its opening is noted."""
    async with at.unscoped() as connection:
        _, key = await push_keys.public(connection)
        push = action_link.opened(key, token)
        link = None if push is None else await report_subscriptions.link(connection, push)
    if link is None:
        raise ProblemError(404, "link_unknown")
    if not link.living or datetime.now(UTC) - link.created > action_link.REPORT_LASTS:
        raise ProblemError(410, "link_over")
    # The side that the channel belongs to, as far as row-level security goes.
    async with at.scoped(Person(0, "", "", Role.OPERATOR, link.authority, link.operator_id, link.lang)) as connection:
        found = await reports.one(connection, link.report_id)
        await report_subscriptions.opened(connection, link.push)
    if found is None:
        raise ProblemError(404, "link_unknown")
    return link, found
