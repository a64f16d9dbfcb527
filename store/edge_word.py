"""What an edge says of itself: by how much its clock is ahead of ours, and how much it had to shed."""

from collections.abc import Mapping, Sequence

from domain.wire import EdgeClock
from store.columns import Instants, Int8s, ints
from store.connection import Connection


async def add_clocks(connection: Connection, rows: Sequence[tuple[int, int, EdgeClock]]) -> None:
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


async def write_shed(connection: Connection, shed: Mapping[int, int]) -> None:
    """How many items each edge (by id) has shed since its spool began."""
    if shed:
        await connection.execute(
            "UPDATE edge SET shed = said.shed, shed_at = now() FROM unnest(%s, %s) AS said (id, shed)"
            " WHERE edge.id = said.id",
            (Int8s(ints(list(shed))), Int8s(ints(list(shed.values())))),
        )
