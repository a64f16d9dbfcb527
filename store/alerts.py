"""Alerts and their history: what the engine and the workflow write."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from domain.alert import Condition, Status
from domain.schedule import Schedule
from domain.severity import Severity
from store.connection import Connection


@dataclass(frozen=True, slots=True)
class Subject:
    """What an incident is about: one rule on one device, on one camera's zone, or on a site or its edge `zone`."""

    rule_code: str
    device_id: int | None
    camera_id: int | None
    zone: str = ""
    site_id: int | None = None  # of what is about neither device nor camera


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """A subject's unfinished alert."""

    id: int
    status: Status
    condition: Condition
    cleared: datetime | None
    severity: Severity

    def __post_init__(self) -> None:
        object.__setattr__(self, "severity", Severity(self.severity))
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


def columns(subjects: Collection[Subject]) -> tuple[list[str], list[int], list[int], list[str]]:
    """Subjects as parameters text[], bigint[], bigint[], text[], as the unique indexes spell them."""
    return (
        [one.rule_code for one in subjects],
        [one.device_id or 0 for one in subjects],
        [one.camera_id or 0 for one in subjects],
        [one.zone for one in subjects],
    )


async def find_open(connection: Connection, subjects: Collection[Subject]) -> dict[Subject, OpenAlert]:
    """The subjects' unfinished alerts, locked until the transaction ends."""
    cursor = await connection.execute(
        "SELECT rule_code, device_id, camera_id, zone, nullif(wanted.site, 0), id, status, condition, cleared, severity"
        " FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[])"
        "  AS wanted (rule, device, camera, place, site)"
        " JOIN alert ON rule_code = wanted.rule AND coalesce(device_id, 0) = wanted.device"
        " AND coalesce(camera_id, 0) = wanted.camera AND zone = wanted.place"
        " AND (CASE WHEN device_id IS NULL AND camera_id IS NULL THEN site_id ELSE 0 END) = wanted.site"
        " AND status NOT IN ('closed', 'dismissed') ORDER BY id FOR UPDATE OF alert",
        (*columns(subjects), [one.site_id or 0 for one in subjects]),
    )
    return {Subject(*row[:5]): OpenAlert(*row[5:]) for row in await cursor.fetchall()}  # type: ignore[arg-type]


async def add(connection: Connection, new: Sequence[NewAlert]) -> dict[Subject, int]:
    """Raise alerts of different subjects and return their ids.

    The index alert_incident refuses a second open one of the same subject.
    """
    if not new:
        return {}
    cursor = await connection.execute(
        "INSERT INTO alert (rule_code, rule_version, site_id, device_id, camera_id, zone, scene_event_id, severity,"
        " condition, status, began, cleared, due, why)"
        " SELECT rule, version, site, nullif(device, 0), nullif(camera, 0), place, event, severity,"
        " CASE WHEN over IS NULL THEN 'ACTIVE' ELSE 'CLEARED' END, 'open', began, over, now() + allowed, reason"
        " FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::integer[], %s::bigint[], %s::uuid[],"
        "  %s::smallint[], %s::timestamptz[], %s::timestamptz[], %s::interval[], %s::text[])"
        "  AS new (rule, device, camera, place, version, site, event, severity, began, over, allowed, reason)"
        " RETURNING rule_code, device_id, camera_id, zone,"
        "  CASE WHEN device_id IS NULL AND camera_id IS NULL THEN site_id END, id",
        (
            *columns([one.subject for one in new]),
            [one.rule_version for one in new],
            [one.site_id for one in new],
            [one.scene_event_id for one in new],
            [int(one.severity) for one in new],
            [one.began for one in new],
            [one.cleared for one in new],
            [one.allowed for one in new],
            [one.why for one in new],
        ),
    )
    return {Subject(*row[:5]): int(str(row[5])) for row in await cursor.fetchall()}  # type: ignore[arg-type]


async def set_conditions(connection: Connection, alerts: Sequence[int], cleared: Sequence[datetime | None]) -> None:
    """Say since when each is over, None where it is still so.

    The version stays: only what people do makes their copies out of date.
    """
    if alerts:
        await connection.execute(
            "UPDATE alert SET condition = CASE WHEN over IS NULL THEN 'ACTIVE' ELSE 'CLEARED' END, cleared = over,"
            " changed = clock_timestamp() FROM unnest(%s::bigint[], %s::timestamptz[]) AS said (alert, over)"
            " WHERE id = alert",
            (list(alerts), list(cleared)),
        )


async def aggravate(
    connection: Connection, alerts: Sequence[int], severities: Sequence[Severity], allowed: Sequence[timedelta]
) -> None:
    """Make alerts graver, and their deadlines as short as the graver class has them."""
    if alerts:
        await connection.execute(
            "UPDATE alert SET severity = graver, due = least(due, now() + allowed), changed = clock_timestamp()"
            " FROM unnest(%s::bigint[], %s::smallint[], %s::interval[]) AS said (alert, graver, allowed)"
            " WHERE id = alert",
            (list(alerts), [int(one) for one in severities], list(allowed)),
        )


async def add_history(connection: Connection, entries: Sequence[HistoryEntry]) -> None:
    """Append to the alerts' hash chains. The caller holds the alerts' row locks, so that a chain has no fork."""
    if entries:
        await connection.execute(
            "INSERT INTO alert_history (alert_id, at, person_id, action, source, target, condition, reason)"
            " SELECT alert, clock_timestamp(), person, action, source, target, condition, reason"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])"
            " AS entry (alert, person, action, source, target, condition, reason)",
            (
                [one.alert_id for one in entries],
                [one.person_id for one in entries],
                [one.action for one in entries],
                [one.source for one in entries],
                [one.target for one in entries],
                [one.condition for one in entries],
                [one.reason for one in entries],
            ),
        )


async def announce(connection: Connection, alerts: Sequence[int]) -> None:
    """Tell the live views, at commit, that these alerts have changed; of one that was passed on, all of them."""
    if alerts:
        await connection.execute(
            "SELECT pg_notify('mingchu_alert', CASE WHEN alert.authority IS NULL"
            " THEN concat_ws(' ', alert.id, site.authority, site.operator_id) ELSE alert.id::text END)"
            " FROM alert JOIN site ON site.id = site_id WHERE alert.id = ANY(%s)",
            (list(alerts),),
        )


async def clock(connection: Connection) -> datetime:
    """The database's time."""
    row = await (await connection.execute("SELECT now()")).fetchone()
    assert row is not None
    assert isinstance(row[0], datetime)
    return row[0]


async def schedules(connection: Connection, sites: Collection[int]) -> dict[int, Schedule]:
    """Those sites' opening hours."""
    if not sites:
        return {}
    cursor = await connection.execute("SELECT id, schedule FROM site WHERE id = ANY(%s)", (list(sites),))
    return {int(str(row[0])): msgspec.convert(row[1], Schedule) for row in await cursor.fetchall()}
