"""The alert queue as a person may see it: pages, counts, one row, and what changed since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg.rows import class_row

from store.connection import Connection
from store.glossary import GLOSSARY

_COLUMNS: LiteralString = """
    alert.id, alert.severity, alert.status, alert.condition, alert.began, alert.raised, alert.changed, alert.cleared,
    alert.due, alert.why, alert.version, alert.zone, alert.scene_event_id::text AS scene_event_id,
    alert.rule_code, alert.rule_version,
    coalesce(rule.body->>'zh', alert.rule_code) AS rule_zh, coalesce(rule.body->>'en', alert.rule_code) AS rule_en,
    coalesce((rule.body->>'recheck_s')::float8, 0) AS recheck_s,
    site.id AS site_id, site.code AS site_code, site.zh AS site_zh, site.en AS site_en,
    operator.zh AS operator_zh, operator.en AS operator_en, alert.device_id, alert.camera_id,
    device_profile.body->>'kind' AS device_kind,
    coalesce(camera.code, device.code) AS subject_code, coalesce(camera.zh, device.zh) AS subject_zh,
    coalesce(camera.en, device.en) AS subject_en,
    (SELECT evidence.sha256 FROM evidence WHERE evidence.scene_event_id = alert.scene_event_id
        AND evidence.kind IN ('boxed_redacted', 'frame_redacted') ORDER BY evidence.kind LIMIT 1) AS picture,
"""
_SOURCE: LiteralString = """
    FROM alert JOIN site ON site.id = alert.site_id JOIN operator ON operator.id = site.operator_id
    LEFT JOIN rule ON rule.code = alert.rule_code AND rule.version = alert.rule_version
    LEFT JOIN camera ON camera.id = alert.camera_id LEFT JOIN device ON device.id = alert.device_id
    LEFT JOIN device_profile ON device_profile.code = device.profile_code
"""
_FILTER: LiteralString = """
    WHERE (%(statuses)s::text[] IS NULL OR alert.status = ANY(%(statuses)s))
      AND (%(severities)s::int[] IS NULL OR alert.severity = ANY(%(severities)s))
      AND (%(site)s::bigint IS NULL OR alert.site_id = %(site)s)
      AND (%(condition)s::text IS NULL OR alert.condition = %(condition)s)
"""
_GRAVEST: LiteralString = """
      AND (%(after_id)s::bigint IS NULL OR alert.severity > %(after_severity)s
           OR (alert.severity = %(after_severity)s AND alert.id < %(after_id)s))
    ORDER BY alert.severity, alert.id DESC LIMIT %(limit)s
"""
_NEWEST: LiteralString = """
      AND (%(after_id)s::bigint IS NULL OR alert.id < %(after_id)s)
    ORDER BY alert.id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One alert with the names that a person reads; `picture` is the redacted boxed frame's SHA-256 where there
    is one."""

    id: int
    severity: int
    status: str
    condition: str
    began: datetime
    raised: datetime
    changed: datetime
    cleared: datetime | None
    due: datetime
    why: str
    version: int
    zone: str
    scene_event_id: str | None
    rule_code: str
    rule_version: int
    rule_zh: str
    rule_en: str
    recheck_s: float
    site_id: int
    site_code: str
    site_zh: str
    site_en: str
    operator_zh: str
    operator_en: str
    device_id: int | None
    camera_id: int | None
    device_kind: str | None
    subject_code: str
    subject_zh: str
    subject_en: str
    picture: str | None
    glossary: str  # domain.reason.Glossary as JSON


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What to list; None: all. `after` is the (severity, id) of the last row of the page before."""

    statuses: tuple[str, ...] | None = None
    severities: tuple[int, ...] | None = None
    site: int | None = None
    condition: str | None = None
    newest: bool = False  # newest first; else the gravest first
    after: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class QueueCount:
    """How many alerts have that status and severity."""

    status: str
    severity: int
    n: int


async def page(connection: Connection, wanted: QueueFilter, limit: int) -> list[QueueRow]:
    """At most `limit` alerts in the filter's order."""
    order = _NEWEST if wanted.newest else _GRAVEST
    severity, identity = wanted.after if wanted.after is not None else (None, None)
    async with connection.cursor(row_factory=class_row(QueueRow)) as cursor:
        await cursor.execute(
            "SELECT " + _COLUMNS + GLOSSARY + _SOURCE + _FILTER + order,
            {
                "statuses": None if wanted.statuses is None else list(wanted.statuses),
                "severities": None if wanted.severities is None else list(wanted.severities),
                "site": wanted.site,
                "condition": wanted.condition,
                "after_severity": severity,
                "after_id": identity,
                "limit": limit,
            },
        )
        return await cursor.fetchall()


async def counts(connection: Connection, site: int | None = None) -> list[QueueCount]:
    """Unfinished alerts, and those finished in the last 24 hours, by status and severity."""
    async with connection.cursor(row_factory=class_row(QueueCount)) as cursor:
        await cursor.execute(
            "SELECT status, severity::int, count(*)::int AS n FROM alert"
            " WHERE (status NOT IN ('closed', 'dismissed') OR changed > now() - interval '24 hours')"
            " AND (%(site)s::bigint IS NULL OR site_id = %(site)s) GROUP BY 1, 2",
            {"site": site},
        )
        return await cursor.fetchall()


async def one(connection: Connection, alert: int) -> QueueRow | None:
    """One alert, or None where there is none or it is another tenant's."""
    rows = await some(connection, [alert])
    return rows[0] if rows else None


async def some(connection: Connection, alerts: Sequence[int]) -> list[QueueRow]:
    """Those of the alerts that the person may see, oldest change first."""
    async with connection.cursor(row_factory=class_row(QueueRow)) as cursor:
        await cursor.execute(
            "SELECT " + _COLUMNS + GLOSSARY + _SOURCE + " WHERE alert.id = ANY(%s) ORDER BY alert.changed, alert.id",
            (list(alerts),),
        )
        return await cursor.fetchall()


async def changed_since(connection: Connection, moment: datetime, limit: int) -> list[QueueRow]:
    """Alerts changed after `moment`, oldest change first, at most `limit`."""
    async with connection.cursor(row_factory=class_row(QueueRow)) as cursor:
        await cursor.execute(
            "SELECT "
            + _COLUMNS
            + GLOSSARY
            + _SOURCE
            + " WHERE alert.changed > %s ORDER BY alert.changed, alert.id LIMIT %s",
            (moment, limit),
        )
        return await cursor.fetchall()
