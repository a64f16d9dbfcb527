"""What `mingchu doctor` asks of the database. All as the owner."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import LiteralString

from store.connection import Connection


async def server(connection: Connection) -> str:
    """Which server it is, with TimescaleDB's version where it has that."""
    cursor = await connection.execute(
        "SELECT 'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1) || coalesce((SELECT"
        " ' with TimescaleDB ' || extversion FROM pg_extension WHERE extname = 'timescaledb'), '')"
    )
    row = await cursor.fetchone()
    assert row is not None
    return str(row[0])


async def clock_ahead_s(connection: Connection) -> float:
    """By how much the server's clock is ahead of ours, within the time that the question takes."""
    before = datetime.now(UTC)
    cursor = await connection.execute("SELECT clock_timestamp()")
    row = await cursor.fetchone()
    assert row is not None
    assert isinstance(row[0], datetime)
    return (row[0] - before - (datetime.now(UTC) - before) / 2).total_seconds()


async def edges_away(connection: Connection) -> list[tuple[str, datetime | None]]:
    """Enrolled edges that are offline, and since when."""
    cursor = await connection.execute(
        "SELECT code, last_seen FROM edge WHERE admitted AND NOT online AND revoked IS NULL ORDER BY code LIMIT 20"
    )
    return [(str(code), seen if isinstance(seen, datetime) else None) for code, seen in await cursor.fetchall()]


async def cameras(connection: Connection) -> Mapping[str, int]:
    """How many cameras are in each state."""
    cursor = await connection.execute("SELECT health, count(*) FROM camera WHERE removed IS NULL GROUP BY health")
    return {str(health): int(str(n)) for health, n in await cursor.fetchall()}


async def letters_today(connection: Connection) -> int:
    """Messages of the last day that could not be read."""
    return await _count(connection, "SELECT count(*) FROM dead_letter WHERE last > now() - interval '1 day'")


async def pushes_failed_today(connection: Connection) -> int:
    """Pushes of the last day that were given up."""
    return await _count(connection, "SELECT count(*) FROM push WHERE failed > now() - interval '1 day'")


async def administrators(connection: Connection) -> int:
    """People who may change this house."""
    return await _count(connection, "SELECT count(*) FROM person WHERE role = 'admin' AND enabled")


async def _count(connection: Connection, query: LiteralString) -> int:
    cursor = await connection.execute(query)
    row = await cursor.fetchone()
    assert row is not None
    return int(str(row[0]))
