"""The alert queue as a person may see it: pages, counts, one row, and what changed since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg.rows import class_row

from domain.alert import Status
from domain.severity import Severity
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
    coalesce(camera.code, device.code, site.code) AS subject_code,
    coalesce(camera.zh, device.zh, site.zh) AS subject_zh,
    coalesce(camera.en, device.en, site.en) AS subject_en,
    (SELECT evidence.sha256 FROM evidence WHERE evidence.scene_event_id = alert.scene_event_id
        AND evidence.kind IN ('boxed_redacted', 'frame_redacted') ORDER BY evidence.kind LIMIT 1) AS picture,
    duty.path::text AS authority, duty.zh AS authority_zh, duty.en AS authority_en,
    alert.authority IS NOT NULL AS transferred, alert.assignee AS assignee_id,
    (SELECT name FROM person WHERE person.id = alert.assignee) AS assignee_name,
    above.path::text AS supervised, above.zh AS supervised_zh, above.en AS supervised_en,
    alert.supervised_due, alert.supervised_why,
    (SELECT appeal.due FROM appeal WHERE appeal.alert_id = alert.id AND appeal.decided IS NULL) AS appeal_due,
"""
_SOURCE: LiteralString = """
    FROM alert JOIN site ON site.id = alert.site_id JOIN operator ON operator.id = site.operator_id
    LEFT JOIN rule ON rule.code = alert.rule_code AND rule.version = alert.rule_version
    LEFT JOIN camera ON camera.id = alert.camera_id LEFT JOIN device ON device.id = alert.device_id
    LEFT JOIN device_profile ON device_profile.code = device.profile_code
    LEFT JOIN authority AS duty ON duty.path = coalesce(alert.authority, site.authority)
    LEFT JOIN authority AS above ON above.path = alert.supervised
"""
# A page is picked out of one short list for each status and severity, read off an index from its beginning: the names
# and the glossary are then looked up for the page alone. Where few sites are asked for, each has lists of its own.
_OF_ALL: LiteralString = """
    WITH picked AS (SELECT listed.id, listed.severity FROM unnest(%(statuses)s::text[]) AS wanted (status)
        CROSS JOIN unnest(%(severities)s::smallint[], %(below)s::bigint[]) AS class (severity, below)
        CROSS JOIN LATERAL (SELECT alert.id, alert.severity FROM alert
            WHERE alert.status = wanted.status AND alert.severity = class.severity AND alert.id < class.below
"""
_OF_SITES: LiteralString = """
    WITH picked AS (SELECT listed.id, listed.severity FROM unnest(%(statuses)s::text[]) AS wanted (status)
        CROSS JOIN unnest(%(severities)s::smallint[], %(below)s::bigint[]) AS class (severity, below)
        CROSS JOIN unnest(%(sites)s::bigint[]) AS place (id)
        CROSS JOIN LATERAL (SELECT alert.id, alert.severity FROM alert WHERE alert.site_id = place.id
            AND alert.status = wanted.status AND alert.severity = class.severity AND alert.id < class.below
"""
# Those of one camera or device are few enough to be sorted.
_OF_SUBJECT: LiteralString = """
    WITH picked AS (SELECT alert.id, alert.severity FROM alert
        JOIN unnest(%(severities)s::smallint[], %(below)s::bigint[]) AS class (severity, below)
            ON class.severity = alert.severity AND alert.id < class.below
        WHERE alert.status = ANY(%(statuses)s::text[])
"""
_OF_SITE: LiteralString = " AND alert.site_id = ANY(%(sites)s::bigint[]) "
_OF_CONDITION: LiteralString = " AND alert.condition = %(condition)s "
# Whose time is over: class I to acknowledge, the others to rectify, unless an appeal has stopped it (ADR 46).
_OVERDUE: LiteralString = """ AND alert.due < now() AND (alert.status = 'open'
    OR alert.status = 'acknowledged' AND alert.severity > 1)
    AND (alert.severity = 1 OR alert.id NOT IN (SELECT alert_id FROM appeal WHERE decided IS NULL)) """
_OF_ASSIGNEE: LiteralString = " AND alert.assignee = %(assignee)s::bigint "
_OF_RULE: LiteralString = " AND alert.rule_code = %(rule)s "
_OF_CAMERA: LiteralString = " AND alert.camera_id = %(camera)s::bigint "
_OF_DEVICE: LiteralString = " AND alert.device_id = %(device)s::bigint "
# Ids grow as time does, but for transactions that overtake one another: they bound what is read of an index.
_SINCE: LiteralString = """ AND alert.raised >= %(since)s
    AND alert.id >= (SELECT alert_of(%(since)s - interval '1 hour')) """
_UNTIL: LiteralString = """ AND alert.raised < %(until)s
    AND alert.id < (SELECT alert_of(%(until)s + interval '1 hour')) """
_LISTED: LiteralString = " ORDER BY alert.id DESC LIMIT %(limit)s) AS listed "
_GRAVEST: LiteralString = " ORDER BY 2, 1 DESC LIMIT %(limit)s) "
_NEWEST: LiteralString = " ORDER BY 1 DESC LIMIT %(limit)s) "
_OF_PICKED: LiteralString = " WHERE alert.id = ANY(ARRAY(SELECT id FROM picked)) "
_BY_GRAVITY: LiteralString = " ORDER BY alert.severity, alert.id DESC"
_BY_AGE: LiteralString = " ORDER BY alert.id DESC"

# Grouped by the columns as they are, which the index has in order: by a cast, a hundred thousand rows were sorted.
_COUNTS: LiteralString = """
    SELECT status, alert.severity::int, count(*)::int AS n FROM alert
    WHERE status IN ('open', 'acknowledged', 'rectified') GROUP BY status, alert.severity
    UNION ALL SELECT status, alert.severity::int, count(*)::int FROM alert
    WHERE status IN ('closed', 'dismissed') AND changed > now() - interval '24 hours' GROUP BY status, alert.severity
"""
_COUNTS_OF_SITES: LiteralString = """
    SELECT status, alert.severity::int, count(*)::int AS n FROM alert
    WHERE site_id = ANY(%(sites)s) AND status IN ('open', 'acknowledged', 'rectified') GROUP BY status, alert.severity
    UNION ALL SELECT status, alert.severity::int, count(*)::int FROM alert
    WHERE site_id = ANY(%(sites)s) AND status IN ('closed', 'dismissed') AND changed > now() - interval '24 hours'
    GROUP BY status, alert.severity
"""

_FEW = 50  # sites
_NO_END = 2**63 - 1


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
    authority: str  # the responsible one
    authority_zh: str
    authority_en: str
    transferred: bool
    assignee_id: int | None
    assignee_name: str | None  # None too where it is one of the other side's people
    supervised: str | None  # by which authority
    supervised_zh: str | None
    supervised_en: str | None
    supervised_due: datetime | None
    supervised_why: str
    appeal_due: datetime | None  # of an appeal that waits
    glossary: str  # domain.reason.Glossary as JSON


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What to list; None: all. `after` is the (severity, id) of the last row of the page before."""

    statuses: tuple[str, ...] | None = None
    severities: tuple[int, ...] | None = None
    site: int | None = None
    condition: str | None = None
    overdue: bool = False  # only those whose deadline has passed without the step that it is for
    newest: bool = False  # newest first; else the gravest first
    after: tuple[int, int] | None = None
    assignee: int | None = None
    rule: str | None = None  # its code, whatever the version
    camera: int | None = None
    device: int | None = None
    since: datetime | None = None  # raised then or later
    until: datetime | None = None  # raised before then


@dataclass(frozen=True, slots=True)
class QueueCount:
    """How many alerts have that status and severity."""

    status: str
    severity: int
    n: int


async def page(connection: Connection, wanted: QueueFilter, limit: int) -> list[QueueRow]:
    """At most `limit` alerts in the filter's order."""
    sites = [wanted.site] if wanted.site is not None else None
    if sites is None and (wanted.assignee, wanted.camera, wanted.device) == (None, None, None):  # they have their own
        sites = await _few_sites(connection)
    severities = tuple(Severity) if wanted.severities is None else wanted.severities
    query = (
        _picked(wanted, of_sites=sites is not None)
        + (_NEWEST if wanted.newest else _GRAVEST)
        + "SELECT "
        + _COLUMNS
        + GLOSSARY
        + _SOURCE
        + _OF_PICKED
        + (_BY_AGE if wanted.newest else _BY_GRAVITY)
    )
    async with connection.cursor(row_factory=class_row(QueueRow)) as cursor:
        await cursor.execute(
            query,
            {
                "statuses": list(Status if wanted.statuses is None else wanted.statuses),
                "severities": [int(one) for one in severities],
                "below": [_below(wanted, one) for one in severities],
                "sites": sites,
                "condition": wanted.condition,
                "assignee": wanted.assignee,
                "rule": wanted.rule,
                "camera": wanted.camera,
                "device": wanted.device,
                "since": wanted.since,
                "until": wanted.until,
                "limit": limit,
            },
        )
        return await cursor.fetchall()


def _picked(wanted: QueueFilter, *, of_sites: bool) -> LiteralString:
    """Where a page is picked out of."""
    if wanted.camera is not None or wanted.device is not None:
        return _OF_SUBJECT + (_OF_SITE if of_sites else "") + _narrowed(wanted)
    return (_OF_SITES if of_sites else _OF_ALL) + _narrowed(wanted) + _LISTED


def _narrowed(wanted: QueueFilter) -> LiteralString:
    """What is asked of an alert beside its status, severity and site."""
    return (
        ("" if wanted.condition is None else _OF_CONDITION)
        + (_OVERDUE if wanted.overdue else "")
        + ("" if wanted.assignee is None else _OF_ASSIGNEE)
        + ("" if wanted.rule is None else _OF_RULE)
        + ("" if wanted.camera is None else _OF_CAMERA)
        + ("" if wanted.device is None else _OF_DEVICE)
        + ("" if wanted.since is None else _SINCE)
        + ("" if wanted.until is None else _UNTIL)
    )


def _below(wanted: QueueFilter, severity: int) -> int:
    """Which ids come after the cursor in the list of that severity: those below this one."""
    if wanted.after is None:
        return _NO_END
    last, alert = wanted.after
    if wanted.newest or severity == last:
        return alert
    return _NO_END if severity > last else 0


async def _few_sites(connection: Connection) -> list[int] | None:
    """The sites that the person sees, None where they are many."""
    cursor = await connection.execute("SELECT id FROM site LIMIT %s", (_FEW + 1,))
    ids = [int(str(row[0])) for row in await cursor.fetchall()]
    return ids if len(ids) <= _FEW else None


async def counts(connection: Connection, site: int | None = None) -> list[QueueCount]:
    """Unfinished alerts, and those finished in the last 24 hours, by status and severity."""
    sites = [site] if site is not None else await _few_sites(connection)
    async with connection.cursor(row_factory=class_row(QueueCount)) as cursor:
        await cursor.execute(_COUNTS if sites is None else _COUNTS_OF_SITES, {"sites": sites})
        return await cursor.fetchall()


async def one(connection: Connection, alert: int) -> QueueRow | None:
    """One alert, or None where there is none or it is another tenant's."""
    rows = await some(connection, [alert])
    return rows[0] if rows else None


async def supervised(connection: Connection, limit: int) -> list[QueueRow]:
    """Unfinished alerts that an authority above supervises, the most pressing first."""
    cursor = await connection.execute(
        "SELECT id FROM alert WHERE supervised IS NOT NULL AND status NOT IN ('closed', 'dismissed')"
        " ORDER BY supervised_due, id LIMIT %s",
        (limit,),
    )
    ids = [int(str(row[0])) for row in await cursor.fetchall()]
    rows = {row.id: row for row in await some(connection, ids)} if ids else {}
    return [rows[one] for one in ids if one in rows]


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
