"""REST: the audit log, for those who may read it."""

from typing import Annotated

from fastapi import APIRouter, Query

from api import audit_desk
from api.desk import AtDesk, Auditing
from api.openapi import problems
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
    before: audit_desk.Before = None,
    limit: Annotated[int, Query(ge=1, le=500, examples=[100])] = 100,
) -> list[AuditEntry]:
    """From the newest on: what the people whom one governs have done; what nobody known did, for the whole tree's."""
    return await audit_desk.page(at, person, audit_desk.chosen(who, action, since, until), before, limit)


@router.get("/chain", responses=problems(401, 403), summary="Whether the audit log is as it was written")
async def chain(at: AtDesk, person: Auditing) -> AuditChain:
    """Every hash of the whole log is computed again."""
    return await audit_desk.chain(at, person)
