"""Outages: what stands at sites and is silent there, which outages go on, and what each holds."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class StandingRow:
    """One device or camera of a site; `own_rule`: of its own active alert of silence."""

    site_id: int
    device_id: int | None
    camera_id: int | None
    edge: str
    last: datetime
    noticed: datetime | None
    counts: datetime | None
    away: bool
    own_rule: str | None
    own_version: int | None
    dismissed: bool


@dataclass(frozen=True, slots=True)
class GoingRow:
    """One member of an outage that is not over; `back`: it was heard again."""

    alert_id: int
    rule_code: str
    rule_version: int
    site_id: int
    zone: str
    status: str
    device_id: int | None
    camera_id: int | None
    back: datetime | None


@dataclass(frozen=True, slots=True)
class NewMember:
    """One that belongs to an outage, silent `since` then."""

    alert_id: int
    device_id: int | None
    camera_id: int | None
    since: datetime


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One of an outage as people read it."""

    kind: str
    id: int
    code: str
    zh: str
    en: str
    since: datetime
    back: datetime | None


# An edge names a camera OFFLINE after a minute without a picture (DOMAIN §1). A broker gives up a connection after one
# and a half keepalives (MQTT 5 §3.1.2.10), which are a minute at most.
_STANDING: LiteralString = """
    SELECT device.site_id, device.id AS device_id, NULL::bigint AS camera_id, coalesce(edge.code, '') AS edge,
        device.last_seen AS last,
        CASE WHEN NOT device.online THEN greatest(device.last_seen, least(device.last_seen + span.silence,
                coalesce((SELECT max(at) FROM presence_change AS was WHERE was.device_id = device.id
                    AND NOT was.online), device.last_seen)))
            WHEN device.last_seen + span.silence <= now() THEN device.last_seen + span.silence END AS noticed,
        least(device.last_seen + span.silence, CASE WHEN NOT device.online
            THEN device.last_seen + make_interval(secs => %(patience)s) END) AS counts,
        false AS away, own.rule_code AS own_rule, own.rule_version AS own_version, EXISTS (SELECT FROM alert
            WHERE alert.device_id = device.id AND alert.rule_code = ANY(%(silence)s) AND alert.status = 'dismissed'
            AND alert.condition = 'ACTIVE' AND alert.changed >= device.last_seen) AS dismissed
    FROM device JOIN device_profile AS profile ON profile.code = device.profile_code
    CROSS JOIN LATERAL (SELECT make_interval(secs => (profile.body->>'silence_s')::float8) AS silence) AS span
    LEFT JOIN edge ON edge.id = device.via
    LEFT JOIN LATERAL (SELECT rule_code, rule_version FROM alert WHERE alert.device_id = device.id
        AND rule_code = ANY(%(silence)s) AND condition = 'ACTIVE' AND status NOT IN ('closed', 'dismissed')
        LIMIT 1) AS own ON true
    WHERE device.site_id = ANY(%(sites)s) AND device.last_seen IS NOT NULL
    UNION ALL
    SELECT camera.site_id, NULL, camera.id, edge.code,
        CASE WHEN edge.away_since IS NOT NULL THEN edge.away_since - interval '90 seconds'
            WHEN health = ANY(%(codes)s) THEN health_at - interval '60 seconds' ELSE now() END,
        CASE WHEN edge.away_since IS NOT NULL THEN edge.away_since WHEN health = ANY(%(codes)s) THEN health_at END,
        CASE WHEN edge.away_since IS NOT NULL THEN edge.away_since + make_interval(secs => %(away)s)
            WHEN health = ANY(%(codes)s) THEN health_at END,
        edge.away_since IS NOT NULL, own.rule_code, own.rule_version, EXISTS (SELECT FROM alert
            WHERE alert.camera_id = camera.id AND alert.rule_code = ANY(%(health)s) AND alert.status = 'dismissed'
            AND alert.condition = 'ACTIVE' AND alert.changed >= camera.health_at AND health = ANY(%(codes)s))
    FROM camera JOIN edge ON edge.id = camera.edge_id
    LEFT JOIN LATERAL (SELECT rule_code, rule_version FROM alert WHERE alert.camera_id = camera.id
        AND rule_code = ANY(%(health)s) AND condition = 'ACTIVE' AND status NOT IN ('closed', 'dismissed')
        LIMIT 1) AS own ON true
    WHERE camera.site_id = ANY(%(sites)s) AND camera.removed IS NULL AND camera.health_at IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Measure:
    """What silence is: the codes of the rules of silent devices and cameras, the cameras' states, and times in seconds.

    `patience_s`: so long may a device that was reported offline take to come back; `away_s`: an edge.
    """

    silence: tuple[str, ...]
    health: tuple[str, ...]
    states: tuple[str, ...]
    patience_s: float
    away_s: float


async def standing(connection: Connection, sites: Collection[int], measure: Measure) -> list[StandingRow]:
    """All that stands at these sites and was ever heard."""
    async with connection.cursor(row_factory=class_row(StandingRow)) as cursor:
        await cursor.execute(
            _STANDING,
            {
                "sites": list(sites),
                "silence": list(measure.silence),
                "health": list(measure.health),
                "codes": list(measure.states),
                "patience": measure.patience_s,
                "away": measure.away_s,
            },
        )
        return await cursor.fetchall()


async def dark(connection: Connection, states: Sequence[str], within_s: float) -> set[int]:
    """Sites with cameras that went dark, or whose edge went away, within the last `within_s`, and no outage holds."""
    cursor = await connection.execute(
        "SELECT DISTINCT camera.site_id FROM camera JOIN edge ON edge.id = camera.edge_id"
        " WHERE camera.removed IS NULL AND camera.health_at IS NOT NULL AND ("
        "  edge.away_since > now() - make_interval(secs => %(within)s) OR camera.health = ANY(%(states)s)"
        "  AND camera.health_at > now() - make_interval(secs => %(within)s))"
        " AND NOT EXISTS (SELECT FROM outage_member AS held WHERE held.camera_id = camera.id AND held.back IS NULL"
        "  AND outage_holds(held, 0))",
        {"states": list(states), "within": within_s},
    )
    return {int(str(row[0])) for row in await cursor.fetchall()}


async def going_sites(connection: Connection) -> set[int]:
    """Sites with an outage that is not over."""
    cursor = await connection.execute(
        "SELECT site_id FROM alert WHERE id IN (SELECT alert_id FROM outage_member WHERE freed IS NULL)"
    )
    return {int(str(row[0])) for row in await cursor.fetchall()}


async def going(connection: Connection, sites: Collection[int]) -> list[GoingRow]:
    """The members of these sites' outages that are not over, by alert."""
    async with connection.cursor(row_factory=class_row(GoingRow)) as cursor:
        await cursor.execute(
            "SELECT alert.id AS alert_id, rule_code, rule_version, alert.site_id, alert.zone, alert.status,"
            " member.device_id, member.camera_id, member.back FROM outage_member AS member"
            " JOIN alert ON alert.id = member.alert_id"
            " WHERE member.freed IS NULL AND alert.site_id = ANY(%s) ORDER BY alert.id",
            (list(sites),),
        )
        return await cursor.fetchall()


async def join(connection: Connection, members: Sequence[NewMember]) -> None:
    """Let these belong to their outages; one that belonged before is silent anew."""
    if members:
        await connection.execute(
            "INSERT INTO outage_member AS old (alert_id, device_id, camera_id, since)"
            " SELECT alert, nullif(device, 0), nullif(camera, 0), since"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[])"
            "  AS new (alert, device, camera, since)"
            " ON CONFLICT (alert_id, coalesce(device_id, 0), coalesce(camera_id, 0))"
            " DO UPDATE SET since = excluded.since, back = NULL, freed = NULL",
            (
                [one.alert_id for one in members],
                [one.device_id or 0 for one in members],
                [one.camera_id or 0 for one in members],
                [one.since for one in members],
            ),
        )


async def give_back(connection: Connection, heard: Mapping[int, Sequence[tuple[int, int]]]) -> None:
    """Note who was heard again: (device or 0, camera or 0) by alert."""
    rows = [(alert, *one) for alert, some in heard.items() for one in some]
    if rows:
        alerts, devices, cameras = zip(*rows, strict=True)
        await connection.execute(
            "UPDATE outage_member SET back = now()"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS said (alert, device, camera)"
            " WHERE alert_id = alert AND coalesce(device_id, 0) = device AND coalesce(camera_id, 0) = camera"
            " AND back IS NULL",
            (list(alerts), list(devices), list(cameras)),
        )


async def free(connection: Connection, alerts: Collection[int]) -> None:
    """These outages are over: what is silent still is so for itself."""
    if alerts:
        await connection.execute(
            "UPDATE outage_member SET freed = now() WHERE alert_id = ANY(%s) AND freed IS NULL", (list(alerts),)
        )


async def held_cameras(connection: Connection, cameras: Collection[int], patience_s: float) -> set[int]:
    """Which of these an outage holds, or held until less than `patience_s` ago."""
    if not cameras:
        return set()
    cursor = await connection.execute(
        "SELECT camera_id FROM outage_member AS held WHERE camera_id = ANY(%s) AND back IS NULL"
        " AND outage_holds(held, %s)",
        (list(cameras), patience_s),
    )
    return {int(str(row[0])) for row in await cursor.fetchall()}


async def members(connection: Connection, alert: int) -> list[MemberRow]:
    """Those of one outage that the person may see: what is still silent first."""
    async with connection.cursor(row_factory=class_row(MemberRow)) as cursor:
        await cursor.execute(
            "SELECT 'device' AS kind, device.id, code, zh, en, since, back FROM outage_member"
            " JOIN device ON device.id = device_id WHERE alert_id = %(alert)s"
            " UNION ALL SELECT 'camera', camera.id, code, zh, en, since, back FROM outage_member"
            " JOIN camera ON camera.id = camera_id WHERE alert_id = %(alert)s"
            " ORDER BY back DESC NULLS FIRST, since, code LIMIT 2000",
            {"alert": alert},
        )
        return await cursor.fetchall()
