"""Which devices have fallen silent, and which are heard again, by a silence rule's own alerts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class SilenceRow:
    """A device whose silence began (`silent`) or ended; `last_seen` and `now` are both our clock."""

    device_id: int
    site_id: int
    silent: bool
    last_seen: datetime
    now: datetime


async def flips(
    connection: Connection,
    code: str,
    profiles: Sequence[str],
    patience_s: float,
    *,
    limit: int,
    held: Collection[int] = (),
) -> list[SilenceRow]:
    """Some devices whose silence differs from what their open alert of rule `code` says.

    Silent: nothing heard for the profile's silence_s, or reported offline and not back within `patience_s`. A device
    that was never heard is not yet installed. A silence that somebody dismissed stays dismissed until it ends. What an
    outage holds, or `held` names, is silent together with others.
    """
    async with connection.cursor(row_factory=class_row(SilenceRow)) as cursor:
        await cursor.execute(
            "SELECT device_id, site_id, silent, last_seen, now() FROM ("
            "  SELECT device.id AS device_id, device.site_id, device.last_seen,"
            "   device.last_seen < now() - make_interval(secs => (profile.body->>'silence_s')::float8)"
            "   OR (NOT device.online AND device.last_seen < now() - make_interval(secs => %(patience)s)) AS silent"
            "  FROM device JOIN device_profile AS profile ON profile.code = device.profile_code"
            "  WHERE device.last_seen IS NOT NULL AND (%(every)s OR profile.code = ANY(%(profiles)s)"
            "   OR profile.body->>'base' = ANY(%(profiles)s))"
            " ) AS heard LEFT JOIN LATERAL (SELECT condition FROM alert WHERE alert.rule_code = %(code)s"
            "  AND coalesce(alert.device_id, 0) = heard.device_id AND coalesce(alert.camera_id, 0) = 0"
            "  AND zone = '' AND status NOT IN ('closed', 'dismissed')) AS alert ON true"
            " WHERE CASE WHEN silent THEN alert.condition IS DISTINCT FROM 'ACTIVE' AND NOT EXISTS ("
            "   SELECT FROM alert AS ended WHERE ended.device_id = heard.device_id AND ended.rule_code = %(code)s"
            "   AND ended.status = 'dismissed' AND ended.condition = 'ACTIVE' AND ended.changed >= heard.last_seen)"
            "   AND heard.device_id <> ALL(%(held)s)"
            "   AND NOT EXISTS (SELECT FROM outage_member AS held WHERE held.device_id = heard.device_id"
            "    AND held.back IS NULL AND outage_holds(held, %(patience)s))"
            "  ELSE alert.condition = 'ACTIVE' END ORDER BY last_seen LIMIT %(limit)s",
            {
                "code": code,
                "profiles": list(profiles),
                "every": not profiles,
                "patience": patience_s,
                "limit": limit,
                "held": list(held),
            },
        )
        return await cursor.fetchall()
