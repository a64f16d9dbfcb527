"""REST: the audit log, for those who may read it."""

from fastapi import APIRouter

from api import audit_desk
from api.desk import AtDesk, Auditing
from api.openapi import problems
from api.paging import NO_END, Paged
from api.people_model import AuditChain, AuditEntry

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])


@router.get("", responses=problems(401, 403), summary="The audit log")
async def entries(
    at: AtDesk,
    person: Auditing,
    *,
    who: audit_desk.Who = "",
    action: audit_desk.Action = "",
    since: audit_desk.Since = None,
    until: audit_desk.Until = None,
    paging: Paged,
) -> list[AuditEntry]:
    """From the newest on: what the people whom one governs have done; what nobody known did, for the whole tree's."""
    (before,) = paging.after((NO_END,))
    which = audit_desk.chosen(who, action, since, until)
    return paging.page(await audit_desk.page(at, person, which, before, paging.wanted), lambda row: (row.id,))


@router.get("/chain", responses=problems(401, 403), summary="Whether the audit log is as it was written")
async def chain(at: AtDesk, person: Auditing) -> AuditChain:
    """Every hash of the whole log is computed again."""
    return await audit_desk.chain(at, person)
