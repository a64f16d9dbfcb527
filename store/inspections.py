"""Inspections: plans, tasks, their answers, photos and signatures; what is done never changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import LiteralString

import msgspec
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from domain.checklist import Answer, Checklist, Document, Every, Paper, Side, digest
from domain.checklist import due as due_of
from domain.period import ZONE
from store import people
from store.connection import Connection
from store.people import Person
from store.workflow import Photo

AUDITED = "inspection_done"
LONG_AGO, LAST_DAY = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Task:
    """One inspection of a site. `failed`: how many items are not as they should be."""

    id: int
    site_id: int
    site_code: str
    zh: str
    en: str
    plan_id: int | None
    checklist: Checklist
    at: datetime
    due: datetime
    done: datetime | None
    sha256: str | None
    answered: int
    failed: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "checklist", msgspec.convert(self.checklist, Checklist))


@dataclass(frozen=True, slots=True)
class Plan:
    """A checklist that comes again."""

    id: int
    site_id: int
    zh: str
    en: str
    checklist: Checklist
    every: Every
    starts: date

    def __post_init__(self) -> None:
        object.__setattr__(self, "checklist", msgspec.convert(self.checklist, Checklist))
        object.__setattr__(self, "every", Every(self.every))


@dataclass(frozen=True, slots=True)
class AlertName:
    """An unfinished alert that a failed item may belong to."""

    id: int
    zh: str
    en: str


_TASKS: LiteralString = """
    SELECT inspection.id, inspection.site_id, site.code AS site_code, site.zh, site.en, inspection.plan_id,
        inspection.body AS checklist, inspection.at, inspection.due, inspection.done, inspection.digest AS sha256,
        (SELECT count(*)::int FROM inspection_answer WHERE inspection_id = inspection.id) AS answered,
        (SELECT count(*)::int FROM inspection_answer WHERE inspection_id = inspection.id AND failed) AS failed
    FROM inspection JOIN site ON site.id = inspection.site_id
"""


async def unfinished(
    connection: Connection, limit: int, site: int | None = None, after: tuple[datetime, int] = (LONG_AGO, 0)
) -> list[Task]:
    """What is to be done of all that the person sees, or of one site; the most overdue first."""
    async with connection.cursor(row_factory=class_row(Task)) as cursor:
        await cursor.execute(
            _TASKS + " WHERE done IS NULL AND (inspection.site_id = %(site)s OR %(site)s::bigint IS NULL)"
            " AND (due, inspection.id) > (%(due)s, %(id)s) ORDER BY due, inspection.id LIMIT %(limit)s",
            {"site": site, "limit": limit, "due": after[0], "id": after[1]},
        )
        return await cursor.fetchall()


async def overdue(connection: Connection, now: datetime) -> int:
    """How many are overdue of all that the person sees."""
    cursor = await connection.execute("SELECT count(*)::int FROM inspection WHERE done IS NULL AND due < %s", (now,))
    row = await cursor.fetchone()
    return 0 if row is None else int(str(row[0]))


async def finished(
    connection: Connection, limit: int, site: int | None = None, before: tuple[datetime, int] = (LAST_DAY, 0)
) -> list[Task]:
    """What was done, everywhere or at one site, the newest first."""
    async with connection.cursor(row_factory=class_row(Task)) as cursor:
        await cursor.execute(
            _TASKS + " WHERE done IS NOT NULL AND (inspection.site_id = %(site)s OR %(site)s::bigint IS NULL)"
            " AND (done, inspection.id) < (%(done)s, %(id)s) ORDER BY done DESC, inspection.id DESC LIMIT %(limit)s",
            {"site": site, "limit": limit, "done": before[0], "id": before[1]},
        )
        return await cursor.fetchall()


async def one(connection: Connection, identity: int) -> Task | None:
    """One, or None where there is none or it is another tenant's."""
    async with connection.cursor(row_factory=class_row(Task)) as cursor:
        await cursor.execute(_TASKS + " WHERE inspection.id = %s", (identity,))
        return await cursor.fetchone()


async def lock(connection: Connection, identity: int) -> bool:
    """Lock an inspection that is not done until the transaction ends; False where it is done or not there."""
    cursor = await connection.execute("SELECT FROM inspection WHERE id = %s AND done IS NULL FOR UPDATE", (identity,))
    return await cursor.fetchone() is not None


async def assign(connection: Connection, person: Person, site: int, checklist: Checklist, due: datetime) -> int:
    """A task for a site, assigned by a person of its authority; it is audited."""
    cursor = await connection.execute(
        "INSERT INTO inspection (site_id, person_id, body, due) VALUES (%s, %s, %s, %s) RETURNING id",
        (site, person.id, Jsonb(msgspec.to_builtins(checklist)), due),
    )
    row = await cursor.fetchone()
    assert row is not None
    detail = {"inspection": row[0], "site": site, "checklist": checklist.code, "due": due.isoformat()}
    await people.audit(connection, person, "inspection_assigned", detail)
    return int(str(row[0]))


async def plan(
    connection: Connection, person: Person, site: int, checklist: Checklist, *, every: Every, on: date
) -> int:
    """Let a checklist come again and again from that day; it is audited."""
    cursor = await connection.execute(
        "INSERT INTO inspection_plan (site_id, body, every, starts, person_id) VALUES (%s, %s, %s, %s, %s)"
        " RETURNING id",
        (site, Jsonb(msgspec.to_builtins(checklist)), every, on, person.id),
    )
    row = await cursor.fetchone()
    assert row is not None
    detail = {"plan": row[0], "site": site, "checklist": checklist.code, "every": every}
    await people.audit(connection, person, "inspection_planned", detail)
    return int(str(row[0]))


async def plans(connection: Connection, limit: int, before: int = 2**63 - 1) -> list[Plan]:
    """What comes again, of all that the person sees, the newest first."""
    async with connection.cursor(row_factory=class_row(Plan)) as cursor:
        await cursor.execute(
            "SELECT plan.id, plan.site_id, site.zh, site.en, plan.body AS checklist, plan.every, plan.starts"
            " FROM inspection_plan AS plan JOIN site ON site.id = plan.site_id WHERE plan.ended IS NULL"
            " AND plan.id < %s ORDER BY plan.id DESC LIMIT %s",
            (before, limit),
        )
        return await cursor.fetchall()


async def end_plan(connection: Connection, person: Person, identity: int) -> bool:
    """No further tasks of a plan; False where the person may not end it, or it has ended."""
    cursor = await connection.execute(
        "UPDATE inspection_plan SET ended = now() WHERE id = %s AND ended IS NULL", (identity,)
    )
    if cursor.rowcount == 1:
        await people.audit(connection, person, "inspection_plan_ended", {"plan": identity})
    return cursor.rowcount == 1


async def sees_plan(connection: Connection, identity: int) -> bool:
    """Whether there is such a plan in the person's scope."""
    cursor = await connection.execute("SELECT FROM inspection_plan WHERE id = %s", (identity,))
    return await cursor.fetchone() is not None


async def come_due(connection: Connection, now: datetime) -> int:
    """Make the task of each plan's running occurrence, unless it is there; returns how many. Used by the overseer."""
    cursor = await connection.execute("SELECT id, every, starts FROM inspection_plan WHERE ended IS NULL")
    today = now.astimezone(ZONE).date()
    wanted = [
        (int(str(identity)), when)
        for identity, every, starts in await cursor.fetchall()
        if isinstance(starts, date) and (when := due_of(starts, Every(str(every)), today)) is not None
    ]
    made = await connection.execute(
        "INSERT INTO inspection (site_id, plan_id, body, due) SELECT site_id, plan.id, body, due"
        " FROM unnest(%s::bigint[], %s::timestamptz[]) AS wanted (id, due) JOIN inspection_plan AS plan USING (id)"
        " ON CONFLICT (plan_id, due) DO NOTHING",
        ([identity for identity, _ in wanted], [when for _, when in wanted]),
    )
    return made.rowcount


async def answer(connection: Connection, person: Person, inspection: int, told: Answer) -> None:
    """Write an item's answer, or change it."""
    await connection.execute(
        "INSERT INTO inspection_answer (inspection_id, item, value, failed, note, alert_id, person_id, login)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (inspection_id, item) DO UPDATE"
        " SET value = excluded.value, failed = excluded.failed, note = excluded.note, alert_id = excluded.alert_id,"
        " person_id = excluded.person_id, login = excluded.login, at = now()",
        (inspection, told.item, told.value, told.failed, told.note, told.alert, person.id, person.login),
    )


async def put_paper(
    connection: Connection, person: Person, inspection: int, item: str, photo: Photo, *, name: str = ""
) -> None:
    """Keep a photo of an item; or a side's signature, in place of the one before."""
    if photo.kind == "signature":
        await connection.execute(
            "DELETE FROM inspection_paper WHERE inspection_id = %s AND item = %s AND kind = 'signature'",
            (inspection, item),
        )
    await connection.execute(
        "INSERT INTO inspection_paper (inspection_id, item, kind, sha256, media_type, size, name, claimed, claimed_by,"
        " person_id, login) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (inspection, item, photo.kind, photo.sha256, photo.media_type, photo.size, name, photo.claimed,
         photo.claimed_by, person.id, person.login),
    )  # fmt: skip


async def document(connection: Connection, task: Task) -> Document:
    """All that was answered and signed so far, in the checklist's order."""
    async with connection.cursor(row_factory=class_row(Answer)) as cursor:
        await cursor.execute(
            "SELECT item, value, failed, note, alert_id AS alert, login AS by, at"
            " FROM inspection_answer WHERE inspection_id = %s",
            (task.id,),
        )
        answers = {one.item: one for one in await cursor.fetchall()}
    async with connection.cursor(row_factory=class_row(Paper)) as cursor:
        await cursor.execute(
            "SELECT item, kind, sha256, name, claimed, login AS by, at"
            ' FROM inspection_paper WHERE inspection_id = %s ORDER BY kind, item COLLATE "C", at, sha256',
            (task.id,),
        )
        papers = tuple(await cursor.fetchall())
    ordered = tuple(answers[item.code] for item in task.checklist.items if item.code in answers)
    return Document(task.id, task.site_code, task.checklist, task.due, ordered, papers)


async def finish(connection: Connection, person: Person, task: Task) -> str | None:
    """Close a locked inspection where all is answered and signed; the audit log names its document's SHA-256 too."""
    made = await document(connection, task)
    signed = {paper.item for paper in made.papers if paper.kind == "signature"}
    if len(made.answers) < len(task.checklist.items) or not signed >= {
        Side(one).value for one in task.checklist.signatures
    }:
        return None
    sha256 = digest(made)
    await connection.execute("UPDATE inspection SET done = now(), digest = %s WHERE id = %s", (sha256, task.id))
    failed = sum(one.failed for one in made.answers)
    await people.audit(connection, person, AUDITED, {"inspection": task.id, "sha256": sha256, "failed": failed})
    return sha256


async def audited(connection: Connection, task: Task) -> bool:
    """Whether the audit log names the same document."""
    cursor = await connection.execute(
        "SELECT FROM audit WHERE action = %s AND at >= %s AND detail ->> 'inspection' = %s"
        " AND detail ->> 'sha256' = %s",
        (AUDITED, task.at, str(task.id), task.sha256),
    )
    return await cursor.fetchone() is not None


async def alerts(connection: Connection, site: int, limit: int = 50) -> Sequence[AlertName]:
    """A site's unfinished alerts, the newest first."""
    async with connection.cursor(row_factory=class_row(AlertName)) as cursor:
        await cursor.execute(
            "SELECT alert.id, coalesce(rule.body->>'zh', rule_code) AS zh, coalesce(rule.body->>'en', rule_code) AS en"
            " FROM alert LEFT JOIN rule ON rule.code = rule_code AND rule.version = rule_version"
            " WHERE site_id = %s AND status NOT IN ('closed', 'dismissed') ORDER BY alert.id DESC LIMIT %s",
            (site, limit),
        )
        return await cursor.fetchall()
