"""Previews: questions what a rule would have raised, put by people, taken up by the alerts process (ADR 30)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from domain.replay import Replayed
from domain.rule import Rule
from store.connection import Connection

CHANNEL = "mingchu_preview"
MOST_TRIES = 3  # who died over it so often will die again


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A question and its answer so far; as JSON, `body` is a domain.rule.Rule and `answer` a domain.replay.Replayed."""

    id: UUID
    code: str
    body: str
    begins: datetime
    ends: datetime
    state: str
    done: int
    total: int
    rows: int
    answer: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A question that is being worked at. `body`: JSON text of a domain.rule.Rule."""

    id: UUID
    body: str
    begins: datetime
    ends: datetime
    authority: str


async def ask(connection: Connection, rule: Rule, begin: datetime, end: datetime) -> UUID:
    """Put a question, in the person's scope. The person's own earlier one that is not answered yet is taken back."""
    await connection.execute(
        "DELETE FROM rule_preview WHERE created < now() - interval '7 days'"
        " OR person_id = current_setting('mingchu.person')::bigint AND state IN ('waiting', 'running')"
    )
    cursor = await connection.execute(
        "INSERT INTO rule_preview (body, begins, ends) VALUES (%s, %s, %s) RETURNING id",
        (Jsonb(msgspec.to_builtins(rule)), begin, end),
    )
    row = await cursor.fetchone()
    assert row is not None
    assert isinstance(row[0], UUID)
    await connection.execute("SELECT pg_notify('mingchu_preview', '')")
    return row[0]


async def one(connection: Connection, identity: UUID) -> PreviewRow | None:
    """A question; None where there is none or it is another authority's."""
    async with connection.cursor(row_factory=class_row(PreviewRow)) as cursor:
        await cursor.execute(
            "SELECT id, body->>'code' AS code, body::text AS body, begins, ends, state, done, total, rows,"
            " answer::text AS answer, why FROM rule_preview WHERE id = %s",
            (identity,),
        )
        return await cursor.fetchone()


async def take(connection: Connection, patience_s: float) -> Taken | None:
    """The oldest question that nobody works at; one whose worker gave no sign of life for `patience_s` begins anew."""
    await connection.execute(
        "UPDATE rule_preview SET state = 'failed', why = 'crashed' WHERE state = 'running' AND tries >= %s"
        " AND taken < now() - make_interval(secs => %s)",
        (MOST_TRIES, patience_s),
    )
    async with connection.cursor(row_factory=class_row(Taken)) as cursor:
        await cursor.execute(
            "UPDATE rule_preview SET state = 'running', taken = now(), tries = tries + 1, done = 0, rows = 0"
            " WHERE id = (SELECT id FROM rule_preview WHERE state = 'waiting'"
            "  OR state = 'running' AND taken < now() - make_interval(secs => %s)"
            "  ORDER BY created LIMIT 1 FOR UPDATE SKIP LOCKED)"
            " RETURNING id, body::text AS body, begins, ends, authority::text AS authority",
            (patience_s,),
        )
        return await cursor.fetchone()


async def progress(connection: Connection, identity: UUID, done: int, total: int, rows: int) -> bool:
    """Say how far it is; False when nobody waits for it any more."""
    cursor = await connection.execute(
        "UPDATE rule_preview SET taken = now(), done = %s, total = %s, rows = %s WHERE id = %s AND state = 'running'",
        (done, total, rows, identity),
    )
    return cursor.rowcount == 1


async def put_back(connection: Connection, identity: UUID) -> None:
    """Let somebody else take it up."""
    await connection.execute(
        "UPDATE rule_preview SET state = 'waiting', tries = tries - 1 WHERE id = %s AND state = 'running'", (identity,)
    )


async def answer(connection: Connection, identity: UUID, found: Replayed) -> None:
    """Answer it."""
    await connection.execute(
        "UPDATE rule_preview SET state = 'done', answer = %s, done = total WHERE id = %s",
        (Jsonb(msgspec.to_builtins(found)), identity),
    )


async def fail(connection: Connection, identity: UUID, why: str) -> None:
    """Give it up; `why` is one sentence, or a word that the texts know."""
    await connection.execute("UPDATE rule_preview SET state = 'failed', why = %s WHERE id = %s", (why[:500], identity))
