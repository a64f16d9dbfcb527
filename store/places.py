"""Sites, cameras and devices as a person may see them, and the operations page's counts."""

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One site with its operator, how many cameras and devices are well, and its unfinished alerts."""

    id: int
    code: str
    kind: str
    zh: str
    en: str
    address: str
    authority_zh: str
    authority_en: str
    operator_zh: str
    operator_en: str
    uscc: str
    cameras: int
    cameras_ok: int
    devices: int
    devices_online: int
    alerts: int
    gravest: int | None
    card: str | None  # the gravest in force


@dataclass(frozen=True, slots=True)
class CameraRow:
    """One camera's health; its address is nobody's business here. `picture` is its latest redacted frame."""

    id: int
    code: str
    zh: str
    en: str
    site_id: int
    site_code: str
    site_zh: str
    site_en: str
    health: str
    health_at: datetime | None
    health_why: str
    zones: int
    alerts: int
    picture: str | None
    picture_at: datetime | None
    mode: str
    weight: int


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One device and the profile that names its metrics (`profile` is the body as JSON text)."""

    id: int
    code: str
    zh: str
    en: str
    site_id: int
    site_code: str
    site_zh: str
    site_en: str
    online: bool
    last_seen: datetime | None
    alerts: int
    profile: str


@dataclass(frozen=True, slots=True)
class DeadLetterCount:
    """How many messages were refused with that reason, and when last."""

    reason: str
    n: int
    last: datetime


_SITES: LiteralString = """
    SELECT site.id, site.code, site.kind, site.zh, site.en, site.address, authority.zh AS authority_zh,
        authority.en AS authority_en, operator.zh AS operator_zh, operator.en AS operator_en, operator.uscc,
        (SELECT count(*)::int FROM camera WHERE camera.site_id = site.id AND removed IS NULL) AS cameras,
        (SELECT count(*)::int FROM camera WHERE camera.site_id = site.id AND health = 'OK'
            AND removed IS NULL) AS cameras_ok,
        (SELECT count(*)::int FROM device WHERE device.site_id = site.id) AS devices,
        (SELECT count(*)::int FROM device WHERE device.site_id = site.id AND online) AS devices_online,
        open.n AS alerts, open.gravest,
        (SELECT min(colour) FROM card WHERE card.site_id = site.id
            AND NOT EXISTS (SELECT FROM card_lift WHERE card_id = card.id)) AS card
    FROM site JOIN operator ON operator.id = site.operator_id JOIN authority ON authority.path = site.authority
    CROSS JOIN LATERAL (SELECT count(*)::int AS n, min(severity)::int AS gravest FROM alert
        WHERE alert.site_id = site.id AND alert.status IN ('open', 'acknowledged', 'rectified')) AS open
"""
_CAMERAS: LiteralString = """
    SELECT camera.id, camera.code, camera.zh, camera.en, site.id AS site_id, site.code AS site_code,
        site.zh AS site_zh, site.en AS site_en, health, health_at, health_why,
        jsonb_array_length(camera.zones) AS zones,
        (SELECT count(*)::int FROM alert WHERE alert.camera_id = camera.id
            AND alert.status IN ('open', 'acknowledged', 'rectified')) AS alerts,
        latest.sha256 AS picture, latest.begin_at AS picture_at, mode, weight
    FROM camera JOIN site ON site.id = camera.site_id
    LEFT JOIN LATERAL (SELECT evidence.sha256, evidence.begin_at FROM scene_event
        JOIN evidence ON evidence.scene_event_id = scene_event.id AND evidence.kind = 'frame_redacted'
        WHERE scene_event.camera_id = camera.id ORDER BY scene_event.first DESC LIMIT 1) AS latest ON true
"""
_DEVICES: LiteralString = """
    SELECT device.id, device.code, device.zh, device.en, site.id AS site_id, site.code AS site_code,
        site.zh AS site_zh, site.en AS site_en, online, last_seen,
        (SELECT count(*)::int FROM alert WHERE alert.device_id = device.id
            AND alert.status IN ('open', 'acknowledged', 'rectified')) AS alerts, device_profile.body::text AS profile
    FROM device JOIN site ON site.id = device.site_id
    JOIN device_profile ON device_profile.code = device.profile_code
"""


async def sites(connection: Connection, search: str = "", limit: int = 1000) -> list[SiteRow]:
    """Sites whose names, operator or code contain `search`, those with the gravest alerts first."""
    async with connection.cursor(row_factory=class_row(SiteRow)) as cursor:
        await cursor.execute(
            _SITES
            + " WHERE position(lower(%(search)s) IN lower(concat_ws(' ', site.code, site.zh, site.en, operator.zh,"
            " operator.en, operator.uscc))) > 0"
            " ORDER BY open.gravest NULLS LAST, open.n DESC, site.code LIMIT %(limit)s",
            {"search": search, "limit": limit},
        )
        return await cursor.fetchall()


async def sites_by_code(connection: Connection, search: str, kind: str, after: str, limit: int) -> list[SiteRow]:
    """The same after a code, in the order of codes; of one kind, unless it is empty."""
    async with connection.cursor(row_factory=class_row(SiteRow)) as cursor:
        await cursor.execute(
            _SITES + " WHERE site.code > %(after)s AND %(kind)s IN ('', site.kind) AND position(lower(%(search)s) IN"
            " lower(concat_ws(' ', site.code, site.zh, site.en, operator.zh, operator.en, operator.uscc))) > 0"
            " ORDER BY site.code LIMIT %(limit)s",
            {"search": search, "kind": kind, "after": after, "limit": limit},
        )
        return await cursor.fetchall()


async def count_sites(connection: Connection) -> int:
    """How many sites the person may see."""
    cursor = await connection.execute("SELECT count(*)::int FROM site")
    row = await cursor.fetchone()
    return 0 if row is None else int(str(row[0]))


async def site(connection: Connection, identity: int) -> SiteRow | None:
    """One site, or None where there is none or it is another tenant's."""
    async with connection.cursor(row_factory=class_row(SiteRow)) as cursor:
        await cursor.execute(_SITES + " WHERE site.id = %s", (identity,))
        return await cursor.fetchone()


async def timezone(connection: Connection, site: int) -> str | None:
    """The time zone of a site that the person may see, or None."""
    cursor = await connection.execute(
        "SELECT coalesce(schedule->>'timezone', 'Asia/Shanghai') FROM site WHERE id = %s", (site,)
    )
    row = await cursor.fetchone()
    return None if row is None else str(row[0])


async def cameras(
    connection: Connection, site: int | None, limit: int = 1000, after: tuple[str] = ("",)
) -> list[CameraRow]:
    """Cameras of one site, or of all, by code."""
    async with connection.cursor(row_factory=class_row(CameraRow)) as cursor:
        await cursor.execute(
            _CAMERAS + " WHERE (%(site)s::bigint IS NULL OR camera.site_id = %(site)s) AND removed IS NULL"
            " AND camera.code > %(after)s ORDER BY camera.code LIMIT %(n)s",
            {"site": site, "n": limit, "after": after[0]},
        )
        return await cursor.fetchall()


async def camera(connection: Connection, identity: int) -> CameraRow | None:
    """One camera, or None where there is none or it is another tenant's."""
    async with connection.cursor(row_factory=class_row(CameraRow)) as cursor:
        await cursor.execute(_CAMERAS + " WHERE camera.id = %s", (identity,))
        return await cursor.fetchone()


async def devices(
    connection: Connection, site: int | None, limit: int = 1000, after: tuple[str, str] = ("", "")
) -> list[DeviceRow]:
    """Devices of one site, or of all, by its code and their own."""
    async with connection.cursor(row_factory=class_row(DeviceRow)) as cursor:
        await cursor.execute(
            _DEVICES + " WHERE (%(site)s::bigint IS NULL OR device.site_id = %(site)s)"
            " AND (site.code, device.code) > (%(of)s, %(code)s) ORDER BY site.code, device.code LIMIT %(n)s",
            {"site": site, "n": limit, "of": after[0], "code": after[1]},
        )
        return await cursor.fetchall()


async def device(connection: Connection, identity: int) -> DeviceRow | None:
    """One device, or None where there is none or it is another tenant's."""
    async with connection.cursor(row_factory=class_row(DeviceRow)) as cursor:
        await cursor.execute(_DEVICES + " WHERE device.id = %s", (identity,))
        return await cursor.fetchone()


async def device_by_code(connection: Connection, site: str, code: str) -> DeviceRow | None:
    """One device by its site's and its own code, or None."""
    async with connection.cursor(row_factory=class_row(DeviceRow)) as cursor:
        await cursor.execute(_DEVICES + " WHERE site.code = %s AND device.code = %s", (site, code))
        return await cursor.fetchone()


async def dead_letters(connection: Connection) -> list[DeadLetterCount]:
    """Refused messages by reason, the most frequent first; never their content."""
    async with connection.cursor(row_factory=class_row(DeadLetterCount)) as cursor:
        await cursor.execute(
            "SELECT left(reason, 120) AS reason, count(*)::int AS n, max(received) AS last FROM dead_letter"
            " GROUP BY 1 ORDER BY 2 DESC LIMIT 20"
        )
        return await cursor.fetchall()


@dataclass(frozen=True, slots=True)
class SiteName:
    """A site to choose from a list."""

    id: int
    zh: str
    en: str


async def late(connection: Connection) -> tuple[str, tuple[str, str]]:
    """A site's code, and a device's with its site's, after nine tenths of all in their lists; for measurements."""
    cursor = await connection.execute(
        "SELECT percentile_disc(0.9) WITHIN GROUP (ORDER BY code) FROM site UNION ALL SELECT max(code) FROM device"
    )
    site, device = [str(row[0]) for row in await cursor.fetchall()]
    return site, (site, device)


async def names(connection: Connection, limit: int = 500) -> list[SiteName]:
    """The names of the sites, for a choice."""
    async with connection.cursor(row_factory=class_row(SiteName)) as cursor:
        await cursor.execute("SELECT id, zh, en FROM site ORDER BY code LIMIT %s", (limit,))
        return await cursor.fetchall()
