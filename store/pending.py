"""Conditions that are true and wait for their rule's duration."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row, tuple_row

from store.alerts import Subject, columns
from store.connection import Connection


@dataclass(frozen=True, slots=True)
class PendingRow:
    """One waiting condition: `since` on the subject's clock, `due` on ours."""

    rule_code: str
    rule_version: int
    site_id: int
    device_id: int | None
    camera_id: int | None
    zone: str
    scene_event_id: UUID | None
    since: datetime
    due: datetime
    why: str

    @property
    def subject(self) -> Subject:
        return Subject(self.rule_code, self.device_id, self.camera_id, self.zone)


async def find(connection: Connection, subjects: Collection[Subject]) -> dict[Subject, PendingRow]:
    """What waits for those rules and subjects."""
    async with connection.cursor(row_factory=class_row(PendingRow)) as cursor:
        await cursor.execute(
            "SELECT rule_code, rule_version, coalesce(device.site_id, camera.site_id) AS site_id, device_id, camera_id,"
            " zone, scene_event_id, since, due, why"
            " FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[]) AS wanted (rule, device, camera, place)"
            " JOIN pending ON rule_code = wanted.rule AND coalesce(device_id, 0) = wanted.device"
            " AND coalesce(camera_id, 0) = wanted.camera AND zone = wanted.place"
            " LEFT JOIN device ON device.id = device_id LEFT JOIN camera ON camera.id = camera_id",
            columns(subjects),
        )
        return {row.subject: row for row in await cursor.fetchall()}


async def overdue(connection: Connection, limit: int) -> list[PendingRow]:
    """What has waited long enough, longest overdue first; not what a signal is still to be heard of."""
    async with connection.cursor(row_factory=class_row(PendingRow)) as cursor:
        await cursor.execute(
            "SELECT rule_code, rule_version, coalesce(device.site_id, camera.site_id) AS site_id, device_id, camera_id,"
            " zone, scene_event_id, since, due, why FROM pending LEFT JOIN device ON device.id = device_id"
            " LEFT JOIN camera ON camera.id = camera_id WHERE due <= now() AND NOT EXISTS ("
            "  SELECT FROM signal WHERE handled IS NULL AND signal.rule_code = pending.rule_code"
            "  AND coalesce(signal.device_id, 0) = coalesce(pending.device_id, 0)"
            "  AND coalesce(signal.camera_id, 0) = coalesce(pending.camera_id, 0)) ORDER BY due LIMIT %s",
            (limit,),
        )
        return await cursor.fetchall()


async def seconds_to_next(connection: Connection) -> float | None:
    """Seconds until the next due time (negative: overdue), by the database's clock; None when nothing waits."""
    cursor = await connection.execute("SELECT extract(epoch FROM min(due) - clock_timestamp())::float8 FROM pending")
    row = await cursor.fetchone()
    return None if row is None or row[0] is None else float(str(row[0]))


async def put(connection: Connection, rows: Sequence[PendingRow]) -> None:
    """Let conditions wait; one that waits already keeps its place."""
    if rows:
        await connection.execute(
            "INSERT INTO pending (rule_code, device_id, camera_id, zone, rule_version, scene_event_id, since, due, why)"
            " SELECT rule, nullif(device, 0), nullif(camera, 0), place, version, event, since, due, reason"
            " FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::integer[], %s::uuid[],"
            "  %s::timestamptz[], %s::timestamptz[], %s::text[])"
            "  AS new (rule, device, camera, place, version, event, since, due, reason) ON CONFLICT DO NOTHING",
            (
                *columns([row.subject for row in rows]),
                [row.rule_version for row in rows],
                [row.scene_event_id for row in rows],
                [row.since for row in rows],
                [row.due for row in rows],
                [row.why for row in rows],
            ),
        )


async def contacts(
    connection: Connection, subjects: Collection[Subject]
) -> dict[Subject, tuple[datetime | None, datetime | None, bool, datetime, bool]]:
    """How subjects' devices are heard: the newest reading's own time, when the last message came, whether the device is
    online; what time it is; and whether a signal of that rule waits. One statement: what lands meanwhile lands as a
    whole.
    """
    wanted = [subject for subject in subjects if subject.device_id is not None]
    if not wanted:
        return {}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            # Whose edge is away is not known to be there; whose edge brings what it kept is being heard now.
            "SELECT rule, device.id, (SELECT max(time) FROM reading_latest WHERE device_id = device.id),"
            " greatest(last_seen, told),"
            " online AND NOT EXISTS (SELECT FROM edge WHERE edge.id = device.via AND NOT edge.online), now(),"
            " EXISTS (SELECT FROM signal WHERE handled IS NULL AND device_id = device.id AND rule_code = rule)"
            " FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[]) AS wanted (rule, device, camera, place)"
            " JOIN device ON device.id = wanted.device",
            columns(wanted),
        )
        return {Subject(row[0], row[1], None): row[2:] for row in await cursor.fetchall()}


async def postpone(connection: Connection, subjects: Collection[Subject], delay_s: float) -> None:
    """Look at waiting conditions again after `delay_s`."""
    if subjects:
        await connection.execute(
            "UPDATE pending SET due = now() + make_interval(secs => %s)"
            " FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[]) AS wanted (rule, device, camera, place)"
            " WHERE rule_code = wanted.rule AND coalesce(device_id, 0) = wanted.device"
            " AND coalesce(camera_id, 0) = wanted.camera AND zone = wanted.place",
            (delay_s, *columns(subjects)),
        )


async def drop(connection: Connection, subjects: Collection[Subject]) -> None:
    """Nothing waits there any more."""
    if subjects:
        await connection.execute(
            "DELETE FROM pending USING unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[])"
            "  AS wanted (rule, device, camera, place)"
            " WHERE rule_code = wanted.rule AND coalesce(device_id, 0) = wanted.device"
            " AND coalesce(camera_id, 0) = wanted.camera AND zone = wanted.place",
            columns(subjects),
        )
