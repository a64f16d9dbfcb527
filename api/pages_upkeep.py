"""A maintenance firm's pages: people trapped in its lifts, what is due, and maintenance that was done."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from alerts import rescue as rescues
from alerts.rescue import Said
from api import equipment_desk, language, problem, render
from api.desk import AtDesk, Desk
from api.equipment_model import RecordOrder
from api.pages import holding
from api.pages_rescue import moment, position
from api.problem import ProblemError, not_found
from domain import rescue as links
from domain.alert import FINISHED, Status
from domain.equipment import SOON, Kind, Standing, maintenance_due, standing
from domain.permission import Permission
from domain.rescue import RescueAction
from store import equipment, people, rescue, upkeep
from store.connection import Connection
from store.equipment import NewRecord
from store.people import Person
from store.upkeep import UpkeptRow

router = APIRouter(prefix="/upkeep", include_in_schema=False)

Keeper = Annotated[Person, Depends(holding(Permission.UPKEEP_READ))]
Recorder = Annotated[Person, Depends(holding(Permission.UPKEEP_RECORD))]
Rescuer = Annotated[Person, Depends(holding(Permission.UPKEEP_RESCUE))]

_MOST = 2000


@dataclass(frozen=True, slots=True)
class Upkept:
    """One piece, when its maintenance is due, and how it stands with its inspection."""

    row: UpkeptRow
    kind: Kind
    due: date | None
    days: int | None
    standing: Standing

    @property
    def is_due(self) -> bool:
        """It belongs on the list."""
        return (self.days is not None and self.days <= SOON / timedelta(days=1)) or self.standing in (
            Standing.FAILED, Standing.OVERDUE, Standing.DUE,
        )  # fmt: skip


def _upkept(row: UpkeptRow) -> Upkept:
    kind = Kind(row.kind)
    due = maintenance_due(kind, row.last_maintenance, row.today)
    stands = standing(row.next_inspection, row.failed, row.today)
    return Upkept(row, kind, due, None if due is None else (due - row.today).days, stands)


@router.get("")
async def home(request: Request, at: AtDesk, person: Keeper, all: bool = False, said: str = "") -> Response:
    """Calls first, then what is due; or all that the firm looks after."""
    async with at.scoped(person) as connection:
        found = [_upkept(row) for row in await upkeep.equipment(connection, at.clock(), _MOST)]
        calls = await upkeep.calls(connection)
    context = {
        "calls": [one for one in calls if Status(one.status) not in FINISHED],
        "over": [one for one in calls if Status(one.status) in FINISHED],
        "found": [one for one in found if all or one.is_due],
        "total": len(found),
        "whole": all,
        "said": said if said in {*Said} else "",
        "actions": tuple(RescueAction),
        "may_rescue": person.may(Permission.UPKEEP_RESCUE),
    }
    return render.page(request, at, person, "upkeep.html", context)


@router.get("/equipment/{equipment_id}")
async def one_page(request: Request, at: AtDesk, person: Keeper, equipment_id: int) -> Response:
    """One piece with its records."""
    return await _one(request, at, person, equipment_id)


@router.post("/equipment/{equipment_id}/records")
async def write_down(request: Request, at: AtDesk, person: Recorder, equipment_id: int) -> Response:
    """Maintenance that was done, by form."""
    async with request.form(max_files=0, max_fields=20) as form:
        typed = {name: form.get(name) or None for name in ("day", "done_by", "note")}
    async with at.scoped(person) as connection:
        row = await _row(at, connection, equipment_id)
        try:
            given = {name: value for name, value in typed.items() if value is not None}
            order = RecordOrder.model_validate({**given, "kind": "maintenance"})
        except ValidationError:
            order = None
        if order is not None and order.day <= row.today:
            new = NewRecord("maintenance", order.day, order.done_by, order.result, None, order.note)
            await equipment.add_record(connection, equipment_id, person.id, new)
            detail = {"equipment": equipment_id, "code": row.code, "kind": new.kind, "day": new.day.isoformat()}
            await people.audit(connection, person, "equipment_record", detail)
            return RedirectResponse(f"/upkeep/equipment/{equipment_id}#records", 303)
    fault = ProblemError(422, "equipment_future") if order is not None else None
    spoken = language.of_page(request, person.lang)
    said = problem.sentence(fault, spoken) if fault else language.text(spoken, "equipment.record_fault")
    return await _one(request, at, person, equipment_id, said)


@router.post("/rescues/{alert_id}/{action}")
async def report(request: Request, at: AtDesk, person: Rescuer, alert_id: int, action: RescueAction) -> Response:
    """The firm's report about people who are trapped: as by the link in the push, and with who it was."""
    async with request.form(max_files=0, max_fields=10) as form:
        typed = {name: str(form.get(name) or "")[:40] for name in ("claimed", "latitude", "longitude")}
    async with at.scoped(person) as connection:
        called = await upkeep.calls(connection, 1, alert_id)
        if not called:
            raise not_found()
        link = links.link(alert_id, called[0].role, at.clock())
        await rescue.enter(connection, alert_id)
        said = await rescues.report(
            connection, link, action, claimed=moment(typed["claimed"]),
            position=position(typed["latitude"], typed["longitude"]),
        )  # fmt: skip
        if said is Said.DONE:
            await people.audit(connection, person, f"rescue_{action}", {"alert": alert_id, "role": link.role})
    return RedirectResponse(f"/upkeep?said={said}", 303)


async def _one(request: Request, at: Desk, person: Person, equipment_id: int, fault: str = "") -> Response:
    async with at.scoped(person) as connection:
        row = await _row(at, connection, equipment_id)
        records = [equipment_desk.record(one) for one in await equipment.records(connection, equipment_id)]
    context = {
        "one": _upkept(row), "records": records, "fault": fault,
        "may_record": person.may(Permission.UPKEEP_RECORD),
    }  # fmt: skip
    return render.page(request, at, person, "upkeep_equipment.html", context, status=422 if fault else 200)


async def _row(at: Desk, connection: Connection, identity: int) -> UpkeptRow:
    row = await upkeep.one(connection, at.clock(), identity)
    if row is None:
        raise not_found()
    return row
