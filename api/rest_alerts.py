"""REST: the alert queue, one alert's case, and its pushes."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from api import case_view
from api.alert_model import AlertCase, AlertCount, AlertPage, Push
from api.desk import Asking, AtDesk
from api.openapi import problems
from api.paging import LONG_AGO, Paged, Paging, paged
from api.problem import not_found
from domain.alert import Condition, Status
from store import case, queue
from store.queue import QueueFilter

router = APIRouter(prefix="/api/v1/alerts", tags=["alerts"])

Severities = Annotated[list[int] | None, Query(description="1 to 4; may be repeated", examples=[[1, 2]])]
Statuses = Annotated[list[Status] | None, Query(description="may be repeated", examples=[["open"]])]


@router.get("", responses=problems(401), summary="List alerts")
async def alerts(
    at: AtDesk,
    person: Asking,
    *,
    status: Statuses = None,
    severity: Severities = None,
    site: Annotated[int | None, Query(examples=[7])] = None,
    condition: Annotated[Condition | None, Query(examples=["ACTIVE"])] = None,
    rule: Annotated[
        str | None, Query(min_length=1, max_length=63, description="its code", examples=["frozen-warm"])
    ] = None,
    camera: Annotated[int | None, Query(ge=1, le=2**62, examples=[7])] = None,
    device: Annotated[int | None, Query(ge=1, le=2**62, examples=[12])] = None,
    since: Annotated[
        AwareDatetime | None, Query(alias="from", description="raised then or later", examples=["2026-11-01T00:00:00Z"])
    ] = None,
    until: Annotated[
        AwareDatetime | None, Query(alias="to", description="raised before then", examples=["2026-12-01T00:00:00Z"])
    ] = None,
    overdue: Annotated[bool, Query(description="only those that are past their deadline", examples=[False])] = False,
    mine: Annotated[bool, Query(description="assigned to me", examples=[False])] = False,
    newest: Annotated[bool, Query(description="newest first; else the gravest first", examples=[False])] = False,
    paging: Annotated[Paging, Depends(paged(50, 200))],
) -> AlertPage:
    """The alerts in the person's scope, page by page."""
    wanted = QueueFilter(
        statuses=None if status is None else tuple(status),
        severities=None if severity is None else tuple(severity),
        site=site,
        condition=condition,
        overdue=overdue,
        newest=newest,
        after=paging.after((0, 0)) if paging.cursor else None,
        assignee=person.id if mine else None,
        rule=rule,
        camera=camera,
        device=device,
        since=since,
        until=until,
    )
    async with at.scoped(person) as connection:
        rows = await queue.page(connection, wanted, paging.wanted)
    paging.page(rows, case_view.place)
    return case_view.page(rows, paging.limit, at.vault)


@router.get("/counts", responses=problems(401), summary="Count alerts")
async def counts(
    at: AtDesk, person: Asking, site: Annotated[int | None, Query(examples=[7])] = None
) -> list[AlertCount]:
    """Alerts by status and severity; finished ones of the last 24 hours."""
    async with at.scoped(person) as connection:
        return [AlertCount.model_validate(row) for row in await queue.counts(connection, site)]


@router.get("/{alert_id}", responses=problems(401, 404), summary="One alert")
async def alert(at: AtDesk, person: Asking, alert_id: int) -> AlertCase:
    """The alert with history, samples, evidence, rectifications, reviews, pushes and what the reader may do."""
    async with at.scoped(person) as connection:
        found = await case_view.whole(connection, at.vault, person, alert_id)
    if found is None:
        raise not_found()
    return found


@router.get("/{alert_id}/pushes", responses=problems(401, 404), summary="Pushes of an alert")
async def pushes(at: AtDesk, person: Asking, alert_id: int, paging: Paged) -> list[Push]:
    """Every message about the alert, to whom it went and how."""
    async with at.scoped(person) as connection:
        if await queue.one(connection, alert_id) is None:
            raise not_found()
        rows = await case.pushes(connection, alert_id)
    return [case_view.push(row) for row in paging.part(rows, lambda row: (row.created, row.id), (LONG_AGO, ""))]
