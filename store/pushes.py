"""Pushes: one message to one channel each; the table is the queue, the lease and the record of how it went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from store.connection import Connection
from store.glossary import GLOSSARY

_TOLD: LiteralString = """
    push.id, push.alert_id, push.channel_id, push.reason, push.created, push.tries, channel.url, channel.secret,
    push.role, CASE WHEN push.role = '' THEN '' ELSE (SELECT key FROM link_key) END AS link_key, site.address,
    channel.lang, channel.enabled, alert.severity, alert.due, alert.began, alert.why,
    coalesce(rule.body->>'zh', alert.rule_code) AS rule_zh, coalesce(rule.body->>'en', alert.rule_code) AS rule_en,
    site.zh AS site_zh, site.en AS site_en,
    coalesce(camera.zh, device.zh) AS subject_zh, coalesce(camera.en, device.en) AS subject_en,
    coalesce(site.schedule->>'timezone', 'Asia/Shanghai') AS timezone,
    coalesce((SELECT review.reason FROM review WHERE review.alert_id = alert.id
        AND review.at <= push.created ORDER BY review.id DESC LIMIT 1), '') AS remark,
    (SELECT sha256 FROM evidence WHERE evidence.scene_event_id = alert.scene_event_id
        AND evidence.kind IN ('boxed_redacted', 'frame_redacted') ORDER BY evidence.kind LIMIT 1) AS picture,
"""
_SOURCE: LiteralString = """
    FROM push JOIN channel ON channel.id = push.channel_id JOIN alert ON alert.id = push.alert_id
    JOIN site ON site.id = alert.site_id LEFT JOIN device ON device.id = alert.device_id
    LEFT JOIN device_profile ON device_profile.code = device.profile_code
    LEFT JOIN camera ON camera.id = alert.camera_id
    LEFT JOIN rule ON rule.code = alert.rule_code AND rule.version = alert.rule_version
"""


@dataclass(frozen=True, slots=True)
class DuePush:
    """A claimed push with all that its message says. `tries` counts this one; `lang` is the channel's."""

    id: UUID
    alert_id: int
    channel_id: int
    reason: str
    created: datetime
    tries: int
    url: str
    secret: str
    lang: str
    enabled: bool
    severity: int
    due: datetime
    began: datetime
    why: str
    rule_zh: str
    rule_en: str
    site_zh: str
    site_en: str
    subject_zh: str
    subject_en: str
    timezone: str
    remark: str  # the reviewer's, for rejected and dismissed
    picture: str | None  # SHA-256 of the redacted boxed frame
    glossary: str  # domain.reason.Glossary as JSON
    role: str = ""  # of the lift's rescuer that is called, who gets a link signed with `link_key`
    link_key: str = field(default="", repr=False)
    address: str = ""  # the site's


@dataclass(frozen=True, slots=True)
class News:
    """What an audience ('operator', 'authority', 'level-0' …) is to be told about an alert."""

    alert_id: int
    site_id: int
    reason: str
    audience: str


async def enqueue(connection: Connection, news: Sequence[News]) -> int:
    """Write a push of each to every channel of its audience and wake the pusher at commit; returns how many."""
    if not news:
        return 0
    cursor = await connection.execute(
        "WITH news AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[])"
        "  AS news (alert, site, reason, audience)),"
        " reached AS MATERIALIZED (SELECT site, audience, push_channels(site, audience) AS channel"
        "  FROM (SELECT DISTINCT site, audience FROM news) AS place)"
        " INSERT INTO push (alert_id, channel_id, reason) SELECT alert, channel, reason"
        " FROM news JOIN reached USING (site, audience)",
        (
            [one.alert_id for one in news],
            [one.site_id for one in news],
            [one.reason for one in news],
            [one.audience for one in news],
        ),
    )
    if cursor.rowcount:
        await connection.execute("SELECT pg_notify('mingchu_push', '')")
    return cursor.rowcount


async def claim(
    connection: Connection, flying: Mapping[int, int], per_channel: int, limit: int, lease_s: float
) -> list[DuePush]:
    """Take at most `limit` due pushes, the gravest first, and at most `per_channel` of one channel.

    `flying` counts those of each channel that are on their way already. A claimed push comes up again after `lease_s`
    unless its end was written down: a killed sender repeats it, with the same id.
    """
    async with connection.transaction():
        cursor = await connection.execute(
            "WITH ready AS (SELECT DISTINCT channel_id FROM push WHERE next_try <= now()),"
            " room AS (SELECT ready.channel_id, %(bound)s - coalesce(flying.n, 0) AS n FROM ready"
            "  LEFT JOIN unnest(%(channels)s::bigint[], %(counts)s::int[]) AS flying (channel_id, n)"
            "  ON flying.channel_id = ready.channel_id),"
            " picked AS (SELECT first.id FROM room CROSS JOIN LATERAL (SELECT push.id, alert.severity, push.created"
            "   FROM push JOIN alert ON alert.id = push.alert_id"
            "   WHERE push.channel_id = room.channel_id AND push.next_try <= now()"
            "   ORDER BY alert.severity, push.created LIMIT greatest(room.n, 0)) AS first"
            "  ORDER BY first.severity, first.created LIMIT %(limit)s),"
            " locked AS (SELECT id FROM push WHERE id IN (SELECT id FROM picked) AND next_try <= now()"
            "  FOR UPDATE SKIP LOCKED)"
            " UPDATE push SET next_try = now() + make_interval(secs => %(lease)s), tries = tries + 1"
            " FROM locked WHERE push.id = locked.id RETURNING push.id",
            {
                "bound": per_channel,
                "channels": list(flying.keys()),
                "counts": list(flying.values()),
                "limit": limit,
                "lease": lease_s,
            },
        )
        return await _details(connection, [row[0] for row in await cursor.fetchall()])


async def _details(connection: Connection, pushes: Sequence[object]) -> list[DuePush]:
    if not pushes:
        return []
    async with connection.cursor(row_factory=class_row(DuePush)) as cursor:
        await cursor.execute(
            "SELECT " + _TOLD + GLOSSARY + _SOURCE + " WHERE push.id = ANY(%s) ORDER BY alert.severity, push.created",
            (list(pushes),),
        )
        return await cursor.fetchall()


async def sent(connection: Connection, push: UUID) -> None:
    """The receiver has taken it."""
    await connection.execute(
        "UPDATE push SET sent = now(), next_try = NULL, last_error = '' WHERE id = %s AND sent IS NULL", (push,)
    )


async def retry(connection: Connection, push: UUID, delay_s: float, error: str) -> None:
    """Try again after `delay_s`."""
    await connection.execute(
        "UPDATE push SET next_try = now() + make_interval(secs => %s), last_error = %s WHERE id = %s AND sent IS NULL",
        (delay_s, error, push),
    )


async def failed(connection: Connection, push: UUID, error: str) -> None:
    """It will not be tried again; the error stays visible with the alert."""
    await connection.execute(
        "UPDATE push SET failed = now(), next_try = NULL, last_error = %s WHERE id = %s AND sent IS NULL", (error, push)
    )


async def seconds_to_next(connection: Connection) -> float | None:
    """Seconds until a push is due (negative: overdue), by the database's clock; None when none waits."""
    cursor = await connection.execute(
        "SELECT extract(epoch FROM min(next_try) - clock_timestamp())::float8 FROM push WHERE next_try IS NOT NULL"
    )
    row = await cursor.fetchone()
    return None if row is None or row[0] is None else float(str(row[0]))
