"""REST: special equipment, its records, and complaints of the public."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, File, Path, Query, UploadFile

from api import complaint_desk, equipment_desk
from api.camera_desk import must_configure
from api.desk import Asking, AtDesk
from api.equipment_model import (
    AnswerOrder,
    Complaint,
    Equipment,
    EquipmentOrder,
    Firm,
    FirmOrder,
    ImportLine,
    Record,
    RecordOrder,
)
from api.openapi import problems
from api.paging import NO_END, Paged
from store import upkeep

router = APIRouter(prefix="/api/v1", tags=["equipment"])

EquipmentId = Annotated[int, Path(examples=[7])]


@router.get("/equipment", responses=problems(401), summary="List special equipment")
async def listed(
    at: AtDesk,
    person: Asking,
    *,
    site: Annotated[int | None, Query(description="only of that site", examples=[7])] = None,
    search: Annotated[str, Query(max_length=100, description="part of a name or number", examples=["客梯"])] = "",
    paging: Paged,
) -> list[Equipment]:
    """In the person's scope: what failed its inspection first, then by the next inspection."""
    return await equipment_desk.page(at, person, paging, site=site, search=search)


@router.get("/equipment/due", responses=problems(401), summary="Inspections that are due")
async def due(
    at: AtDesk, person: Asking, paging: Paged, days: Annotated[int, Query(ge=0, le=730, examples=[30])] = 30
) -> list[Equipment]:
    """What failed, is overdue, or is due within so many days of today, by the calendar of each site's time zone."""
    return await equipment_desk.due(at, person, days, paging)


@router.put("/equipment", responses=problems(401, 403, 404), summary="Register equipment")
async def put(at: AtDesk, person: Asking, order: EquipmentOrder) -> Equipment:
    """Add it, or change what is said of it: `site` and `code` name it. Needs the right to configure."""
    return await equipment_desk.put(at, person, order)


@router.post("/equipment/import", responses=problems(401, 403, 413), summary="Import a list of equipment")
async def take(
    at: AtDesk, person: Asking, file: Annotated[UploadFile, File(description="CSV, UTF-8 or GB 18030")]
) -> list[ImportLine]:
    """Columns: site, code, kind, zh; en, registration, use_unit, maintainer, hotline, next_inspection, device."""
    return await equipment_desk.take(at, person, await file.read())


@router.get("/equipment/{equipment_id}", responses=problems(401, 404), summary="One piece of equipment")
async def one(at: AtDesk, person: Asking, equipment_id: EquipmentId) -> Equipment:
    """As it stands today at its site."""
    return await equipment_desk.read_one(at, person, equipment_id)


@router.put("/equipment/{equipment_id}/firm", responses=problems(401, 403, 404), summary="Name the maintenance firm")
async def set_firm(at: AtDesk, person: Asking, equipment_id: EquipmentId, order: FirmOrder) -> Equipment:
    """Its people see the piece and write its maintenance down. Needs the right to configure."""
    await equipment_desk.set_firm(at, person, equipment_id, order.firm)
    return await equipment_desk.read_one(at, person, equipment_id)


@router.get("/firms", responses=problems(401, 403), summary="Maintenance firms to choose from")
async def firms(at: AtDesk, person: Asking, paging: Paged) -> list[Firm]:
    """For who may configure."""
    must_configure(person)
    async with at.scoped(person) as connection:
        rows = await upkeep.firms(connection)
    return [Firm.model_validate(row) for row in paging.part(rows, lambda row: (row.id,), (0,))]


@router.delete(
    "/equipment/{equipment_id}", status_code=204, responses=problems(401, 403, 404), summary="Take equipment out"
)
async def remove(at: AtDesk, person: Asking, equipment_id: EquipmentId) -> None:
    """Its public page ends, its records stay."""
    await equipment_desk.remove(at, person, equipment_id)


@router.get("/equipment/{equipment_id}/records", responses=problems(401, 404), summary="Inspections and maintenance")
async def records(at: AtDesk, person: Asking, equipment_id: EquipmentId, paging: Paged) -> list[Record]:
    """The newest first."""
    before = paging.after((date.max, NO_END))
    found = await equipment_desk.records(at, person, equipment_id, before, paging.wanted)
    return paging.page(found, lambda one: (one.day, one.id))


@router.post(
    "/equipment/{equipment_id}/records",
    status_code=201,
    responses=problems(401, 403, 404),
    summary="Write an inspection or a maintenance down",
)
async def write_down(at: AtDesk, person: Asking, equipment_id: EquipmentId, order: RecordOrder) -> list[Record]:
    """Inspections by the authority, maintenance by the operator too. Records are only ever added."""
    await equipment_desk.write_down(at, person, equipment_id, order)
    return await equipment_desk.records(at, person, equipment_id)


@router.get("/complaints", responses=problems(401), summary="Complaints of the public")
async def complaints(
    at: AtDesk,
    person: Asking,
    *,
    site: Annotated[int | None, Query(description="only of that site", examples=[7])] = None,
    unanswered: Annotated[bool, Query(description="only those that nobody has closed", examples=[True])] = False,
    paging: Paged,
) -> list[Complaint]:
    """The newest first. An operator sees those of trapped people alone."""
    (before,) = paging.after((NO_END,))
    found = await complaint_desk.listed(
        at, person, unanswered=unanswered, before=before, limit=paging.wanted, site=site
    )
    return paging.page(found, lambda one: (one.id,))


@router.get("/complaints/{complaint_id}", responses=problems(401, 404), summary="One complaint")
async def complaint(at: AtDesk, person: Asking, complaint_id: Annotated[int, Path(examples=[5])]) -> Complaint:
    """With its photos and the authority's answers."""
    return await complaint_desk.one(at, person, complaint_id)


@router.post("/complaints/{complaint_id}/answer", responses=problems(401, 403, 404, 409), summary="Answer a complaint")
async def answer(
    at: AtDesk, person: Asking, complaint_id: Annotated[int, Path(examples=[5])], order: AnswerOrder
) -> Complaint:
    """Regulator: answer it, and close it where said so."""
    return await complaint_desk.answer(at, person, complaint_id, order.words, closes=order.closes)
