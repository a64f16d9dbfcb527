"""What is measured for risk scores: one statement for each measure, over some sites, as of a moment (ADR 34).

Rows are (site, device, measure's name, value); a site's own row has no device. Facts count by when we heard of them, so
that the same moment gives the same values later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

from domain.risk import Measure
from store.connection import Connection

WINDOW = timedelta(days=30)
LATELY = timedelta(hours=24)
NEVER_D = 3650.0  # nobody has looked: more than any weights' `full`

_OPEN: LiteralString = """
    SELECT site_id, device_id, 'open_' || severity, count(*)::float8 FROM alert
    WHERE site_id = ANY(%(sites)s) AND raised < %(at)s AND severity < 4
        AND (status NOT IN ('closed', 'dismissed') OR changed >= %(at)s)
        AND alert_status_at(id, %(at)s) NOT IN ('closed', 'dismissed')
    GROUP BY GROUPING SETS ((site_id, severity), (site_id, device_id, severity))
    HAVING grouping(device_id) = 1 OR device_id IS NOT NULL
"""
# A false alarm is nobody's fault: neither late nor a repeat.
_LATE: LiteralString = """
    SELECT site_id, device_id, 'late', avg((NOT answered)::int)::float8 FROM (
        SELECT site_id, device_id, EXISTS (SELECT FROM alert_history AS step
            WHERE alert_id = alert.id AND step.at <= first_due AND CASE WHEN severity = 1
                THEN target <> 'open' ELSE target IN ('rectified', 'closed') END) AS answered
        FROM alert WHERE site_id = ANY(%(sites)s) AND severity < 4 AND first_due >= %(since)s AND first_due < %(at)s
            AND raised < %(at)s AND alert_status_at(id, %(at)s) <> 'dismissed') AS told
    GROUP BY GROUPING SETS ((site_id), (site_id, device_id))
    HAVING grouping(device_id) = 1 OR device_id IS NOT NULL
"""
_REPEATS: LiteralString = """
    SELECT site_id, device_id, 'repeats',
        (count(*) - count(DISTINCT (rule_code, coalesce(device_id, 0), coalesce(camera_id, 0))))::float8
    FROM alert WHERE site_id = ANY(%(sites)s) AND severity < 4 AND raised >= %(since)s AND raised < %(at)s
        AND alert_status_at(id, %(at)s) <> 'dismissed'
    GROUP BY GROUPING SETS ((site_id), (site_id, device_id))
    HAVING grouping(device_id) = 1 OR device_id IS NOT NULL
"""
_CAMERAS: LiteralString = """
    WITH watched AS (SELECT id, site_id FROM camera
        WHERE site_id = ANY(%(sites)s) AND (removed IS NULL OR removed >= %(at)s)),
    said AS (
        SELECT watched.id, site_id, state, %(lately)s::timestamptz AS since, 0::bigint AS n
        FROM watched CROSS JOIN LATERAL (SELECT state FROM camera_health WHERE camera_id = watched.id
            AND at <= %(lately)s AND received < %(at)s ORDER BY at DESC, id DESC LIMIT 1) AS before
        UNION ALL SELECT watched.id, site_id, state, at, camera_health.id
        FROM watched JOIN camera_health ON camera_id = watched.id
        WHERE at > %(lately)s AND at < %(at)s AND received < %(at)s),
    spell AS (SELECT site_id, state, extract(epoch FROM
        lead(since, 1, %(at)s) OVER (PARTITION BY id ORDER BY since, n) - since) AS s FROM said)
    SELECT site_id, NULL::bigint, 'cameras', (coalesce(sum(s) FILTER (WHERE state <> 'OK'), 0) / sum(s))::float8
    FROM spell GROUP BY site_id HAVING sum(s) > 0
"""
_MISSING: LiteralString = """
    WITH owned AS (SELECT id, site_id FROM device WHERE site_id = ANY(%(sites)s)),
    said AS (
        SELECT owned.id, site_id, online, %(lately)s::timestamptz AS since
        FROM owned CROSS JOIN LATERAL (SELECT online FROM presence_change WHERE device_id = owned.id
            AND at <= %(lately)s ORDER BY at DESC LIMIT 1) AS before
        UNION ALL SELECT owned.id, site_id, online, at FROM owned JOIN presence_change ON device_id = owned.id
        WHERE at > %(lately)s AND at < %(at)s),
    spell AS (SELECT site_id, id AS device_id, online, extract(epoch FROM
        lead(since, 1, %(at)s) OVER (PARTITION BY id ORDER BY since) - since) AS s FROM said)
    SELECT site_id, device_id, 'missing', (coalesce(sum(s) FILTER (WHERE NOT online), 0) / sum(s))::float8
    FROM spell GROUP BY GROUPING SETS ((site_id), (site_id, device_id)) HAVING sum(s) > 0
"""
_UNSEEN: LiteralString = """
    SELECT site.id, NULL::bigint, 'unseen', coalesce(extract(epoch FROM %(at)s - greatest(
        (SELECT max(review.at) FROM alert JOIN review ON alert_id = alert.id
            WHERE alert.site_id = site.id AND review.at < %(at)s),
        (SELECT max(at) FROM draw_site WHERE site_id = site.id AND at < %(at)s))) / 86400, %(never)s)::float8
    FROM site WHERE site.id = ANY(%(sites)s)
"""
_CARDS: LiteralString = """
    SELECT site_id, NULL::bigint, 'cards', sum(CASE colour WHEN 'red' THEN 2 ELSE 1 END)::float8
    FROM card WHERE site_id = ANY(%(sites)s) AND issued < %(at)s
        AND NOT EXISTS (SELECT FROM card_lift WHERE card_id = card.id AND card_lift.at < %(at)s)
    GROUP BY site_id
"""
STATEMENTS: dict[str, LiteralString] = {
    "open": _OPEN,
    "late": _LATE,
    "repeats": _REPEATS,
    "cameras": _CAMERAS,
    "missing": _MISSING,
    "unseen": _UNSEEN,
    "cards": _CARDS,
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure of a site (`device` 0) or of one of its devices."""

    site: int
    device: int
    measure: Measure
    value: float


async def measure(connection: Connection, statement: str, sites: Sequence[int], at: datetime) -> list[Measured]:
    """What one of STATEMENTS says of those sites."""
    cursor = await connection.execute(
        STATEMENTS[statement],
        {"sites": list(sites), "at": at, "since": at - WINDOW, "lately": at - LATELY, "never": NEVER_D},
    )
    return [
        Measured(int(str(site)), int(str(device or 0)), Measure(str(name)), float(str(value)))
        for site, device, name, value in await cursor.fetchall()
    ]
