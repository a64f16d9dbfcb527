"""How often somebody has tried within a window: one count for all processes of the api (ADR 45)."""

from store.connection import Connection


async def take(connection: Connection, key: bytes, limit: int, window_s: float) -> float:
    """Count one attempt; returns 0 when it is allowed, else the seconds to wait, and counts nothing.

    A window begins with its first attempt. A few that are over go with each call, so that the table stays small.
    """
    cursor = await connection.execute(
        "WITH over AS (DELETE FROM attempt WHERE key IN (SELECT key FROM attempt WHERE until < now()"
        "  AND key <> %(key)s ORDER BY until LIMIT 20 FOR UPDATE SKIP LOCKED))"
        " INSERT INTO attempt AS tried (key, n, until) VALUES (%(key)s, 1, now() + make_interval(secs => %(window)s))"
        " ON CONFLICT (key) DO UPDATE SET n = CASE WHEN tried.until <= now() THEN 1 ELSE tried.n + 1 END,"
        "  until = CASE WHEN tried.until <= now() THEN excluded.until ELSE tried.until END"
        " WHERE tried.until <= now() OR tried.n < %(limit)s RETURNING n",
        {"key": key, "limit": limit, "window": window_s},
    )
    if await cursor.fetchone() is not None:
        return 0.0
    cursor = await connection.execute(
        "SELECT greatest(extract(epoch FROM until - now()), 1)::float8 FROM attempt WHERE key = %s", (key,)
    )
    row = await cursor.fetchone()
    return 1.0 if row is None else float(str(row[0]))


async def forget(connection: Connection, key: bytes) -> None:
    """Forget a key's attempts: the last one was right."""
    await connection.execute("DELETE FROM attempt WHERE key = %s", (key,))
