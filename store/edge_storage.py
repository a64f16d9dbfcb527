"""How the disks of edges are, as the edges themselves say it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class StorageRow:
    """What is known of an edge's disk; `at` None: nothing was said. `camera` is its first one, None without any."""

    edge: int
    code: str
    state: str
    at: datetime | None
    camera: int | None


async def states(connection: Connection, edges: Sequence[int]) -> list[StorageRow]:
    """What is known of the disks of edges."""
    async with connection.cursor(row_factory=class_row(StorageRow)) as cursor:
        await cursor.execute(
            "SELECT id AS edge, code, storage AS state, storage_at AS at,"
            " (SELECT min(camera.id) FROM camera WHERE camera.edge_id = edge.id) AS camera"
            " FROM edge WHERE id = ANY(%s)",
            (list(edges),),
        )
        return await cursor.fetchall()


async def write(connection: Connection, edge: int, state: str, at: datetime, why: str) -> None:
    """Keep the newest."""
    await connection.execute(
        "UPDATE edge SET storage = %s, storage_at = %s, storage_why = %s"
        " WHERE id = %s AND (storage_at IS NULL OR storage_at <= %s)",
        (state, at, why, edge, at),
    )
