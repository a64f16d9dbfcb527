"""A city for the benchmark of risk scores: cameras, their health, devices' presence, alerts with their history."""

from store.connection import Connection

_CAMERAS = """
    INSERT INTO camera (site_id, edge_id, code, zh, en, url, zones)
    SELECT site.id, (SELECT min(id) FROM edge), 'c-' || site.id || '-' || n, 'c', 'c', '', '[]'
    FROM site, generate_series(1, %(each)s) AS n
"""
_HEALTH = """
    INSERT INTO camera_health (camera_id, state, at, why, received)
    SELECT id, CASE WHEN n %% 2 = 0 THEN 'OK' ELSE 'OFFLINE' END, at, '', at
    FROM camera, generate_series(0, 9) AS n,
        LATERAL (SELECT now() - interval '1 hour' * (3 * n + id %% 3) AS at) AS moment
"""
_PRESENCE = """
    INSERT INTO presence_change
    SELECT id, now() - interval '1 hour' * (5 * n + id %% 5), n %% 2 = 0 FROM device, generate_series(0, 9) AS n
"""
# In the last 90 days, nine of ten finished; each with its steps, and a verdict on those that are closed.
_ALERTS = """
    WITH raised AS (
        INSERT INTO alert (rule_code, rule_version, site_id, camera_id, severity, condition, status, began, raised,
            changed, due, why)
        SELECT 'load-' || n %% 9 || CASE WHEN n %% 10 = 0 THEN '-' || n ELSE '' END, 1, camera.site_id, camera.id,
            1 + n %% 3, 'CLEARED',
            CASE WHEN n %% 10 = 0 THEN 'open' WHEN n %% 10 = 1 THEN 'dismissed' ELSE 'closed' END,
            at, at, at + interval '3 hours', at + interval '2 hours', 'bench'
        FROM generate_series(0, %(count)s - 1) AS n
        JOIN (SELECT id, site_id, row_number() OVER (ORDER BY id) - 1 AS number FROM camera) AS camera
            ON number = n * 7919::bigint %% (SELECT count(*) FROM camera),
        LATERAL (SELECT now() - interval '90 days' * n / %(count)s AS at) AS moment RETURNING id, status, raised),
    step AS (
        INSERT INTO alert_history (alert_id, at, action, source, target, condition)
        SELECT id, raised + interval '1 hour' * n, 'bench', source, target, 'ACTIVE' FROM raised,
            (VALUES (0, NULL, 'open'), (1, 'open', 'acknowledged'), (2, 'acknowledged', 'rectified'),
                (3, 'rectified', 'end')) AS told (n, source, target)
        WHERE n = 0 OR status <> 'open' RETURNING 1)
    INSERT INTO review (alert_id, person_id, at, verdict, reason)
    SELECT id, (SELECT min(id) FROM person), raised + interval '3 hours',
        CASE status WHEN 'closed' THEN 'accept' ELSE 'dismiss' END, '' FROM raised WHERE status <> 'open'
"""


async def plant(connection: Connection, cameras: int, alerts: int) -> None:
    """So many cameras on each site, ten changes of health and presence each, alerts with their steps; as the owner."""
    await connection.execute(_CAMERAS, {"each": cameras})
    await connection.execute(_HEALTH, {})
    await connection.execute(_PRESENCE, {})
    await connection.execute(_ALERTS, {"count": alerts})
    await connection.execute(
        "UPDATE alert_history SET target = status FROM alert WHERE alert.id = alert_id AND target = 'end'"
    )
