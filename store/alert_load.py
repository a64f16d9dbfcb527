"""What a benchmark of the alert engine needs: signals and alerts by the statement, and the bare cost of their rows."""

import hashlib
import secrets
import time
from collections.abc import Sequence

from store import alerts
from store.connection import Connection

# What an alert of a signal leaves behind, in one statement: the limit for anything that decides before it writes.
_BARE_BATCH = """
    WITH work AS (SELECT signal.id, device_id, site_id, time, rule_code, rule_version FROM signal
        JOIN device ON device.id = device_id WHERE signal.id = ANY(%s)),
    raised AS (INSERT INTO alert (rule_code, rule_version, site_id, device_id, severity, condition, status, began, due,
        why) SELECT rule_code, rule_version, site_id, device_id, 3, 'ACTIVE', 'open', time, now(), 'bench' FROM work
        RETURNING id, site_id),
    told AS (INSERT INTO alert_history (alert_id, at, action, target, condition, reason)
        SELECT id, clock_timestamp(), 'raised', 'open', 'ACTIVE', 'bench' FROM raised),
    pushed AS (INSERT INTO push (alert_id, channel_id, reason)
        SELECT raised.id, channel.id, 'raised' FROM raised JOIN site ON site.id = site_id
        JOIN channel ON channel.operator_id = site.operator_id)
    UPDATE signal SET handled = now(), outcome = 'raised' WHERE id = ANY(%s)
"""

# Nine of ten are finished, in the last 90 days; of the others each has a subject of its own (alert_incident).
_PLANT_ALERTS = """
    INSERT INTO alert (rule_code, rule_version, site_id, device_id, severity, condition, status, began, raised, changed,
        cleared, due, why, met)
    SELECT 'load-' || n / %(devices)s, 1, device.site_id, device.id,
        1 + (n / 10 %% 100 > 1)::int + (n / 10 %% 10 > 2)::int,
        CASE WHEN n %% 3 = 0 THEN 'ACTIVE' ELSE 'CLEARED' END,
        CASE WHEN n %% 10 > 0 THEN 'closed' WHEN n %% 20 = 0 THEN 'open' ELSE 'rectified' END,
        at, at, at, CASE WHEN n %% 3 = 0 THEN NULL ELSE at END, at + interval '1 day', 'air_temp=-12.5 > -15',
        CASE WHEN n %% 20 > 0 THEN n %% 7 > 0 END
    FROM generate_series(0, %(count)s - 1) AS n
    JOIN unnest(%(ids)s::bigint[]) WITH ORDINALITY AS subject (id, number)
        ON number = 1 + n * 7919::bigint %% %(devices)s
    JOIN device ON device.id = subject.id,
    LATERAL (SELECT now() - interval '90 days' * (%(count)s - n) / %(count)s AS at) AS moment
    ORDER BY n
"""


async def plant_signals(connection: Connection, rule: str, devices: Sequence[int], *, value: bool) -> None:
    """A flip of a rule's first version on each device, waiting for the engine."""
    await connection.execute(
        "INSERT INTO signal (rule_code, rule_version, device_id, value, time, why, severity)"
        " SELECT %s, 1, device, %s, now(), 'bench', (SELECT (body->>'severity')::smallint FROM rule"
        "  WHERE code = %s AND version = 1) FROM unnest(%s::bigint[]) AS device",
        (rule, value, rule, list(devices)),
    )


async def bare(connection: Connection, rule: str, size: int) -> float:
    """Make alerts, history and pushes of a rule's waiting signals, `size` in a transaction; the seconds it took.

    Needs an autocommit connection.
    """
    cursor = await connection.execute("SELECT id FROM signal WHERE rule_code = %s ORDER BY id", (rule,))
    ids = [int(str(row[0])) for row in await cursor.fetchall()]
    began = time.monotonic()
    for start in range(0, len(ids), size):
        some = ids[start : start + size]
        await connection.execute(_BARE_BATCH, (some, some))
    return time.monotonic() - began


async def plant_alerts(connection: Connection, devices: Sequence[int], count: int) -> None:
    """So many alerts on these devices (a number of them that 7919 does not divide), the last of them raised now."""
    await connection.execute(_PLANT_ALERTS, {"ids": list(devices), "devices": len(devices), "count": count})


async def raised(connection: Connection, rule: str) -> tuple[int, int, int]:
    """How many alerts of a rule there are, entries of their history, and pushes about them."""
    cursor = await connection.execute(
        "SELECT count(*)::int, coalesce(sum((SELECT count(*) FROM alert_history WHERE alert_id = alert.id)), 0)::int,"
        " coalesce(sum((SELECT count(*) FROM push WHERE alert_id = alert.id)), 0)::int FROM alert WHERE rule_code = %s",
        (rule,),
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(str(row[0])), int(str(row[1])), int(str(row[2]))


async def waiting(connection: Connection) -> int:
    """How many signals the engine has not handled."""
    row = await (await connection.execute("SELECT count(*)::int FROM signal WHERE handled IS NULL")).fetchone()
    assert row is not None
    return int(str(row[0]))


async def subjects(connection: Connection, rule: str) -> dict[int, int]:
    """Whom a rule's alerts are about: devices by alerts."""
    cursor = await connection.execute("SELECT id, device_id FROM alert WHERE rule_code = %s", (rule,))
    return {int(str(row[0])): int(str(row[1])) for row in await cursor.fetchall()}


async def operator(connection: Connection, uscc: str) -> int:
    """An operator's id."""
    row = await (await connection.execute("SELECT id FROM operator WHERE uscc = %s", (uscc,))).fetchone()
    assert row is not None
    return int(str(row[0]))


async def log_in(connection: Connection, count: int, city: str) -> list[str]:
    """So many people with a session each: every twelfth of the city, the others of its stations; their tokens."""
    tokens = [secrets.token_urlsafe(32) for _ in range(count)]
    hashes = [hashlib.sha256(token.encode()).digest() for token in tokens]
    await connection.execute(
        "WITH station AS (SELECT path, row_number() OVER (ORDER BY path) AS number, count(*) OVER () AS stations"
        "  FROM authority WHERE path <> %(city)s::ltree),"
        " wanted AS (SELECT token, number FROM unnest(%(tokens)s::bytea[]) WITH ORDINALITY AS t (token, number)),"
        " made AS (INSERT INTO person (login, name, role, password, authority)"
        "  SELECT 'visitor-' || wanted.number, 'Visitor', 'regulator', '-',"
        "   CASE WHEN wanted.number %% 12 = 1 THEN %(city)s::ltree ELSE path END"
        "  FROM wanted JOIN station ON station.number = 1 + wanted.number %% stations RETURNING id, login)"
        " INSERT INTO session (token_sha256, person_id, expires)"
        "  SELECT token, made.id, now() + interval '1 day' FROM wanted JOIN made ON login = 'visitor-' || number",
        {"city": city, "tokens": hashes},
    )
    return tokens


async def some_open(connection: Connection, count: int) -> list[int]:
    """Alerts that are not finished, from all over the queue."""
    cursor = await connection.execute(
        "SELECT id FROM alert WHERE status NOT IN ('closed', 'dismissed') ORDER BY md5(id::text) LIMIT %s", (count,)
    )
    return [int(str(row[0])) for row in await cursor.fetchall()]


async def flip(connection: Connection, alert: int) -> None:
    """The alert's condition clears or returns, announced."""
    async with connection.transaction():
        await connection.execute(
            "UPDATE alert SET cleared = CASE WHEN cleared IS NULL THEN now() END, changed = now(),"
            " condition = CASE WHEN cleared IS NULL THEN 'CLEARED' ELSE 'ACTIVE' END WHERE id = %s",
            (alert,),
        )
        await alerts.announce(connection, [alert])
