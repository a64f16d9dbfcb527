"""Conditions that are true and wait for their rule's duration."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row, tuple_row

from store.alerts import Subject
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


async def find(connection: Connection, subject: Subject) -> PendingRow | None:
    """What waits for that rule and subject."""
    async with connection.cursor(row_factory=class_row(PendingRow)) as cursor:
        await cursor.execute(
            "SELECT rule_code, rule_version, coalesce(device.site_id, camera.site_id) AS site_id, device_id, camera_id,"
            " zone, scene_event_id, since, due, why FROM pending LEFT JOIN device ON device.id = device_id"
            " LEFT JOIN camera ON camera.id = camera_id WHERE rule_code = %s AND coalesce(device_id, 0) = %s"
            " AND coalesce(camera_id, 0) = %s AND zone = %s",
            subject.key,
        )
        return await cursor.fetchone()


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


async def put(connection: Connection, row: PendingRow) -> None:
    """Let a condition wait; one that waits already keeps its place."""
    await connection.execute(
        "INSERT INTO pending (rule_code, rule_version, device_id, camera_id, zone, scene_event_id, since, due, why)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (
            row.rule_code,
            row.rule_version,
            row.device_id,
            row.camera_id,
            row.zone,
            row.scene_event_id,
            row.since,
            row.due,
            row.why,
        ),
    )


async def contact(
    connection: Connection, device: int, rule: str
) -> tuple[datetime | None, datetime | None, bool, datetime, bool]:
    """How a device is heard: its newest reading's own time, when its last message came, whether it is online; what time
    it is; and whether a signal of that rule waits. One statement: what lands meanwhile lands as a whole.
    """
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            # Whose edge is away is not known to be there; whose edge brings what it kept is being heard now.
            "SELECT (SELECT max(time) FROM reading_latest WHERE device_id = device.id), greatest(last_seen, told),"
            " online AND NOT EXISTS (SELECT FROM edge WHERE edge.id = device.via AND NOT edge.online), now(),"
            " EXISTS (SELECT FROM signal WHERE handled IS NULL AND device_id = device.id AND rule_code = %s)"
            " FROM device WHERE id = %s",
            (rule, device),
        )
        row = await cursor.fetchone()
    assert row is not None
    return row[0], row[1], row[2], row[3], row[4]


async def postpone(connection: Connection, subject: Subject, delay_s: float) -> None:
    """Look at a waiting condition again after `delay_s`."""
    await connection.execute(
        "UPDATE pending SET due = now() + make_interval(secs => %s) WHERE rule_code = %s"
        " AND coalesce(device_id, 0) = %s AND coalesce(camera_id, 0) = %s AND zone = %s",
        (delay_s, *subject.key),
    )


async def drop(connection: Connection, subject: Subject) -> None:
    """Nothing waits there any more."""
    await connection.execute(
        "DELETE FROM pending WHERE rule_code = %s AND coalesce(device_id, 0) = %s AND coalesce(camera_id, 0) = %s"
        " AND zone = %s",
        subject.key,
    )
