"""What the whole house is doing now, for the runtime's status table. Needs the owner's rights."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class Counts:
    """`messages`: what was committed of all days that are kept (by the server's statistics: it may lag by a second)."""

    cameras: int
    cameras_ok: int
    devices: int
    devices_online: int
    edges: int
    edges_online: int
    messages: int
    alerts: int
    pushes_waiting: int


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One alert in a list; `subject` is a camera's or device's name."""

    id: int
    raised: datetime
    severity: int
    rule: str
    site: str
    subject: str
    status: str
    condition: str


@dataclass(frozen=True, slots=True)
class PushLine:
    """One push that was delivered."""

    id: str
    sent: datetime
    reason: str
    rule: str
    url: str


async def counts(connection: Connection) -> Counts:
    async with connection.cursor(row_factory=class_row(Counts)) as cursor:
        await cursor.execute(
            "SELECT (SELECT count(*) FROM camera WHERE removed IS NULL) AS cameras,"
            " (SELECT count(*) FROM camera WHERE health = 'OK' AND removed IS NULL) AS cameras_ok,"
            " (SELECT count(*) FROM device) AS devices, (SELECT count(*) FROM device WHERE online) AS devices_online,"
            " (SELECT count(*) FROM edge) AS edges, (SELECT count(*) FROM edge WHERE online) AS edges_online,"
            " (SELECT coalesce(sum(n_tup_ins), 0)::bigint FROM pg_stat_user_tables JOIN pg_inherits ON inhrelid = relid"
            "  WHERE inhparent = 'ledger'::regclass) AS messages,"
            " (SELECT count(*) FROM alert WHERE status NOT IN ('closed', 'dismissed')) AS alerts,"
            " (SELECT count(*) FROM push WHERE next_try IS NOT NULL) AS pushes_waiting"
        )
        row = await cursor.fetchone()
    assert row is not None
    return row


async def last_alerts(connection: Connection, limit: int) -> list[AlertLine]:
    """The newest alerts, newest first."""
    async with connection.cursor(row_factory=class_row(AlertLine)) as cursor:
        await cursor.execute(
            "SELECT alert.id, alert.raised, alert.severity, coalesce(rule.body->>'zh', alert.rule_code) AS rule,"
            " site.zh AS site, coalesce(camera.zh, device.zh, site.zh) AS subject, alert.status, alert.condition"
            " FROM alert"
            " JOIN site ON site.id = alert.site_id"
            " LEFT JOIN rule ON rule.code = alert.rule_code AND rule.version = alert.rule_version"
            " LEFT JOIN camera ON camera.id = alert.camera_id LEFT JOIN device ON device.id = alert.device_id"
            " ORDER BY alert.id DESC LIMIT %s",
            (limit,),
        )
        return await cursor.fetchall()


async def last_pushes(connection: Connection, limit: int) -> list[PushLine]:
    """The newest delivered pushes, newest first."""
    async with connection.cursor(row_factory=class_row(PushLine)) as cursor:
        await cursor.execute(
            "SELECT push.id::text, push.sent, push.reason, coalesce(rule.body->>'zh', alert.rule_code) AS rule,"
            # Of other kinds the address is a key.
            " CASE channel.kind WHEN 'webhook' THEN channel.url ELSE channel.place END AS url FROM push"
            " JOIN alert ON alert.id = push.alert_id JOIN channel ON channel.id = push.channel_id"
            " LEFT JOIN rule ON rule.code = alert.rule_code AND rule.version = alert.rule_version"
            " WHERE push.sent IS NOT NULL ORDER BY push.sent DESC LIMIT %s",
            (limit,),
        )
        return await cursor.fetchall()
