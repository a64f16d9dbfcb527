"""Edges as the people of their authority see them: presence, what they have applied, enrolment and revocation."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

import msgspec
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from domain.wire import ConfigApplied
from store.connection import Connection
from store.people import Person


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """One edge. `refused` is JSON text: camera → why its configuration is not followed.

    `admitted`: it has a credential; without one it was revoked or never enrolled. `code_expires`: of a waiting code.
    `ahead_ms`: by how much its clock was ahead of ours, as it said last; `shed`: items that its full spool has shed;
    `step` … `missed`: how it keeps up (domain.wire.EdgeLoad).
    """

    id: int
    code: str
    zh: str
    en: str
    site_id: int | None
    site_code: str | None
    site_zh: str | None
    site_en: str | None
    online: bool
    last_seen: datetime | None
    cameras: int
    config_version: int
    storage: str
    storage_why: str
    applied_version: int | None
    applied_at: datetime | None
    refused: str
    admitted: bool
    enrolled: datetime | None
    revoked: datetime | None
    code_expires: datetime | None
    ahead_ms: int | None
    rtt_ms: int | None
    clock_at: datetime | None
    shed: int
    shed_at: datetime | None
    step: int
    periods: float
    frames: float
    patrolled: int
    missed: int


@dataclass(frozen=True, slots=True)
class EnrolledRow:
    """The edge that a code has enrolled, and where it stands."""

    edge: str
    zh: str
    en: str
    site: str | None
    site_zh: str | None
    site_en: str | None


_EDGES: LiteralString = """
    SELECT edge.id, edge.code, edge.zh, edge.en, site.id AS site_id, site.code AS site_code, site.zh AS site_zh,
        site.en AS site_en, online, last_seen,
        (SELECT count(*)::int FROM camera WHERE camera.edge_id = edge.id AND removed IS NULL) AS cameras,
        config_version, storage, storage_why, applied_version, applied_at, applied_refused::text AS refused, admitted,
        enrolled, revoked,
        (SELECT max(expires) FROM edge_code WHERE edge_id = edge.id AND used IS NULL AND expires > now())
            AS code_expires,
        clock.offset_ms AS ahead_ms, clock.rtt_ms, clock.received AS clock_at, shed, shed_at,
        coalesce(load.step, 0) AS step, coalesce(load.periods, 1) AS periods, coalesce(load.frames, 1) AS frames,
        coalesce(load.patrolled, 0) AS patrolled, coalesce(load.missed, 0) AS missed
    FROM edge LEFT JOIN site ON site.id = edge.site_id LEFT JOIN edge_load AS load ON load.edge_id = edge.id
    LEFT JOIN LATERAL (SELECT offset_ms, rtt_ms, received FROM edge_clock WHERE edge_id = edge.id
        ORDER BY received DESC LIMIT 1) AS clock ON true
"""

_OF_SITE: LiteralString = """
    WHERE edge.code > %(after)s AND (%(site)s::bigint IS NULL OR edge.site_id = %(site)s
        OR EXISTS (SELECT FROM camera WHERE edge_id = edge.id AND camera.site_id = %(site)s AND removed IS NULL)
        OR EXISTS (SELECT FROM edge_site WHERE edge_id = edge.id AND edge_site.site_id = %(site)s))
    ORDER BY edge.code LIMIT %(limit)s
"""


async def edges(
    connection: Connection, site: int | None = None, limit: int = 1000, after: tuple[str] = ("",)
) -> list[EdgeRow]:
    """Edges of the authority and below by code: all, or those that stand at, watch or relay for one site."""
    async with connection.cursor(row_factory=class_row(EdgeRow)) as cursor:
        await cursor.execute(_EDGES + _OF_SITE, {"site": site, "limit": limit, "after": after[0]})
        return await cursor.fetchall()


async def edge(connection: Connection, identity: int) -> EdgeRow | None:
    """One edge, or None where there is none or it is another authority's."""
    async with connection.cursor(row_factory=class_row(EdgeRow)) as cursor:
        await cursor.execute(_EDGES + " WHERE edge.id = %s", (identity,))
        return await cursor.fetchone()


async def add(connection: Connection, site: int, code: str, zh: str, en: str) -> int | None:
    """An edge without a credential, of the site's authority; None where there is no such site.

    Raises psycopg.errors.UniqueViolation for a code that is taken, by whomever.
    """
    cursor = await connection.execute(
        "INSERT INTO edge (code, zh, en, authority, site_id) SELECT %s, %s, %s, authority, id FROM site WHERE id = %s"
        " RETURNING id",
        (code, zh, en, site),
    )
    row = await cursor.fetchone()
    return None if row is None else int(str(row[0]))


async def give_code(connection: Connection, identity: int, person: Person, sha256: bytes, lasts: timedelta) -> datetime:
    """Keep a new code's hash, and say until when it is good. An older one that nobody has used is void."""
    await connection.execute("DELETE FROM edge_code WHERE edge_id = %s AND used IS NULL", (identity,))
    cursor = await connection.execute(
        "INSERT INTO edge_code (sha256, edge_id, person_id, expires) VALUES (%s, %s, %s, now() + %s) RETURNING expires",
        (sha256, identity, person.id, lasts),
    )
    row = await cursor.fetchone()
    assert row is not None
    assert isinstance(row[0], datetime)
    return row[0]


async def redeem(connection: Connection, sha256: bytes, credential: str) -> EnrolledRow | None:
    """Exchange a code for a credential (its hash); None where it is unknown, used or expired. The same pair once more
    has the same answer: the first one may have been lost.
    """
    async with connection.cursor(row_factory=class_row(EnrolledRow)) as cursor:
        await cursor.execute(
            "SELECT edge, zh, en, site, site_zh, site_en FROM redeem_edge_code(%s, %s)", (sha256, credential)
        )
        return await cursor.fetchone()


async def revoke(connection: Connection, identity: int) -> bool:
    """Take the credential and all codes away, used ones too: a repeat must not bring it back. False: not there."""
    await connection.execute("DELETE FROM edge_code WHERE edge_id = %s", (identity,))
    cursor = await connection.execute(
        "UPDATE edge SET credential = NULL, revoked = now(), online = false WHERE id = %s"
        " RETURNING pg_notify('mingchu_config', '')",
        (identity,),
    )
    return cursor.rowcount > 0


async def write_applied(connection: Connection, identity: int, said: ConfigApplied, at: datetime) -> None:
    """What the edge has made of its configuration. Spools keep order: what lands last is the newest."""
    await connection.execute(
        "UPDATE edge SET applied_version = %s, applied_at = %s, applied_refused = %s WHERE id = %s",
        (said.version, at, Jsonb(msgspec.to_builtins(said.refused)), identity),
    )
