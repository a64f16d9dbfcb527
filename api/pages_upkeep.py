"""A maintenance firm's pages: people trapped in its lifts, what is due, and maintenance that was done."""

import contextlib
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from alerts.rescue import Said
from api import equipment_desk, language, problem, render, upkeep_desk
from api.desk import AtDesk, Desk
from api.pages import holding
from api.pages_rescue import moment, position
from api.problem import ProblemError
from api.upkeep_model import MaintenanceOrder
from domain.alert import FINISHED, Status
from domain.permission import Permission
from domain.rescue import RescueAction
from store import equipment, upkeep
from store.equipment import NewRecord
from store.people import Person

router = APIRouter(prefix="/upkeep", include_in_schema=False)

Keeper = Annotated[Person, Depends(holding(Permission.UPKEEP_READ))]
Recorder = Annotated[Person, Depends(holding(Permission.UPKEEP_RECORD))]
Rescuer = Annotated[Person, Depends(holding(Permission.UPKEEP_RESCUE))]

_MOST = 2000


@router.get("")
async def home(request: Request, at: AtDesk, person: Keeper, all: bool = False, said: str = "") -> Response:
    """Calls first, then what is due; or all that the firm looks after."""
    async with at.scoped(person) as connection:
        found = [upkeep_desk.upkept(row) for row in await upkeep.equipment(connection, at.clock(), _MOST)]
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
    given = {name: value for name, value in typed.items() if value is not None}
    new = None
    with contextlib.suppress(ValidationError):  # said once it is clear whose piece it is
        order = MaintenanceOrder.model_validate(given)
        new = NewRecord("maintenance", order.day, order.done_by, order.result, None, order.note)
    try:
        await upkeep_desk.write_down(at, person, equipment_id, new)
    except ProblemError as error:
        if error.status != 422:
            raise
        said = problem.sentence(error, language.of_page(request, person.lang))
        return await _one(request, at, person, equipment_id, said)
    return RedirectResponse(f"/upkeep/equipment/{equipment_id}#records", 303)


@router.post("/rescues/{alert_id}/{action}")
async def report(request: Request, at: AtDesk, person: Rescuer, alert_id: int, action: RescueAction) -> Response:
    """The firm's report about people who are trapped: as by the link in the push, and with who it was."""
    async with request.form(max_files=0, max_fields=10) as form:
        typed = {name: str(form.get(name) or "")[:40] for name in ("claimed", "latitude", "longitude")}
    said, _ = await upkeep_desk.report(
        at, person, alert_id, action, claimed=moment(typed["claimed"]),
        position=position(typed["latitude"], typed["longitude"]),
    )  # fmt: skip
    return RedirectResponse(f"/upkeep?said={said}", 303)


async def _one(request: Request, at: Desk, person: Person, equipment_id: int, fault: str = "") -> Response:
    async with at.scoped(person) as connection:
        row = await upkeep_desk.one(at, connection, equipment_id)
        records = [equipment_desk.record(one) for one in await equipment.records(connection, equipment_id)]
    context = {
        "one": upkeep_desk.upkept(row), "records": records, "fault": fault,
        "may_record": person.may(Permission.UPKEEP_RECORD),
    }  # fmt: skip
    return render.page(request, at, person, "upkeep_equipment.html", context, status=422 if fault else 200)
