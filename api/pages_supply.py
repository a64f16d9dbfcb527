"""A vendor's pages: its own devices, their health, gaps and refused messages, credentials, and the kit's reports."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, File, Query, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from api import language, letter_view, problem, render, supply_desk
from api.desk import AtDesk, Desk
from api.pages import holding
from api.problem import ProblemError
from domain.permission import Permission
from store import supply
from store.people import Person

router = APIRouter(prefix="/supply", include_in_schema=False)

Supplier = Annotated[Person, Depends(holding(Permission.SUPPLY_READ))]
Rotator = Annotated[Person, Depends(holding(Permission.SUPPLY_ROTATE))]

_PAGE = 100
_LETTERS = 50
_LOOK_BACK = timedelta(hours=24)


@router.get("")
async def devices_page(
    request: Request,
    at: AtDesk,
    person: Supplier,
    search: Annotated[str, Query(max_length=100)] = "",
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
) -> Response:
    """The vendor's devices and how they do."""
    async with at.scoped(person) as connection:
        found = await supply.devices(connection, after, _PAGE + 1, search.strip())
    shown = found[:_PAGE]
    context = {"devices": shown, "search": search, "more": shown[-1].id if len(found) > _PAGE else None}
    return render.page(request, at, person, "supply.html", context)


@router.get("/letters")
async def letters_page(
    request: Request, at: AtDesk, person: Supplier, before: Annotated[int | None, Query(ge=1, le=2**62)] = None
) -> Response:
    """Messages of its devices that could not be stored, and why."""
    async with at.scoped(person) as connection:
        rows = await supply.letters(connection, _LETTERS + 1, before=before)
    shown = [letter_view.letter(row) for row in rows[:_LETTERS]]
    context = {"letters": shown, "older": shown[-1].id if len(rows) > _LETTERS else None}
    return render.page(request, at, person, "supply_letters.html", context)


@router.get("/devices/{device_id}")
async def device_page(request: Request, at: AtDesk, person: Supplier, device_id: int) -> Response:
    """One device: what is missing of its last day, what was refused, when it came and went."""
    async with at.scoped(person) as connection:
        found = await supply_desk.device(connection, device_id)
        letters = [letter_view.letter(row) for row in await supply.letters(connection, 10, device_id)]
        turns = await supply.turns(connection, device_id)
        missing = await supply_desk.gaps(connection, device_id, _LOOK_BACK)
    context = {"device": found, "letters": letters, "turns": turns, "missing": missing}
    return render.page(request, at, person, "supply_device.html", context)


@router.post("/devices/{device_id}/credential")
async def rotate(request: Request, at: AtDesk, person: Rotator, device_id: int) -> Response:
    """Show a new credential, once; the old one ends its connection within seconds."""
    context = {"handed": await supply_desk.rotate(at, person, device_id)}
    return render.page(request, at, person, "supply_credential.html", context, status=201)


@router.get("/reports")
async def reports_page(request: Request, at: AtDesk, person: Supplier) -> Response:
    """Reports of the vendor kit that were handed in, and the form for one more."""
    return await _reports(request, at, person)


@router.post("/reports")
async def hand_in(
    request: Request, at: AtDesk, person: Supplier, file: Annotated[UploadFile | None, File()] = None
) -> Response:
    """Keep a report whose signature holds, or say in one sentence why not."""
    try:
        await supply_desk.hand_in(at, person, b"" if file is None else await file.read(supply_desk.MAX_REPORT))
    except ProblemError as error:
        return await _reports(request, at, person, error)
    return RedirectResponse("/supply/reports", 303)


async def _reports(request: Request, at: Desk, person: Person, fault: ProblemError | None = None) -> Response:
    async with at.scoped(person) as connection:
        found = await supply.reports(connection, person.vendor or "")
    said = "" if fault is None else problem.sentence(fault, language.of_page(request, person.lang))
    context = {"reports": found, "fault": said}
    return render.page(request, at, person, "supply_reports.html", context, status=fault.status if fault else 200)


@router.get("/reports/{report_id}")
async def report_page(at: AtDesk, person: Supplier, report_id: int) -> Response:
    """The report as it was signed."""
    return await supply_desk.report_file(at, person, report_id)
