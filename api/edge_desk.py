"""What pages and REST do with edges: add one, give it a code, revoke it; audited, in one transaction."""

from datetime import timedelta
from typing import Literal, cast

import msgspec
from psycopg import errors

from api.alert_model import Named
from api.camera_desk import must_configure
from api.case_view import worded
from api.desk import Desk
from api.edge_model import Clock, Edge, EdgeCode, NewEdge
from api.problem import ProblemError, not_found
from domain import enrolment
from domain.wire import CLOCK_BOUND_MS
from store import edges, people, places
from store.connection import Connection
from store.edges import EdgeRow
from store.people import Person

LASTS = timedelta(minutes=30)


def edge(row: EdgeRow) -> Edge:
    """One edge."""
    return Edge(
        id=row.id,
        code=row.code,
        zh=row.zh,
        en=row.en,
        site=_site(row),
        state="active" if row.admitted else "revoked" if row.revoked else "waiting",
        code_expires=row.code_expires,
        enrolled=row.enrolled,
        revoked=row.revoked,
        online=row.online,
        last_seen=row.last_seen,
        config_version=row.config_version,
        storage=cast(Literal["OK", "SHEDDING", "FULL"], row.storage),
        storage_wording=worded(row.storage_why),
        applied_version=row.applied_version,
        applied_at=row.applied_at,
        refused=msgspec.json.decode(row.refused, type=dict[str, str]),
        cameras=row.cameras,
        clock=_clock(row),
        shed=row.shed,
        shed_at=row.shed_at,
        step=row.step,
        periods=row.periods,
        frames=row.frames,
        patrolled=row.patrolled,
        missed=row.missed,
    )


def _clock(row: EdgeRow) -> Clock | None:
    if row.ahead_ms is None or row.rtt_ms is None or row.clock_at is None:
        return None
    wrong = abs(row.ahead_ms) > CLOCK_BOUND_MS
    return Clock(ahead_ms=row.ahead_ms, rtt_ms=row.rtt_ms, at=row.clock_at, wrong=wrong)


def _site(row: EdgeRow) -> Named | None:
    if row.site_id is None or row.site_code is None:  # none, or not the person's to see
        return None
    return Named(id=row.site_id, code=row.site_code, zh=row.site_zh or "", en=row.site_en or "")


async def listed(at: Desk, person: Person, limit: int = 1000, after: tuple[str] = ("",)) -> list[Edge]:
    """The edges of the person's authority, by code; operators have none."""
    async with at.scoped(person) as connection:
        return [edge(row) for row in await edges.edges(connection, limit=limit, after=after)]


async def read(at: Desk, person: Person, edge_id: int) -> Edge:
    """One edge; 404 where it is not the person's to see."""
    async with at.scoped(person) as connection:
        return edge(await _row(connection, edge_id))


async def add(at: Desk, person: Person, site_id: int, wanted: NewEdge) -> EdgeCode:
    """A new edge at a site, and its first code."""
    async with at.scoped(person) as connection:
        if await places.site(connection, site_id) is None:
            raise not_found()
        must_configure(person)
        try:
            made = await edges.add(connection, site_id, wanted.code, wanted.zh.strip(), wanted.en.strip())
        except errors.UniqueViolation as error:
            raise ProblemError(409, "code_taken", {"code": wanted.code}) from error
        if made is None:
            raise not_found()
        await people.audit(connection, person, "edge_added", {"edge": wanted.code, "site": site_id})
        return await _code(at, connection, person, made)


async def give_code(at: Desk, person: Person, edge_id: int) -> EdgeCode:
    """Another code for an edge that is there; with it a machine takes the place of the one before."""
    async with at.scoped(person) as connection:
        await _row(connection, edge_id)
        must_configure(person)
        return await _code(at, connection, person, edge_id)


async def revoke(at: Desk, person: Person, edge_id: int) -> Edge:
    """From now on neither broker nor api let it in."""
    async with at.scoped(person) as connection:
        row = await _row(connection, edge_id)
        must_configure(person)
        await edges.revoke(connection, edge_id)
        await people.audit(connection, person, "edge_revoked", {"edge": row.code})
        return edge(await _row(connection, edge_id))


async def _row(connection: Connection, edge_id: int) -> EdgeRow:
    row = await edges.edge(connection, edge_id)
    if row is None:
        raise not_found()
    return row


async def _code(at: Desk, connection: Connection, person: Person, edge_id: int) -> EdgeCode:
    row = await _row(connection, edge_id)
    shown = enrolment.generate()
    sha256 = enrolment.fingerprint(enrolment.normalise(shown))
    expires = await edges.give_code(connection, edge_id, person, sha256, LASTS)
    await people.audit(connection, person, "edge_code", {"edge": row.code})
    return EdgeCode(
        edge=Named(id=row.id, code=row.code, zh=row.zh, en=row.en),
        code=shown,
        expires=expires,
        command=f"mingchu edge enroll {shown} --api-url {at.config.console_url}",
    )
