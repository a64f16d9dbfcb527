"""Reading the audit log: the entries that row-level security shows, and whether the whole chain holds."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries: `who` is a login, `action` how an action begins; empty or None: any."""

    who: str = ""
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry; `detail` is JSON."""

    id: int
    at: datetime
    login: str | None
    name: str | None
    action: str
    detail: str


async def page(connection: Connection, which: AuditFilter, before: int | None, limit: int) -> list[EntryRow]:
    """Entries from the newest on."""
    async with connection.cursor(row_factory=class_row(EntryRow)) as cursor:
        await cursor.execute(
            "SELECT audit.id, at, login, name, action, detail::text FROM audit"
            " LEFT JOIN person ON person.id = audit.person_id"
            " WHERE (%(who)s = '' OR login = %(who)s) AND starts_with(action, %(action)s)"
            " AND at >= coalesce(%(since)s, '-infinity'::timestamptz)"
            " AND at < coalesce(%(until)s, 'infinity'::timestamptz)"
            " AND audit.id < coalesce(%(before)s, 9223372036854775807) ORDER BY audit.id DESC LIMIT %(limit)s",
            {"who": which.who, "action": which.action, "since": which.since, "until": which.until,
             "before": before, "limit": limit},
        )  # fmt: skip
        return await cursor.fetchall()


async def length(connection: Connection) -> int:
    """How many entries the whole log has, whoever's."""
    cursor = await connection.execute("SELECT audit_length()")
    row = await cursor.fetchone()
    assert row is not None
    return int(str(row[0]))
