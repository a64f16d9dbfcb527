"""What each edge said last about how it keeps up: one row an edge."""

from psycopg.types.json import Jsonb

from domain.wire import EdgeLoad
from store.connection import Connection


async def put(connection: Connection, edge: int, said: EdgeLoad) -> None:
    """Keep what the edge said, unless something later is known."""
    counters = Jsonb(dict(said.counters))
    await connection.execute(
        "INSERT INTO edge_load (edge_id, at, step, periods, frames, patrolled, promoted, missed, counters)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (edge_id) DO UPDATE SET at = excluded.at,"
        " step = excluded.step, periods = excluded.periods, frames = excluded.frames,"
        " patrolled = excluded.patrolled, promoted = excluded.promoted, missed = excluded.missed,"
        " counters = excluded.counters"
        " WHERE edge_load.at <= excluded.at",
        (edge, said.at, said.step, said.periods, said.frames, said.patrolled, said.promoted, said.missed, counters),
    )
