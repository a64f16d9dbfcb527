"""The machine's re-checks after a report: which are due, what there was to see meanwhile, and how they end."""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from psycopg.rows import class_row, scalar_row

from domain.alert import Recheck
from store.connection import Connection


@dataclass(frozen=True, slots=True)
class Watch:
    """A re-check whose next look has come, and what the machine knows of its alert since it began.

    `cleared`: since when the condition is over, None while it is still so. `recurred`: it came back meanwhile. `blind`:
    what kept the machine from seeing, a camera's health or 'OFFLINE' of a device; ''. `measured`: latest values by
    metric, as JSON. `machine_share` is 0 where a human always looks.
    """

    rectification_id: int
    alert_id: int
    began: datetime
    watch_s: float
    now: datetime
    cleared: datetime | None
    recurred: bool
    blind: str
    is_camera: bool
    predicate: str
    measured: str
    machine_share: float
    draw_seed: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a re-check ended, with its named reason."""

    result: Recheck
    clear_since: datetime | None
    why: str


async def due(connection: Connection, limit: int) -> list[int]:
    """The alerts whose re-check has a look due, the longest waiting first."""
    async with connection.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            "SELECT alert_id FROM recheck WHERE result IS NULL AND next_look <= now() ORDER BY next_look LIMIT %s",
            (limit,),
        )
        return await cursor.fetchall()


async def watch(connection: Connection, alert: int) -> list[Watch]:
    """The running re-checks of a locked alert: more than one where a report was sent back before its look was over."""
    async with connection.cursor(row_factory=class_row(Watch)) as cursor:
        await cursor.execute(
            "SELECT recheck.rectification_id, alert.id AS alert_id, recheck.began, recheck.watch_s,"
            " clock_timestamp() AS now, alert.cleared, alert.camera_id IS NOT NULL AS is_camera,"
            " EXISTS (SELECT FROM alert_history AS step WHERE step.alert_id = alert.id"
            "  AND step.action IN ('recurred', 'repeated') AND step.at > recheck.began) AS recurred,"
            " coalesce(CASE WHEN alert.camera_id IS NULL THEN"
            "   (SELECT 'OFFLINE' FROM device WHERE device.id = alert.device_id AND NOT online)"
            "  ELSE (SELECT state FROM ("
            "    SELECT health AS state, now() AS at FROM camera WHERE camera.id = alert.camera_id"
            "    UNION ALL SELECT state, at FROM camera_health AS was"
            "     WHERE was.camera_id = alert.camera_id AND was.at > recheck.began"
            "    UNION ALL (SELECT state, at FROM camera_health AS was"
            "     WHERE was.camera_id = alert.camera_id AND was.at <= recheck.began ORDER BY was.at DESC LIMIT 1)"
            "   ) AS was WHERE state NOT IN ('OK', 'LOW_FPS') ORDER BY at DESC LIMIT 1) END, '')"
            "  AS blind,"
            " coalesce(rule.body->>'predicate', '') AS predicate,"
            " coalesce((SELECT jsonb_object_agg(metric.name, latest.value) FROM reading_latest AS latest"
            "  JOIN metric ON metric.id = latest.metric_id WHERE latest.device_id = alert.device_id), '{}')::text"
            "  AS measured,"
            " CASE WHEN alert.severity = 3 THEN coalesce((rule.body->>'machine_share')::float8, 0) ELSE 0 END"
            "  AS machine_share, coalesce(rule.body->>'draw_seed', '') AS draw_seed"
            " FROM recheck JOIN alert ON alert.id = recheck.alert_id"
            " LEFT JOIN rule ON rule.code = alert.rule_code AND rule.version = alert.rule_version"
            " WHERE recheck.alert_id = %s AND recheck.result IS NULL ORDER BY recheck.rectification_id",
            (alert,),
        )
        return await cursor.fetchall()


async def look_again(connection: Connection, rectification: int, at: datetime) -> None:
    """Go on looking until then."""
    await connection.execute("UPDATE recheck SET next_look = %s WHERE rectification_id = %s", (at, rectification))


async def end(connection: Connection, rectification: int, outcome: Outcome) -> None:
    """Write down how a re-check ended, once."""
    await connection.execute(
        "UPDATE recheck SET ended = clock_timestamp(), next_look = NULL, result = %s, clear_since = %s, why = %s"
        " WHERE rectification_id = %s AND result IS NULL",
        (outcome.result, outcome.clear_since, outcome.why, rectification),
    )


async def record_draw(connection: Connection, watched: Watch, drawn: float, *, human: bool) -> None:
    """Keep what was drawn for an alert, and from what; the first draw stands."""
    await connection.execute(
        "INSERT INTO audit_draw (alert_id, seed, share, drawn, human) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (watched.alert_id, watched.draw_seed, watched.machine_share, drawn, human),
    )


def values(measured: str) -> dict[str, float]:
    """The latest values of a watch by metric."""
    return msgspec.json.decode(measured, type=dict[str, float])
