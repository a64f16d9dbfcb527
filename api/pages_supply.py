"""A vendor's pages: its own devices, their health, gaps and refused messages, credentials, and the kit's reports."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, File, Query, Request, UploadFile
from psycopg import errors
from starlette.responses import RedirectResponse, Response

from api import language, letter_view, problem, render
from api.desk import AtDesk, Desk
from api.pages import holding
from api.problem import ProblemError, not_found
from domain import credential
from domain.permission import Permission
from domain.topic import FOREIGN, ROOT
from store import people, places, supply
from store.people import Person

router = APIRouter(prefix="/supply", include_in_schema=False)

Supplier = Annotated[Person, Depends(holding(Permission.SUPPLY_READ))]
Rotator = Annotated[Person, Depends(holding(Permission.SUPPLY_ROTATE))]

_PAGE = 100
_LETTERS = 50
_LOOK_BACK = timedelta(hours=24)
_REPORT = 2 * 1024 * 1024


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
        found = await supply.device(connection, device_id)
        if found is None:
            raise not_found()
        letters = [letter_view.letter(row) for row in await supply.letters(connection, 10, device_id)]
        turns = await supply.turns(connection, device_id)
        await supply.enter(connection, device_id)  # from here on only what is reckoned of this device is read
        row = await places.device(connection, device_id)
        assert row is not None
        missing = await letter_view.device_gaps(connection, row, _LOOK_BACK)
    context = {"device": found, "letters": letters, "turns": turns, "missing": missing}
    return render.page(request, at, person, "supply_device.html", context)


@router.post("/devices/{device_id}/credential")
async def rotate(request: Request, at: AtDesk, person: Rotator, device_id: int) -> Response:
    """Show a new credential, once; the old one ends its connection within seconds."""
    secret = credential.generate()
    async with at.scoped(person) as connection:
        found = await supply.device(connection, device_id)
        if found is None:
            raise not_found()
        if not await supply.rotate(connection, device_id, credential.protect(secret)):
            raise ProblemError(409, "not_admitted")
        await people.audit(connection, person, "device_rotated", {"site": found.site, "code": found.code})
    context = {
        "device": found,
        "user": credential.device_user(found.site, found.code),
        "password": secret,
        "mqtt_url": at.config.edge_mqtt_url,
        "topic": f"{ROOT}/{found.site}/{found.code}/telemetry",
        "foreign_topic": f"{FOREIGN}/{found.site}/{found.code}/",
    }
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
        await _take(at, person, b"" if file is None else await file.read(_REPORT))
    except ProblemError as error:
        return await _reports(request, at, person, error)
    return RedirectResponse("/supply/reports", 303)


async def _take(at: Desk, person: Person, written: bytes) -> None:
    read = None if at.config.read_report is None else at.config.read_report(written)
    if read is None:
        raise ProblemError(422, "kit_report")
    async with at.scoped(person) as connection:
        if not await supply.hand_in(connection, read):
            raise ProblemError(409, "kit_report_twice")
        await people.audit(
            connection, person, "conformance_handed_in", {"sha256": read.sha256, "profile": read.profile}
        )


async def _reports(request: Request, at: Desk, person: Person, fault: ProblemError | None = None) -> Response:
    async with at.scoped(person) as connection:
        found = await supply.reports(connection, person.vendor or "")
    said = "" if fault is None else problem.sentence(fault, language.of_page(request, person.lang))
    context = {"reports": found, "fault": said}
    return render.page(request, at, person, "supply_reports.html", context, status=fault.status if fault else 200)


@router.get("/reports/{report_id}")
async def report_page(at: AtDesk, person: Supplier, report_id: int) -> Response:
    """The report as it was signed."""
    return await report_file(at, person, report_id)


async def report_file(at: Desk, person: Person, report: int) -> Response:
    """A report's page as a file, which is verified again with `mingchu vendor verify`."""
    try:
        async with at.scoped(person) as connection:
            page = await supply.report_page(connection, report)
    except errors.NumericValueOutOfRange as error:
        raise not_found() from error
    if page is None:
        raise not_found()
    headers = {"content-disposition": f'attachment; filename="conformance-{report}.html"', "cache-control": "no-store"}
    return Response(page, media_type="application/octet-stream", headers=headers)
