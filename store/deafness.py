"""Whether any ingest process hears the broker, and the times when none did."""

from dataclasses import dataclass

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class Hearing:
    """`hears`: None where no ingest process has ever spoken. `spell`: the deafness that is noted as going on.

    `lasts_s`: of that one. `over_s`: since the last one ended.
    """

    hears: bool | None
    spell: int | None
    told: bool
    lasts_s: float
    over_s: float | None


async def now(connection: Connection, within_s: float) -> Hearing:
    """How it stands. Who has not spoken for `within_s` hears nothing; who has is `linked` unless it denies that."""
    async with connection.cursor(row_factory=class_row(Hearing)) as cursor:
        await cursor.execute(
            "SELECT (SELECT bool_or(seen > now() - make_interval(secs => %(within)s)"
            "   AND coalesce((counters->>'linked')::int, 1) > 0) FROM process WHERE service = 'ingest') AS hears,"
            " spell.id AS spell, spell.told IS NOT NULL AS told,"
            " coalesce(extract(epoch FROM now() - spell.began), 0)::float8 AS lasts_s,"
            " (SELECT extract(epoch FROM now() - max(ended))::float8 FROM deafness) AS over_s"
            " FROM (SELECT) AS one LEFT JOIN deafness AS spell ON spell.ended IS NULL",
            {"within": within_s},
        )
        row = await cursor.fetchone()
    assert row is not None
    return row


async def begin(connection: Connection) -> None:
    await connection.execute("INSERT INTO deafness DEFAULT VALUES ON CONFLICT DO NOTHING")


async def end(connection: Connection, spell: int) -> None:
    await connection.execute("UPDATE deafness SET ended = now() WHERE id = %s", (spell,))


async def tell(connection: Connection, spell: int, reason: str) -> int:
    """One notice to the living channels of the authority at the top; returns how many."""
    await connection.execute("UPDATE deafness SET told = coalesce(told, now()) WHERE id = %s", (spell,))
    cursor = await connection.execute(
        "INSERT INTO push (channel_id, about, reason) SELECT id, id, %s FROM channel"
        " WHERE authority IS NOT NULL AND channel_leads(id) AND nlevel(authority) = ("
        "  SELECT min(nlevel(authority)) FROM channel WHERE authority IS NOT NULL AND channel_leads(id))",
        (reason,),
    )
    if cursor.rowcount:
        await connection.execute("SELECT pg_notify('mingchu_push', '')")
    return max(cursor.rowcount, 0)
