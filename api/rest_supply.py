"""REST for a vendor's system: its own devices, what is missing of them, credentials, and the kit's reports (ADR 51)."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, File, Path, Query, UploadFile
from starlette.responses import Response

from api import letter_view, supply_desk
from api.desk import AtDesk, holding
from api.letter_view import DeadLetter, DeviceGap
from api.openapi import Responses, problems
from api.paging import LAST_DAY, LONG_AGO, NO_END, Paged
from api.supply_model import KitReport, SuppliedCredential, SuppliedDevice, Turn
from domain.permission import Permission
from store import supply
from store.people import Person

router = APIRouter(prefix="/api/v1/supply", tags=["vendors"])

Supplier = Annotated[Person, Depends(holding(Permission.SUPPLY_READ))]
Rotator = Annotated[Person, Depends(holding(Permission.SUPPLY_ROTATE))]
Identity = Annotated[int, Path(ge=1, le=2**62, examples=[12])]
REPORT_FILE: Responses = {
    200: {
        "description": "The report's page.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("/devices", responses=problems(401, 403), summary="A vendor's own devices")
async def devices(
    at: AtDesk,
    person: Supplier,
    paging: Paged,
    search: Annotated[str, Query(max_length=100, description="part of a code or serial", examples=["SN-00"])] = "",
) -> list[SuppliedDevice]:
    """By id: whether each is connected, when it was last heard, and how many of its messages were refused."""
    (after,) = paging.after((0,))
    async with at.scoped(person) as connection:
        rows = await supply.devices(connection, after, paging.wanted, search.strip())
    return [SuppliedDevice.model_validate(row) for row in paging.page(rows, lambda row: (row.id,))]


@router.get("/devices/{device_id}", responses=problems(401, 403, 404), summary="One of a vendor's devices")
async def device(at: AtDesk, person: Supplier, device_id: Identity) -> SuppliedDevice:
    """How it does now."""
    async with at.scoped(person) as connection:
        return SuppliedDevice.model_validate(await supply_desk.device(connection, device_id))


@router.get(
    "/devices/{device_id}/gaps", responses=problems(401, 403, 404), summary="What is missing of a vendor's device"
)
async def gaps(
    at: AtDesk,
    person: Supplier,
    device_id: Identity,
    paging: Paged,
    hours: Annotated[int, Query(ge=1, le=24 * 31, description="how far back", examples=[24])] = 24,
) -> list[DeviceGap]:
    """Silences longer than its profile allows, each with its cause; and what came late."""
    async with at.scoped(person) as connection:
        await supply_desk.device(connection, device_id)
        found = await supply_desk.gaps(connection, device_id, timedelta(hours=hours))
    return paging.part(found, lambda row: (row.end, str(row.cause)), (LONG_AGO, ""))


@router.get(
    "/devices/{device_id}/presence", responses=problems(401, 403, 404), summary="When a vendor's device came and went"
)
async def presence(at: AtDesk, person: Supplier, device_id: Identity, paging: Paged) -> list[Turn]:
    """The newest first."""
    (before,) = paging.after((LAST_DAY,))
    async with at.scoped(person) as connection:
        await supply_desk.device(connection, device_id)
        rows = await supply.turns(connection, device_id, paging.wanted, before)
    return [Turn.model_validate(row) for row in paging.page(rows, lambda row: (row.at,))]


@router.post(
    "/devices/{device_id}/credential", status_code=201, responses=problems(401, 403, 404, 409),
    summary="Give a vendor's device another credential",
)  # fmt: skip
async def rotate(at: AtDesk, person: Rotator, device_id: Identity) -> SuppliedCredential:
    """Shown this once; the old one ends its connection within seconds. 409: none is in force, ask the authority."""
    return SuppliedCredential.model_validate(await supply_desk.rotate(at, person, device_id))


@router.get("/dead-letters", responses=problems(401, 403), summary="Refused messages of a vendor's devices")
async def letters(
    at: AtDesk,
    person: Supplier,
    paging: Paged,
    device: Annotated[int | None, Query(ge=1, le=2**62, description="only of that device", examples=[12])] = None,
) -> list[DeadLetter]:
    """From the newest on, each with the reason why it was refused."""
    (before,) = paging.after((NO_END,))
    async with at.scoped(person) as connection:
        rows = await supply.letters(connection, paging.wanted, device, before)
    return [letter_view.letter(row) for row in paging.page(rows, lambda row: (row.id,))]


@router.get("/reports", responses=problems(401, 403), summary="Reports of the vendor kit that were handed in")
async def reports(at: AtDesk, person: Supplier, paging: Paged) -> list[KitReport]:
    """One's own, the newest first: which device conforms, by which version of its profile."""
    (before,) = paging.after((NO_END,))
    async with at.scoped(person) as connection:
        rows = await supply.reports(connection, person.vendor or "", paging.wanted, before)
    return [KitReport.model_validate(row) for row in paging.page(rows, lambda row: (row.id,))]


@router.post("/reports", status_code=201, responses=problems(401, 403, 409, 413), summary="Hand a kit's report in")
async def hand_in(
    at: AtDesk, person: Supplier, file: Annotated[UploadFile, File(description="as `mingchu vendor check` wrote it")]
) -> KitReport:
    """Its signature is checked, and it is kept as it was signed; the same one again is answered 409."""
    await supply_desk.hand_in(at, person, await file.read(supply_desk.MAX_REPORT))
    async with at.scoped(person) as connection:
        rows = await supply.reports(connection, person.vendor or "", 1)
    return KitReport.model_validate(rows[0])


@router.get(
    "/reports/{report_id}", response_class=Response, response_model=None,
    responses={**REPORT_FILE, **problems(401, 403, 404)},
    summary="A kit's report as it was signed",
)  # fmt: skip
async def report(at: AtDesk, person: Supplier, report_id: Identity) -> Response:
    """One's own, to be verified again with `mingchu vendor verify`."""
    return await supply_desk.report_file(at, person, report_id)
