"""Alerts and their history: what the engine and the workflow write."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from domain.alert import Condition, Status
from domain.schedule import Schedule
from domain.severity import Severity
from store.connection import Connection


@dataclass(frozen=True, slots=True)
class Subject:
    """What an incident is about: one rule on one device, or on one camera's zone."""

    rule_code: str
    device_id: int | None
    camera_id: int | None
    zone: str = ""

    @property
    def key(self) -> tuple[str, int, int, str]:
        """As the unique indexes of alert and pending spell it."""
        return self.rule_code, self.device_id or 0, self.camera_id or 0, self.zone


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """A subject's unfinished alert."""

    id: int
    status: Status
    condition: Condition
    cleared: datetime | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", Status(self.status))
        object.__setattr__(self, "condition", Condition(self.condition))


@dataclass(frozen=True, slots=True)
class NewAlert:
    """An alert to be raised now. `cleared` is set when the condition is over already."""

    subject: Subject
    rule_version: int
    site_id: int
    scene_event_id: UUID | None
    severity: Severity
    began: datetime
    cleared: datetime | None
    allowed: timedelta  # until people must have acted
    why: str


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One step of an alert; `person_id` is None for the system."""

    alert_id: int
    action: str
    source: Status | None
    target: Status
    condition: Condition
    reason: str = ""
    person_id: int | None = None


async def find_open(connection: Connection, subject: Subject) -> OpenAlert | None:
    """The subject's unfinished alert, locked until the transaction ends."""
    async with connection.cursor(row_factory=class_row(OpenAlert)) as cursor:
        await cursor.execute(
            "SELECT id, status, condition, cleared FROM alert WHERE rule_code = %s AND coalesce(device_id, 0) = %s"
            " AND coalesce(camera_id, 0) = %s AND zone = %s AND status NOT IN ('closed', 'dismissed') FOR UPDATE",
            subject.key,
        )
        return await cursor.fetchone()


async def add(connection: Connection, new: NewAlert) -> int:
    """Raise an alert and return its id; the index alert_incident refuses a second open one of the same subject."""
    condition = Condition.ACTIVE if new.cleared is None else Condition.CLEARED
    cursor = await connection.execute(
        "INSERT INTO alert (rule_code, rule_version, site_id, device_id, camera_id, zone, scene_event_id, severity,"
        " condition, status, began, cleared, due, why)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'open', %s, %s, now() + %s, %s) RETURNING id",
        (
            new.subject.rule_code,
            new.rule_version,
            new.site_id,
            new.subject.device_id,
            new.subject.camera_id,
            new.subject.zone,
            new.scene_event_id,
            int(new.severity),
            condition,
            new.began,
            new.cleared,
            new.allowed,
            new.why,
        ),
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(str(row[0]))


async def set_condition(connection: Connection, alert: int, cleared: datetime | None) -> None:
    """Say whether it is still so. The version stays: only what people do makes their copies out of date."""
    condition = Condition.ACTIVE if cleared is None else Condition.CLEARED
    await connection.execute(
        "UPDATE alert SET condition = %s, cleared = %s, changed = clock_timestamp() WHERE id = %s",
        (condition, cleared, alert),
    )


async def add_history(connection: Connection, entry: HistoryEntry) -> None:
    """Append to the alert's hash chain. The caller holds the alert's row lock, so that the chain has no fork."""
    await connection.execute(
        "INSERT INTO alert_history (alert_id, at, person_id, action, source, target, condition, reason)"
        " VALUES (%s, clock_timestamp(), %s, %s, %s, %s, %s, %s)",
        (
            entry.alert_id,
            entry.person_id,
            entry.action,
            entry.source,
            entry.target,
            entry.condition,
            entry.reason,
        ),
    )


async def announce(connection: Connection, alert: int) -> None:
    """Tell the live views, at commit, that this alert has changed."""
    await connection.execute("SELECT pg_notify('mingchu_alert', %s)", (str(alert),))


async def schedule(connection: Connection, site: int) -> Schedule:
    """A site's opening hours."""
    cursor = await connection.execute("SELECT schedule FROM site WHERE id = %s", (site,))
    row = await cursor.fetchone()
    assert row is not None
    return msgspec.convert(row[0], Schedule)
