"""What pages and REST show of the audit log, and of whether its chain holds."""

from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import Query
from pydantic import AwareDatetime

from api.desk import Desk
from api.people_model import AuditChain, AuditEntry
from store import audit, chains
from store.audit import AuditFilter, EntryRow
from store.people import Person

Who = Annotated[str, Query(max_length=100, description="a login", examples=["yuexiu"])]
Action = Annotated[str, Query(max_length=60, description="how the action begins", examples=["login"])]
Since = Annotated[AwareDatetime | None, Query(description="not before", examples=["2026-11-22T00:00:00Z"])]
Until = Annotated[AwareDatetime | None, Query(description="before", examples=["2026-11-23T00:00:00Z"])]
Before = Annotated[int | None, Query(ge=1, le=2**62, description="older than this id", examples=[900])]


def chosen(who: str, action: str, since: datetime | None, until: datetime | None) -> AuditFilter:
    """The filter that was asked for."""
    return AuditFilter(who.strip(), action.strip(), since, until)


async def page(at: Desk, person: Person, which: AuditFilter, before: int | None, limit: int) -> list[AuditEntry]:
    """Entries of the people whom one governs, and one's own, from the newest on."""
    async with at.scoped(person) as connection:
        return [_entry(row) for row in await audit.page(connection, which, before, limit)]


async def chain(at: Desk, person: Person) -> AuditChain:
    """Compute every hash of the whole log again."""
    async with at.scoped(person) as connection:
        broken = await chains.first_broken_audit(connection)
        entries = await audit.length(connection)
    return AuditChain(entries=entries, intact=broken is None, broken=None if broken is None else broken.entry)


def _entry(row: EntryRow) -> AuditEntry:
    detail = msgspec.json.decode(row.detail, type=dict[str, object])
    return AuditEntry(id=row.id, at=row.at, login=row.login, name=row.name, action=row.action, detail=detail)
