"""REST: legal holds on evidence."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api import hold_desk
from api.alert_model import Named
from api.desk import Asking, AtDesk, Desk
from api.hold_model import Hold, HoldOrder, LiftOrder
from api.openapi import problems
from api.paging import NO_END, Paged
from store import holds
from store.holds import HoldRow
from store.people import Person

router = APIRouter(prefix="/api/v1", tags=["evidence"])

Identity = Annotated[int, Path(ge=1, le=2**62, examples=[2])]
Of = Annotated[int | None, Query(ge=1, le=2**62, examples=[7])]


def _hold(at: Desk, row: HoldRow) -> Hold:
    return Hold(
        id=row.id, alert=row.alert_id, site=Named(id=row.site_id, code=row.site_code, zh=row.site_zh, en=row.site_en),
        by=row.person, placed=row.placed, until=row.until, why=row.why, lifted=row.lifted, lifted_by=row.lifted_by,
        lifted_why=row.lifted_why, in_force=row.in_force(at.clock()),
    )  # fmt: skip


async def _one(at: Desk, person: Person, hold: int) -> Hold:
    return _hold(at, await hold_desk.one(at, person, hold))


@router.get("/holds", responses=problems(401), summary="List legal holds")
async def listed(at: AtDesk, person: Asking, paging: Paged, *, alert: Of = None, site: Of = None) -> list[Hold]:
    """The newest first, also those that were lifted; of one alert (its site's holds keep it too), or of one site."""
    (before,) = paging.after((NO_END,))
    async with at.scoped(person) as connection:
        rows = await holds.walk(connection, paging.wanted, before, alert=alert, site=site)
    return [_hold(at, row) for row in paging.page(rows, lambda row: (row.id,))]


@router.get("/holds/{hold_id}", responses=problems(401, 404), summary="One legal hold")
async def one(at: AtDesk, person: Asking, hold_id: Identity) -> Hold:
    """What is held, by whom, until when."""
    return await _one(at, person, hold_id)


@router.post(
    "/alerts/{alert_id}/hold", status_code=201, responses=problems(401, 403, 404), summary="Hold an alert's evidence"
)
async def hold_alert(at: AtDesk, person: Asking, alert_id: Identity, order: HoldOrder) -> Hold:
    """Regulator: it does not expire while the hold is in force."""
    return await _one(at, person, await hold_desk.on_alert(at, person, alert_id, order.why, order.until))


@router.post(
    "/sites/{site_id}/hold", status_code=201, responses=problems(401, 403, 404), summary="Hold a site's evidence"
)
async def hold_site(at: AtDesk, person: Asking, site_id: Identity, order: HoldOrder) -> Hold:
    """Regulator: the evidence of all of its alerts, later ones too."""
    return await _one(at, person, await hold_desk.on_site(at, person, site_id, order.why, order.until))


@router.post("/holds/{hold_id}/lift", responses=problems(401, 403, 404, 409), summary="Lift a legal hold")
async def lift(at: AtDesk, person: Asking, hold_id: Identity, order: LiftOrder) -> Hold:
    """Regulator: the evidence expires again by its own time."""
    await hold_desk.lift(at, person, hold_id, order.why)
    return await _one(at, person, hold_id)
