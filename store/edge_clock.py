"""By how much an edge's clock was ahead of ours, whenever that changed."""

from collections.abc import Sequence

from domain.wire import EdgeClock
from store.columns import Instants, Int8s, ints
from store.connection import Connection


async def add(connection: Connection, rows: Sequence[tuple[int, int, EdgeClock]]) -> None:
    """Append measurements: edge's id, time (µs), and what was measured."""
    if rows:
        clocks = [said for _, _, said in rows]
        await connection.execute(
            "INSERT INTO edge_clock (edge_id, at, offset_ms, rtt_ms)"
            " SELECT * FROM unnest(%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (
                *(Int8s(ints([edge for edge, _, _ in rows])), Instants(ints([time for _, time, _ in rows]))),
                *(Int8s(ints([one.offset_ms for one in clocks])), Int8s(ints([one.rtt_ms for one in clocks]))),
            ),
        )
