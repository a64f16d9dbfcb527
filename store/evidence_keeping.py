"""How long evidence is kept, whose time is over, and the tombstones of what is gone (ADR 34)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from domain.severity import Severity
from store.connection import Connection

# Each reference to some bytes, with the class that it is kept by, what its days count from, and whether it must stay.
# Bytes go when every reference to them may. An alert's evidence counts from its last step; an event's without an alert
# from when we heard of it, as a notice. A complaint's photos are kept as a notice from its last answer, and while it is
# not closed; an inspection's pictures as class III from its end; a tour's as a notice, or class III where something was
# found; each by the alert too that it led to.
_DUE = """
    WITH held AS (
        SELECT alert_id, site_id FROM legal_hold WHERE lifted IS NULL AND coalesce(until, 'infinity') > %(now)s),
    least AS (SELECT %(now)s - make_interval(days => min(days)) AS at FROM evidence_class),
    paper AS NOT MATERIALIZED (
        SELECT sha256, size, alert_id, at FROM rectification_photo
            JOIN rectification ON rectification.id = rectification_id
        UNION ALL SELECT sha256, size, alert_id, at FROM appeal_photo JOIN appeal ON appeal.id = appeal_id
        UNION ALL SELECT sha256, size, alert_id, still.at FROM recheck_still AS still
            JOIN rectification ON rectification.id = rectification_id
        UNION ALL SELECT sha256, size, alert_id, at FROM alert_picture),
    picture AS NOT MATERIALIZED (
        SELECT sha256, size, complaint.at, 4 AS severity, site_id, NULL::bigint AS alert_id,
            coalesce((SELECT max(said.at) FROM complaint_answer AS said WHERE said.complaint_id = complaint.id),
                complaint.at) AS since,
            NOT EXISTS (SELECT FROM complaint_answer AS said WHERE said.complaint_id = complaint.id AND closes) AS open
        FROM complaint_photo JOIN complaint ON complaint.id = complaint_id
        UNION ALL SELECT sha256, size, one.at, 3, site_id, told.alert_id, coalesce(done, one.at), done IS NULL
        FROM inspection_paper AS one JOIN inspection ON inspection.id = one.inspection_id
        LEFT JOIN inspection_answer AS told ON told.inspection_id = one.inspection_id AND told.item = one.item
        UNION ALL SELECT sha256, size, one.at, CASE WHEN found.id IS NULL THEN 4 ELSE 3 END, site_id, NULL,
            coalesce(found.at, one.at), false
        FROM tour_picture AS one JOIN tour_look ON tour_look.id = look_id JOIN camera ON camera.id = camera_id
        LEFT JOIN tour_finding AS found ON found.look_id = one.look_id),
    old AS (
        SELECT sha256 FROM evidence JOIN scene_event ON scene_event.id = scene_event_id, least WHERE received < least.at
        UNION SELECT sha256 FROM paper, least WHERE paper.at < least.at
        UNION SELECT sha256 FROM picture, least WHERE picture.at < least.at
        EXCEPT SELECT sha256 FROM evidence_tombstone WHERE gone IS NOT NULL),
    reference AS (
        SELECT old.sha256, evidence.size, coalesce(told.severity, 4) AS severity,
            coalesce(told.since, scene_event.received) AS since,
            coalesce(told.unfinished, false) OR coalesce(told.held, false)
                OR camera.site_id IN (SELECT site_id FROM held WHERE site_id IS NOT NULL) AS stays
        FROM old JOIN evidence USING (sha256) JOIN scene_event ON scene_event.id = scene_event_id
        JOIN camera ON camera.id = camera_id
        LEFT JOIN LATERAL (SELECT min(severity) AS severity,
            bool_or(status NOT IN ('closed', 'dismissed')) AS unfinished,
            bool_or(alert.id IN (SELECT held.alert_id FROM held WHERE held.alert_id IS NOT NULL)) AS held,
            max((SELECT max(at) FROM alert_history WHERE alert_id = alert.id)) AS since
            FROM alert WHERE scene_event_id = scene_event.id) AS told ON true
        UNION ALL
        SELECT old.sha256, paper.size, severity,
            (SELECT max(at) FROM alert_history WHERE alert_id = alert.id),
            status NOT IN ('closed', 'dismissed')
                OR alert.id IN (SELECT held.alert_id FROM held WHERE held.alert_id IS NOT NULL)
                OR site_id IN (SELECT site_id FROM held WHERE site_id IS NOT NULL)
        FROM old JOIN paper USING (sha256) JOIN alert ON alert.id = paper.alert_id
        UNION ALL
        SELECT old.sha256, picture.size, least(picture.severity, alert.severity),
            greatest(picture.since, (SELECT max(at) FROM alert_history WHERE alert_id = alert.id)),
            open OR coalesce(status NOT IN ('closed', 'dismissed'), false)
                OR alert.id IS NOT NULL
                    AND alert.id IN (SELECT held.alert_id FROM held WHERE held.alert_id IS NOT NULL)
                OR picture.site_id IN (SELECT site_id FROM held WHERE site_id IS NOT NULL)
        FROM old JOIN picture USING (sha256) LEFT JOIN alert ON alert.id = picture.alert_id)
    SELECT sha256, max(size) AS size, min(severity)::int AS severity, max(days) AS days, max(since) AS since,
        EXISTS (SELECT FROM evidence_tombstone WHERE evidence_tombstone.sha256 = reference.sha256) AS decided
    FROM reference JOIN evidence_class USING (severity) GROUP BY sha256
    HAVING bool_and(NOT stays AND since + make_interval(days => days) <= %(now)s) ORDER BY since, sha256 LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Due:
    """Bytes whose time is over: the class that kept them, for how many days, and since when these count.

    `decided`: a run before began to delete them.
    """

    sha256: str
    size: int
    severity: int
    days: int
    since: datetime
    decided: bool


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of bytes that were deleted at `gone`."""

    sha256: str
    size: int
    severity: int
    days: int
    since: datetime
    gone: datetime

    @property
    def rule(self) -> str:
        """By which rule they went."""
        return f"class {Severity(self.severity).name}: {self.days} days from {self.since:%Y-%m-%dT%H:%M:%SZ}"


async def days(connection: Connection) -> Mapping[Severity, int]:
    """Days that each class of evidence is kept."""
    cursor = await connection.execute("SELECT severity, days FROM evidence_class ORDER BY severity")
    return {Severity(int(str(severity))): int(str(number)) for severity, number in await cursor.fetchall()}


async def keep(connection: Connection, severity: Severity, number: int) -> None:
    """Keep a class for so many days from now on; as the owner."""
    await connection.execute("UPDATE evidence_class SET days = %s WHERE severity = %s", (number, int(severity)))


async def lock(connection: Connection) -> None:
    """Have whoever places a hold wait, until `unlock`."""
    await connection.execute("SELECT pg_advisory_lock(hashtext('mingchu.evidence'))")


async def unlock(connection: Connection) -> None:
    """Let holds be placed again."""
    await connection.execute("SELECT pg_advisory_unlock(hashtext('mingchu.evidence'))")


async def due(connection: Connection, now: datetime, limit: int) -> list[Due]:
    """Whose time is over and that no hold keeps, the oldest first; under the lock."""
    async with connection.cursor(row_factory=class_row(Due)) as cursor:
        await cursor.execute(_DUE, {"now": now, "limit": limit})
        return await cursor.fetchall()


async def decide(connection: Connection, wanted: Sequence[Due]) -> None:
    """Write down what will be deleted, before it is."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO evidence_tombstone (sha256, size, severity, days, since) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (sha256) DO NOTHING",
            [(one.sha256, one.size, one.severity, one.days, one.since) for one in wanted],
        )


async def gone(connection: Connection, addresses: Sequence[str], *, found: bool) -> None:
    """Write down that these are deleted now, or (not `found`) that they had never come."""
    await connection.execute(
        "UPDATE evidence_tombstone SET gone = clock_timestamp(), found = %s WHERE sha256 = ANY(%s) AND gone IS NULL",
        (found, list(addresses)),
    )


async def tombstones(connection: Connection, addresses: Sequence[str]) -> dict[str, Tombstone]:
    """Those of these bytes that are gone by their time, as far as the person may see them."""
    async with connection.cursor(row_factory=class_row(Tombstone)) as cursor:
        await cursor.execute(
            "SELECT sha256, size, severity, days, since, gone FROM evidence_tombstone WHERE sha256 = ANY(%s) AND found",
            (list(addresses),),
        )
        return {one.sha256: one for one in await cursor.fetchall()}
