"""The hash chains of audit log and alert histories: their heads, and the first row that does not fit (PROMISES S11).

All as the owner, but for `audit_head`. The server recomputes the hashes as its triggers made them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.rows import class_row

from domain.export import ChainHead
from store.connection import Connection

AUDIT, HISTORY, SCENES = "audit", "alert_history", "scene_events"


@dataclass(frozen=True, slots=True)
class Broken:
    """A row of a chain that was edited, or whose predecessor is gone; `alert` None: of the audit log."""

    entry: int
    alert: int | None
    at: str
    action: str


@dataclass(frozen=True, slots=True)
class Unlike:
    """An alert whose status is not what its history ends with: the newest steps are gone, or the status was edited."""

    alert: int
    status: str
    told: str | None


async def audit_head(connection: Connection) -> ChainHead | None:
    """The newest audit row: within a transaction that has written one, its own."""
    cursor = await connection.execute("SELECT id, encode(hash, 'hex') FROM audit ORDER BY id DESC LIMIT 1")
    row = await cursor.fetchone()
    return None if row is None else ChainHead(AUDIT, "", int(str(row[0])), str(row[1]))


async def lengths(connection: Connection) -> tuple[int, int]:
    """How many rows the audit log has, and all histories together."""
    cursor = await connection.execute(
        "SELECT (SELECT count(*) FROM audit)::int, (SELECT count(*) FROM alert_history)::int"
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(str(row[0])), int(str(row[1]))


async def first_broken_audit(connection: Connection) -> Broken | None:
    """The first audit row that does not follow the one before it.

    Rows from before migration 0021 may follow another near one: they were numbered before their turn in the chain.
    The api's admins may ask it too.
    """
    async with connection.cursor(row_factory=class_row(Broken)) as cursor:
        await cursor.execute("SELECT entry, NULL::bigint AS alert, at, action FROM audit_broken()")
        return await cursor.fetchone()


async def first_broken_history(connection: Connection) -> Broken | None:
    """The first step of any alert's history that does not follow the one before it."""
    async with connection.cursor(row_factory=class_row(Broken)) as cursor:
        await cursor.execute(
            "WITH link AS (SELECT id, alert_id, at, action, hash,"
            " lag(hash, 1, ''::bytea) OVER (PARTITION BY alert_id ORDER BY id) AS previous, jsonb_build_array(alert_id,"
            " extract(epoch FROM at), person_id, action, source, target, condition, reason)::text AS body"
            " FROM alert_history)"
            " SELECT id AS entry, alert_id AS alert, at::text, action FROM link"
            " WHERE hash <> sha256(previous || convert_to(body, 'UTF8')) ORDER BY id LIMIT 1"
        )
        return await cursor.fetchone()


async def first_unlike(connection: Connection) -> Unlike | None:
    """The first alert whose status is not the newest step's target; a chain alone does not miss its newest links."""
    async with connection.cursor(row_factory=class_row(Unlike)) as cursor:
        await cursor.execute(
            "SELECT alert.id AS alert, alert.status, newest.target AS told FROM alert LEFT JOIN LATERAL"
            " (SELECT target FROM alert_history WHERE alert_id = alert.id ORDER BY id DESC LIMIT 1) AS newest ON true"
            " WHERE newest.target IS DISTINCT FROM alert.status ORDER BY alert.id LIMIT 1"
        )
        return await cursor.fetchone()


async def holds(connection: Connection, head: ChainHead) -> bool | None:
    """Whether an entry that an export names is there as it was; None for a chain that is not known here."""
    cursor = await connection.execute(
        "SELECT CASE %(chain)s::text"
        " WHEN 'audit' THEN EXISTS (SELECT FROM audit WHERE id = %(entry)s AND hash = decode(%(hash)s, 'hex'))"
        " WHEN 'alert_history' THEN EXISTS (SELECT FROM alert_history WHERE id = %(entry)s"
        "  AND alert_id::text = %(subject)s AND hash = decode(%(hash)s, 'hex'))"
        " WHEN 'scene_events' THEN EXISTS (SELECT FROM evidence_link AS link JOIN camera ON camera.id = link.camera_id"
        "  WHERE camera.code = %(subject)s AND link.place = %(entry)s AND link.hash = %(hash)s) END",
        {"chain": head.chain, "subject": head.subject, "entry": head.entry, "hash": head.hash},
    )
    row = await cursor.fetchone()
    return None if row is None or row[0] is None else bool(row[0])


async def unknown(connection: Connection, addresses: Sequence[str]) -> list[str]:
    """Those of the SHA-256 that no evidence and no photo of a report has any more."""
    cursor = await connection.execute(
        "SELECT wanted FROM unnest(%s::text[]) AS wanted WHERE NOT EXISTS (SELECT FROM evidence WHERE sha256 = wanted)"
        " AND NOT EXISTS (SELECT FROM rectification_photo WHERE sha256 = wanted)"
        " AND NOT EXISTS (SELECT FROM inspection_paper WHERE sha256 = wanted) ORDER BY wanted",
        (list(addresses),),
    )
    return [str(row[0]) for row in await cursor.fetchall()]
