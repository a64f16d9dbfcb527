"""What the pusher takes out of the queue of pushes, channel by channel, and how a message went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from domain.budget import Budget, full
from domain.channel import ALLOWANCES, ChannelKind
from store.connection import Connection
from store.glossary import GLOSSARY
from store.pushes import DuePush

_AT_MOST = 400  # pushes of one channel looked at in one go
NOTICE = 4


@dataclass(frozen=True, slots=True)
class Waiting:
    """A due push. `message` is set once it was tried as part of one."""

    id: UUID
    severity: int
    message: UUID | None
    alone: bool = False  # never told with others: a report, with its file and its link


@dataclass(frozen=True, slots=True)
class DueChannel:
    """A channel with due pushes, the gravest first; its row is locked. `now` is the database's clock."""

    id: int
    kind: ChannelKind
    budget: Budget
    ordinary_after: datetime | None
    quiet_from: time | None
    quiet_to: time | None
    timezone: str
    now: datetime
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What goes now to a channel: message by message its pushes; and the channel's budget afterwards."""

    channel_id: int
    messages: Sequence[tuple[UUID, Sequence[UUID]]]
    budget: Budget
    ordinary_after: datetime | None


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    kind: str
    tokens_open: float | None
    tokens_reserved: float | None
    budget_at: datetime
    ordinary_after: datetime | None
    quiet_from: time | None
    quiet_to: time | None
    timezone: str
    now: datetime


async def due(connection: Connection, busy: Sequence[int], limit: int) -> list[DueChannel]:
    """Lock up to `limit` channels with something to send, those with the gravest first; within a transaction.

    Channels of `busy`, and those that another pusher has just locked, are left out.
    """
    async with connection.cursor(row_factory=class_row(_Row)) as cursor:
        await cursor.execute(
            "WITH ready AS (SELECT push.channel_id, min(coalesce(alert.severity, 4)) AS gravest FROM push"
            "  JOIN channel ON channel.id = push.channel_id LEFT JOIN alert ON alert.id = push.alert_id"
            "  WHERE push.next_try <= now() AND push.channel_id <> ALL(%(busy)s)"
            "  AND (alert.severity = 1 OR coalesce(channel.ordinary_after <= now(), true))"
            "  GROUP BY push.channel_id ORDER BY 2, 1 LIMIT %(limit)s)"
            " SELECT channel.id, kind, tokens_open, tokens_reserved, budget_at, ordinary_after, quiet_from, quiet_to,"
            "  timezone, clock_timestamp() AS now FROM channel JOIN ready ON ready.channel_id = channel.id"
            " ORDER BY ready.gravest, channel.id FOR NO KEY UPDATE OF channel SKIP LOCKED",
            {"busy": list(busy), "limit": limit},
        )
        rows = await cursor.fetchall()
    waiting = await _waiting(connection, [row.id for row in rows])
    return [_channel(row, waiting.get(row.id, ())) for row in rows]


def _channel(row: _Row, waiting: Sequence[Waiting]) -> DueChannel:
    kind = ChannelKind(row.kind)
    whole = full(ALLOWANCES[kind], row.budget_at)
    budget = Budget(
        whole.open if row.tokens_open is None else row.tokens_open,
        whole.reserved if row.tokens_reserved is None else row.tokens_reserved,
        row.budget_at,
    )
    quiet = (row.quiet_from, row.quiet_to, row.timezone)
    return DueChannel(row.id, kind, budget, row.ordinary_after, *quiet, row.now, tuple(waiting))


async def _waiting(connection: Connection, channels: Sequence[int]) -> dict[int, list[Waiting]]:
    if not channels:
        return {}
    cursor = await connection.execute(
        "SELECT channel, first.id, first.severity, first.message, first.alone FROM unnest(%s::bigint[]) AS channel"
        " CROSS JOIN LATERAL (SELECT push.id, coalesce(alert.severity, 4) AS severity, push.message, push.created,"
        "  push.report_id IS NOT NULL AS alone"
        "  FROM push LEFT JOIN alert ON alert.id = push.alert_id"
        "  WHERE push.channel_id = channel AND push.next_try <= now()"
        "  ORDER BY alert.severity IS DISTINCT FROM 1, push.message IS NULL, severity, push.created LIMIT %s) AS first",
        (list(channels), _AT_MOST),
    )
    found: dict[int, list[Waiting]] = {}
    for channel, identity, severity, message, alone in await cursor.fetchall():
        assert isinstance(identity, UUID)
        assert message is None or isinstance(message, UUID)
        found.setdefault(int(str(channel)), []).append(
            Waiting(identity, int(str(severity)), message, alone=bool(alone))
        )
    return found


async def take(connection: Connection, taken: Sequence[Taken], lease_s: float) -> list[DuePush]:
    """Write down what goes now, and give it with all that its messages say.

    A taken push comes up again after `lease_s` unless its end was written down: a killed sender's message is repeated,
    with the same pushes and the same key.
    """
    await connection.execute(
        "UPDATE channel SET tokens_open = new.open, tokens_reserved = new.reserved, budget_at = new.at,"
        " ordinary_after = new.held FROM unnest(%s::bigint[], %s::float8[], %s::float8[], %s::timestamptz[],"
        " %s::timestamptz[]) AS new (id, open, reserved, at, held) WHERE channel.id = new.id",
        (
            [one.channel_id for one in taken],
            [one.budget.open for one in taken],
            [one.budget.reserved for one in taken],
            [one.budget.at for one in taken],
            [one.ordinary_after for one in taken],
        ),
    )
    pairs = [(push, message) for one in taken for message, pushes in one.messages for push in pushes]
    if not pairs:
        return []
    await connection.execute(
        "UPDATE push SET next_try = now() + make_interval(secs => %s), tries = tries + 1, message = new.message"
        " FROM unnest(%s::uuid[], %s::uuid[]) AS new (id, message) WHERE push.id = new.id",
        (lease_s, [push for push, _ in pairs], [message for _, message in pairs]),
    )
    return await _details(connection, [push for push, _ in pairs])


_TOLD: LiteralString = """
    push.id, push.message, push.alert_id, push.channel_id, push.reason, push.created, push.tries, channel.kind,
    channel.url, channel.secret, channel.lang,
    channel.enabled AND channel.dead IS NULL AND channel.removed IS NULL
        AND subscription.ended IS NULL AS enabled,
    channel.operator_id IS NOT NULL AS to_operator,
    coalesce(alert.severity, 4)::int AS severity, coalesce(alert.due, report.end_at, push.created) AS due,
    coalesce(alert.began, report.begin_at, push.created) AS began, coalesce(alert.why, '') AS why,
    coalesce(rule.body->>'zh', alert.rule_code, '') AS rule_zh,
    coalesce(rule.body->>'en', alert.rule_code, '') AS rule_en,
    push.report_id, coalesce(report.span, '') AS span, coalesce(subscription.attached, '') AS attached,
    coalesce((SELECT sum((each ->> 'raised')::int)::int FROM jsonb_array_elements(report.body -> 'classes') AS each), 0)
        AS count,
    coalesce(site.zh, '') AS site_zh, coalesce(site.en, '') AS site_en,
    push.role, CASE WHEN push.role = '' THEN '' ELSE (SELECT key FROM link_key) END AS link_key,
    coalesce(site.address, '') AS address,
    coalesce(holder.zh, '') AS holder_zh, coalesce(holder.en, '') AS holder_en,
    coalesce(camera.zh, device.zh, away.zh, webhook.name, about.place, report.body #>> '{scope,zh}', '') AS subject_zh,
    coalesce(camera.en, device.en, away.en, webhook.name, about.place, report.body #>> '{scope,en}', '') AS subject_en,
    coalesce(site.schedule->>'timezone', 'Asia/Shanghai') AS timezone,
    coalesce((SELECT review.reason FROM review WHERE review.alert_id = alert.id
        AND review.at <= push.created ORDER BY review.id DESC LIMIT 1),
        webhook.last_error, about.last_error, '') AS remark,
    (SELECT sha256 FROM evidence WHERE evidence.scene_event_id = alert.scene_event_id
        AND evidence.kind IN ('boxed_redacted', 'frame_redacted') ORDER BY evidence.kind LIMIT 1) AS picture,
"""
_SOURCE: LiteralString = """
    FROM push JOIN channel ON channel.id = push.channel_id LEFT JOIN alert ON alert.id = push.alert_id
    LEFT JOIN channel AS about ON about.id = push.about LEFT JOIN webhook ON webhook.id = push.webhook_id
    LEFT JOIN report ON report.id = push.report_id
    LEFT JOIN report_subscription AS subscription ON subscription.id = push.subscription_id
    LEFT JOIN site ON site.id = alert.site_id
    LEFT JOIN authority AS holder ON holder.path = coalesce(alert.authority, site.authority)
    LEFT JOIN device ON device.id = alert.device_id
    LEFT JOIN device_profile ON device_profile.code = device.profile_code
    LEFT JOIN camera ON camera.id = alert.camera_id
    LEFT JOIN edge AS away ON away.code = alert.zone AND alert.camera_id IS NULL AND alert.device_id IS NULL
    LEFT JOIN rule ON rule.code = alert.rule_code AND rule.version = alert.rule_version
"""


async def _details(connection: Connection, pushes: Sequence[UUID]) -> list[DuePush]:
    async with connection.cursor(row_factory=class_row(DuePush)) as cursor:
        await cursor.execute(
            "SELECT " + _TOLD + GLOSSARY + _SOURCE + " WHERE push.id = ANY(%s)"
            " ORDER BY alert.severity, push.created, push.id",
            (list(pushes),),
        )
        return await cursor.fetchall()


async def sent(connection: Connection, message: UUID) -> None:
    """The receiver has taken it; the channel works."""
    await connection.execute(
        "WITH done AS (UPDATE push SET sent = now(), next_try = NULL, last_error = '' WHERE message = %s"
        "  AND sent IS NULL AND failed IS NULL RETURNING channel_id)"
        " UPDATE channel SET last_sent = now(), refusals = 0, failures = 0, last_error = '',"
        "  ordinary_after = CASE WHEN failures = 0 THEN ordinary_after END WHERE id IN (SELECT channel_id FROM done)",
        (message,),
    )


async def retry(connection: Connection, message: UUID, delay_s: float, error: str, *, apart: bool) -> None:
    """Try again after `delay_s`; until then the channel's other ordinary pushes wait, and go together.

    `apart`: it has certainly not arrived, so that its pushes may be part of another message.
    """
    await connection.execute(
        "WITH again AS (UPDATE push SET next_try = now() + make_interval(secs => %(delay)s), last_error = %(error)s,"
        "  message = CASE WHEN %(apart)s THEN NULL ELSE message END"
        "  WHERE message = %(message)s AND sent IS NULL AND failed IS NULL RETURNING channel_id)"
        " UPDATE channel SET failures = failures + 1, last_failed = now(), last_error = %(error)s,"
        "  ordinary_after = greatest(ordinary_after, now() + make_interval(secs => %(delay)s))"
        "  WHERE id IN (SELECT channel_id FROM again)",
        {"message": message, "delay": delay_s, "error": error, "apart": apart},
    )


async def failed(connection: Connection, message: UUID, error: str) -> None:
    """It will not be tried again; the error stays visible with the alert."""
    await connection.execute(
        "UPDATE push SET failed = now(), next_try = NULL, last_error = %s WHERE message = %s AND sent IS NULL"
        " AND failed IS NULL",
        (error, message),
    )


async def refused(connection: Connection, channel: int, error: str, dead_after: int) -> bool:
    """A final refusal by the channel's receiver; True when it was one too many and the channel is given up now."""
    cursor = await connection.execute(
        "UPDATE channel SET refusals = refusals + 1, last_failed = now(), last_error = %(error)s, dead ="
        "  CASE WHEN refusals + 1 >= %(limit)s THEN now() END WHERE id = %(id)s AND dead IS NULL RETURNING dead",
        {"id": channel, "error": error, "limit": dead_after},
    )
    row = await cursor.fetchone()
    return row is not None and row[0] is not None


async def remove(connection: Connection, channel: int, why: str) -> None:
    """Its receiver says that it is no more: a browser's subscription that was given up."""
    await connection.execute(
        "UPDATE channel SET removed = now(), last_error = %s WHERE id = %s AND removed IS NULL",
        (why, channel),
    )


async def spare(connection: Connection, channel: int) -> bool:
    """Draw one ordinary message more from the channel's budget, where that leaves another; True when it did."""
    cursor = await connection.execute(
        "UPDATE channel SET tokens_open = tokens_open - 1 WHERE id = %s AND tokens_open >= 2", (channel,)
    )
    return cursor.rowcount > 0


async def fall_back(connection: Connection, pushes: Sequence[UUID]) -> int:
    """Send the pushes over the next channels of the same side too, once; returns how many more those are."""
    cursor = await connection.execute(
        "INSERT INTO push (alert_id, channel_id, reason, role, instead_of)"
        " SELECT push.alert_id, next.id, push.reason, push.role, push.id FROM push"
        " CROSS JOIN LATERAL channels_after(push.channel_id) AS next (id)"
        " WHERE push.id = ANY(%s) AND push.sent IS NULL AND push.alert_id IS NOT NULL"
        " AND NOT EXISTS (SELECT FROM push AS later WHERE later.instead_of = push.id)",
        (list(pushes),),
    )
    if cursor.rowcount:
        await connection.execute("SELECT pg_notify('mingchu_push', '')")
    return max(cursor.rowcount, 0)


async def tell_of_dead(connection: Connection, channel: int) -> None:
    """One notice to the living channels of the authority: the channel's own, or the nearest of its operator's sites."""
    await connection.execute(
        "INSERT INTO push (channel_id, about, reason) SELECT told.id, %(dead)s, 'channel_dead' FROM channel AS told"
        " WHERE told.id <> %(dead)s AND channel_leads(told.id) AND told.authority = ("
        "  SELECT holder.authority FROM channel AS holder, channel AS dead"
        "  LEFT JOIN site ON site.operator_id = dead.operator_id"
        "  WHERE dead.id = %(dead)s AND holder.id <> dead.id AND channel_leads(holder.id)"
        "  AND holder.authority @> coalesce(dead.authority, site.authority)"
        "  ORDER BY nlevel(holder.authority) DESC LIMIT 1)",
        {"dead": channel},
    )


async def seconds_to_next(connection: Connection) -> float | None:
    """Seconds until a push is due (negative: overdue), by the database's clock; None when none waits."""
    cursor = await connection.execute(
        "SELECT extract(epoch FROM min(next_try) - clock_timestamp())::float8 FROM push WHERE next_try IS NOT NULL"
    )
    row = await cursor.fetchone()
    return None if row is None or row[0] is None else float(str(row[0]))
