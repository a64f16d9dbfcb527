"""The rescue of people in a lift: who is called for which lift, what they did, and what their page shows."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class RescueCase:
    """What a rescuer must know: where to go, and since when. `began` is the round's first instant by our clock."""

    alert_id: int
    rule_zh: str
    rule_en: str
    site_zh: str
    site_en: str
    address: str
    lift_zh: str
    lift_en: str
    lift_code: str
    status: str
    condition: str
    trapped: datetime
    began: datetime


@dataclass(frozen=True, slots=True)
class RescueStep:
    """What a rescuer reported: `at` by our clock, `claimed` by his phone's; position in degrees north and east."""

    role: str
    action: str
    at: datetime
    claimed: datetime | None
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom a lift's alarm calls in a role, and whether he can be reached."""

    role: str
    zh: str
    en: str
    phone: str
    reachable: bool


async def key(connection: Connection) -> str:
    """What links are signed with."""
    row = await (await connection.execute("SELECT key FROM link_key")).fetchone()
    assert row is not None
    return str(row[0])


async def enter(connection: Connection, alert: int) -> None:
    """Work within the scope of an alert's authority from now on, in this transaction: the link said that one may."""
    await connection.execute(
        "SELECT set_config('mingchu.authority', coalesce(alert_authority(%s)::text, ''), true),"
        " set_config('statement_timeout', '15s', true)",
        (alert,),
    )


async def case(connection: Connection, alert: int) -> RescueCase | None:
    """The rescue of an alert in its present round; None where no clock ever called for one."""
    async with connection.cursor(row_factory=class_row(RescueCase)) as cursor:
        await cursor.execute(
            "SELECT alert.id AS alert_id, coalesce(rule.body->>'zh', alert.rule_code) AS rule_zh,"
            " coalesce(rule.body->>'en', alert.rule_code) AS rule_en, site.zh AS site_zh, site.en AS site_en,"
            " site.address, device.zh AS lift_zh, device.en AS lift_en, device.code AS lift_code, alert.status,"
            " alert.condition, alert.began AS trapped, round.began"
            " FROM alert JOIN site ON site.id = alert.site_id JOIN device ON device.id = alert.device_id"
            " LEFT JOIN rule ON rule.code = alert.rule_code AND rule.version = alert.rule_version"
            " JOIN LATERAL (SELECT max(started) AS began FROM clock WHERE alert_id = alert.id"
            "  AND kind = 'rescue_called') AS round ON round.began IS NOT NULL WHERE alert.id = %s",
            (alert,),
        )
        return await cursor.fetchone()


async def steps(connection: Connection, alert: int, began: datetime) -> list[RescueStep]:
    """What was reported in that round, in order."""
    async with connection.cursor(row_factory=class_row(RescueStep)) as cursor:
        await cursor.execute(
            "SELECT role, action, at, claimed, latitude, longitude FROM rescue_step"
            " WHERE alert_id = %s AND began = %s ORDER BY at, action",
            (alert, began),
        )
        return await cursor.fetchall()


async def report(connection: Connection, alert: int, began: datetime, step: RescueStep) -> bool:
    """Write a report down, at the database's time; False where the role has reported that in this round before."""
    cursor = await connection.execute(
        "INSERT INTO rescue_step (alert_id, began, role, action, claimed, latitude, longitude)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (alert, began, step.role, step.action, step.claimed, step.latitude, step.longitude),
    )
    return cursor.rowcount == 1


async def contacts(connection: Connection, alert: int) -> list[Contact]:
    """Whom the alert's lift calls."""
    async with connection.cursor(row_factory=class_row(Contact)) as cursor:
        await cursor.execute(
            "SELECT role, rescuer.zh, rescuer.en, rescuer.phone, EXISTS (SELECT FROM channel"
            "  WHERE channel.rescuer_id = rescuer.id AND channel.enabled) AS reachable"
            " FROM alert JOIN device_rescuer USING (device_id) JOIN rescuer ON rescuer.id = rescuer_id"
            " WHERE alert.id = %s ORDER BY array_position(ARRAY['maintainer', 'grid', 'emergency'], role)",
            (alert,),
        )
        return await cursor.fetchall()


async def put_rescuer(connection: Connection, code: str, zh: str, en: str, phone: str) -> int:
    """A firm or station that is called to lifts, known by its code. Needs the owner's rights."""
    cursor = await connection.execute(
        "INSERT INTO rescuer (code, zh, en, phone) VALUES (%s, %s, %s, %s) ON CONFLICT (code) DO UPDATE"
        " SET zh = excluded.zh, en = excluded.en, phone = excluded.phone RETURNING id",
        (code, zh, en, phone),
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(str(row[0]))


async def put_channel(connection: Connection, rescuer: int, url: str, secret: str) -> None:
    """The webhook of a rescuer: he has one; a changed address replaces it."""
    cursor = await connection.execute(
        "UPDATE channel SET url = %s, secret = %s WHERE rescuer_id = %s", (url, secret, rescuer)
    )
    if cursor.rowcount == 0:
        await connection.execute(
            "INSERT INTO channel (rescuer_id, url, secret) VALUES (%s, %s, %s)", (rescuer, url, secret)
        )


async def serve(connection: Connection, site: str, device: str, role: str, rescuer: str) -> bool:
    """Who is called to a lift in a role; False where there is no such device or rescuer."""
    cursor = await connection.execute(
        "INSERT INTO device_rescuer (device_id, role, rescuer_id) SELECT device.id, %s, rescuer.id FROM device"
        " JOIN site ON site.id = device.site_id CROSS JOIN rescuer"
        " WHERE site.code = %s AND device.code = %s AND rescuer.code = %s"
        " ON CONFLICT (device_id, role) DO UPDATE SET rescuer_id = excluded.rescuer_id",
        (role, site, device, rescuer),
    )
    return cursor.rowcount == 1
