"""Troubles of the house itself, each from when until when: nobody hears the broker, a disk is full."""

from dataclasses import dataclass
from enum import StrEnum

from psycopg.rows import class_row

from store.connection import Connection


class Trouble(StrEnum):
    """Kinds, as they are stored."""

    DEAF = "deaf"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Spell:
    """How it stands with one kind. `going`: the trouble that is noted as going on, since `lasts_s`.

    `over_s`: since the last one ended.
    """

    going: int | None = None
    told: bool = False
    lasts_s: float = 0.0
    over_s: float | None = None


async def spell(connection: Connection, kind: Trouble) -> Spell:
    """What is noted of it."""
    async with connection.cursor(row_factory=class_row(Spell)) as cursor:
        await cursor.execute(
            "SELECT one.id AS going, one.told IS NOT NULL AS told,"
            " coalesce(extract(epoch FROM now() - one.began), 0)::float8 AS lasts_s,"
            " (SELECT extract(epoch FROM now() - max(ended))::float8 FROM trouble WHERE kind = %(kind)s) AS over_s"
            " FROM (SELECT) AS always LEFT JOIN trouble AS one ON one.kind = %(kind)s AND one.ended IS NULL",
            {"kind": kind},
        )
        row = await cursor.fetchone()
    assert row is not None
    return row


async def hears(connection: Connection, within_s: float) -> bool | None:
    """Whether any ingest process hears the broker; None where none has ever spoken.

    Who has not spoken for `within_s` hears nothing; who has is `linked` unless it denies that.
    """
    cursor = await connection.execute(
        "SELECT bool_or(seen > now() - make_interval(secs => %s) AND coalesce((counters->>'linked')::int, 1) > 0)"
        " FROM process WHERE service = 'ingest'",
        (within_s,),
    )
    row = await cursor.fetchone()
    assert row is not None
    return None if row[0] is None else bool(row[0])


async def full(connection: Connection, within_s: float) -> list[str]:
    """The processes that have spoken within that time and lately found no room for what they write."""
    cursor = await connection.execute(
        "SELECT service || ' ' || instance FROM process WHERE seen > now() - make_interval(secs => %s)"
        " AND coalesce((counters->>'full')::int, 0) > 0 ORDER BY 1",
        (within_s,),
    )
    return [str(row[0]) for row in await cursor.fetchall()]


async def begin(connection: Connection, kind: Trouble) -> None:
    await connection.execute("INSERT INTO trouble (kind) VALUES (%s) ON CONFLICT DO NOTHING", (kind,))


async def end(connection: Connection, going: int) -> None:
    await connection.execute("UPDATE trouble SET ended = now() WHERE id = %s", (going,))


async def tell(connection: Connection, going: int, reason: str) -> int:
    """One notice to the living channels of the authority at the top; returns how many."""
    await connection.execute("UPDATE trouble SET told = coalesce(told, now()) WHERE id = %s", (going,))
    cursor = await connection.execute(
        "INSERT INTO push (channel_id, about, reason) SELECT id, id, %s FROM channel"
        " WHERE authority IS NOT NULL AND channel_leads(id) AND nlevel(authority) = ("
        "  SELECT min(nlevel(authority)) FROM channel WHERE authority IS NOT NULL AND channel_leads(id))",
        (reason,),
    )
    if cursor.rowcount:
        await connection.execute("SELECT pg_notify('mingchu_push', '')")
    return max(cursor.rowcount, 0)
