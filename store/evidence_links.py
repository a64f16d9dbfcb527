"""The chain of each camera's evidence: the statements as the edge made them, and what the tables say of the same."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row, scalar_row

from domain.chain import digest
from domain.wire import Statement
from store.connection import Connection

_PAGE = 200


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One statement of a camera's chain. `chain` and `event` in 32 hex digits."""

    chain: str
    place: int
    previous: str
    hash: str
    event: str
    statement: bytes
    received: datetime


@dataclass(frozen=True, slots=True)
class SceneColumns:
    """A scene event as its row has it; `samples` is JSON."""

    id: str
    scene: str
    zone: str
    track: int
    first: datetime
    best: datetime
    last: datetime
    why: str
    samples: str
    model: str
    rule_version: int
    ended: datetime | None
    ended_why: str


@dataclass(frozen=True, slots=True)
class PieceColumns:
    """A piece of evidence as its row has it; a missing one is of kind "no clip" and so on, without a size."""

    event: str
    kind: str
    sha256: str
    media_type: str
    size: int | None
    begin: datetime
    end: datetime
    complete: bool
    why: str
    of: str | None


async def add(connection: Connection, camera: int, said: Statement, statement: bytes) -> None:
    """Keep a statement in its camera's chain; edges of before made none. The same one again changes nothing."""
    link = said.link
    if link is None:
        return
    await connection.execute(
        "INSERT INTO evidence_link (camera_id, chain, place, previous, hash, scene_event_id, statement)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (camera, link.chain, link.index, link.previous, digest(statement), said.id, statement),
    )


async def camera(connection: Connection, code: str) -> int | None:
    """The camera's id, or None where there is none of that code."""
    async with connection.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute("SELECT id FROM camera WHERE code = %s", (code,))
        found: int | None = await cursor.fetchone()
        return found


async def chains(connection: Connection, camera: int) -> list[str]:
    """A camera's chains in the order in which they began to arrive."""
    cursor = await connection.execute(
        "SELECT replace(chain::text, '-', '') FROM evidence_link WHERE camera_id = %s"
        " GROUP BY chain ORDER BY min(received), chain",
        (camera,),
    )
    return [str(row[0]) for row in await cursor.fetchall()]


async def links(connection: Connection, camera: int, chain: str) -> AsyncIterator[LinkRow]:
    """All links of a chain in order; read in pages, since a chain may be long."""
    place, digest = 0, ""
    while page := await _page(connection, camera, chain, place, digest):
        for row in page:
            yield row
        place, digest = page[-1].place, page[-1].hash


async def _page(connection: Connection, camera: int, chain: str, place: int, digest: str) -> list[LinkRow]:
    async with connection.cursor(row_factory=class_row(LinkRow)) as cursor:
        await cursor.execute(
            "SELECT replace(chain::text, '-', '') AS chain, place, previous, hash,"
            " replace(scene_event_id::text, '-', '') AS event, statement, received FROM evidence_link"
            " WHERE camera_id = %s AND chain = %s::uuid AND (place, hash) > (%s, %s) ORDER BY place, hash LIMIT %s",
            (camera, chain, place, digest, _PAGE),
        )
        return await cursor.fetchall()


async def around(connection: Connection, event: str) -> list[LinkRow]:
    """The links of a scene event's statements with all between them, the one before and the one after, in order."""
    async with connection.cursor(row_factory=class_row(LinkRow)) as cursor:
        await cursor.execute(
            "SELECT replace(link.chain::text, '-', '') AS chain, place, previous, hash,"
            " replace(scene_event_id::text, '-', '') AS event, statement, received FROM evidence_link AS link JOIN ("
            "  SELECT camera_id, chain, min(place) AS low, max(place) AS high FROM evidence_link"
            "  WHERE scene_event_id = %s::uuid GROUP BY camera_id, chain) AS own"
            " ON link.camera_id = own.camera_id AND link.chain = own.chain"
            " AND link.place BETWEEN own.low - 1 AND own.high + 1 ORDER BY link.chain, place, hash",
            (event,),
        )
        return await cursor.fetchall()


async def scenes(connection: Connection, events: Sequence[str]) -> list[SceneColumns]:
    """Scene events as their rows have them."""
    async with connection.cursor(row_factory=class_row(SceneColumns)) as cursor:
        await cursor.execute(
            "SELECT replace(id::text, '-', '') AS id, scene, zone, track, first, best, last, why,"
            " samples::text AS samples, model, rule_version, ended, ended_why FROM scene_event"
            " WHERE id = ANY(%s::uuid[])",
            (list(events),),
        )
        return await cursor.fetchall()


async def pieces(connection: Connection, events: Sequence[str]) -> list[PieceColumns]:
    """The evidence of scene events, and what is missing, as their rows have it."""
    async with connection.cursor(row_factory=class_row(PieceColumns)) as cursor:
        await cursor.execute(
            "SELECT replace(scene_event_id::text, '-', '') AS event, kind, sha256, media_type, size,"
            " begin_at AS begin, end_at AS end, complete, why, of_sha256 AS of FROM evidence"
            " WHERE scene_event_id = ANY(%(events)s::uuid[]) UNION ALL"
            " SELECT replace(scene_event_id::text, '-', ''), 'no ' || part, sha256, '', NULL, at, at, false, why, NULL"
            " FROM evidence_missing WHERE scene_event_id = ANY(%(events)s::uuid[])",
            {"events": list(events)},
        )
        return await cursor.fetchall()


async def unstated(connection: Connection, camera: int) -> list[str]:
    """Scene events of a camera that no statement speaks of, although its chain had begun when they came."""
    cursor = await connection.execute(
        "SELECT replace(id::text, '-', '') FROM scene_event WHERE camera_id = %(camera)s"
        " AND NOT EXISTS (SELECT FROM evidence_link WHERE scene_event_id = scene_event.id)"
        " AND received > (SELECT min(received) FROM evidence_link WHERE camera_id = %(camera)s) ORDER BY received",
        {"camera": camera},
    )
    return [str(row[0]) for row in await cursor.fetchall()]
