"""REST for a maintenance firm's system: what it looks after, maintenance, people trapped in its lifts (ADR 51)."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from alerts.rescue import Said
from api import equipment_desk, upkeep_desk
from api.alert_model import Names
from api.desk import AtDesk, holding
from api.equipment_model import Record
from api.openapi import problems
from api.paging import NO_END, Paged
from api.problem import not_found
from api.upkeep_model import MaintenanceOrder, RescueCall, RescueReport, RescueSaid, UpkeptEquipment
from domain.permission import Permission
from domain.rescue import RescueAction
from store import equipment, upkeep
from store.equipment import NewRecord
from store.people import Person
from store.upkeep import CallRow, UpkeptRow

router = APIRouter(prefix="/api/v1/upkeep", tags=["maintenance firms"])

Keeper = Annotated[Person, Depends(holding(Permission.UPKEEP_READ))]
Recorder = Annotated[Person, Depends(holding(Permission.UPKEEP_RECORD))]
Rescuer = Annotated[Person, Depends(holding(Permission.UPKEEP_RESCUE))]
Identity = Annotated[int, Path(ge=1, le=2**62, examples=[7])]
_LAST_ROLE = "\U0010ffff"


@router.get("/equipment", responses=problems(401, 403), summary="What a firm looks after")
async def listed(at: AtDesk, person: Keeper, paging: Paged) -> list[UpkeptEquipment]:
    """What was maintained longest ago first; each says when it is due again."""
    async with at.scoped(person) as connection:
        rows = await upkeep.equipment(connection, at.clock(), paging.wanted, paging.after((date.min, 0)))
    return [_piece(row) for row in paging.page(rows, upkeep.place)]


@router.get("/equipment/{equipment_id}", responses=problems(401, 403, 404), summary="One piece that a firm looks after")
async def one(at: AtDesk, person: Keeper, equipment_id: Identity) -> UpkeptEquipment:
    """As it stands today at its site."""
    async with at.scoped(person) as connection:
        return _piece(await upkeep_desk.one(at, connection, equipment_id))


@router.get(
    "/equipment/{equipment_id}/records", responses=problems(401, 403, 404), summary="A piece's inspections and upkeep"
)
async def records(at: AtDesk, person: Keeper, equipment_id: Identity, paging: Paged) -> list[Record]:
    """The newest first."""
    before = paging.after((date.max, NO_END))
    async with at.scoped(person) as connection:
        await upkeep_desk.one(at, connection, equipment_id)
        rows = await equipment.records(connection, equipment_id, paging.wanted, before)
    return [equipment_desk.record(row) for row in paging.page(rows, lambda row: (row.day, row.id))]


@router.post(
    "/equipment/{equipment_id}/records", status_code=201, responses=problems(401, 403, 404),
    summary="Write maintenance down",
)  # fmt: skip
async def write_down(at: AtDesk, person: Recorder, equipment_id: Identity, order: MaintenanceOrder) -> Record:
    """Never an inspection: those are the authority's. Records are only ever added."""
    new = NewRecord("maintenance", order.day, order.done_by, order.result, None, order.note)
    return equipment_desk.record(await upkeep_desk.write_down(at, person, equipment_id, new))


@router.get("/rescues", responses=problems(401, 403), summary="Calls to a firm's lifts")
async def rescues(
    at: AtDesk,
    person: Keeper,
    paging: Paged,
    unfinished: Annotated[bool, Query(description="only those that are not over", examples=[True])] = False,
) -> list[RescueCall]:
    """The newest alert first; where people are trapped, and what the firm reported."""
    async with at.scoped(person) as connection:
        before = paging.after((NO_END, _LAST_ROLE))
        rows = await upkeep.walk_calls(connection, paging.wanted, before, unfinished=unfinished)
    return [_call(row) for row in paging.page(rows, lambda row: (row.alert_id, row.role))]


@router.post(
    "/rescues/{alert_id}/{action}", responses=problems(401, 403, 404), summary="Report about people who are trapped"
)
async def report(
    at: AtDesk,
    person: Rescuer,
    alert_id: Identity,
    action: Annotated[RescueAction, Path(examples=["answered"])],
    order: RescueReport | None = None,
) -> RescueSaid:
    """As by the link in the push; the audit log has who it was. The same report again changes nothing."""
    told = order or RescueReport()
    position = None if told.latitude is None or told.longitude is None else (told.latitude, told.longitude)
    said, _ = await upkeep_desk.report(at, person, alert_id, action, claimed=told.claimed, position=position)
    async with at.scoped(person) as connection:
        called = await upkeep.calls(connection, 1, alert_id)
    if said is Said.NOTHING or not called:
        raise not_found()
    return RescueSaid.model_validate({"said": said.value, "call": _call(called[0])})


def _piece(row: UpkeptRow) -> UpkeptEquipment:
    found = upkeep_desk.upkept(row)
    return UpkeptEquipment(
        id=row.id, code=row.code, kind=found.kind, zh=row.zh, en=row.en, site=Names(zh=row.site_zh, en=row.site_en),
        address=row.address, registration=row.registration, use_unit=row.use_unit, last_inspection=row.last_inspection,
        next_inspection=row.next_inspection, last_maintenance=row.last_maintenance, maintenance_due=found.due,
        days=found.days, standing=found.standing, online=row.online,
    )  # fmt: skip


def _call(row: CallRow) -> RescueCall:
    return RescueCall.model_validate({
        "alert": row.alert_id, "role": row.role, "site": Names(zh=row.site_zh, en=row.site_en), "address": row.address,
        "lift": Names(zh=row.lift_zh, en=row.lift_en), "lift_code": row.lift_code, "status": row.status,
        "condition": row.condition, "trapped": row.trapped, "began": row.began, "answered": row.answered,
        "arrived": row.arrived, "released": row.released,
    })  # fmt: skip
