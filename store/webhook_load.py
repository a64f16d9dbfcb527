"""What a benchmark of webhooks needs: webhooks of a city, facts by the statement, and what they leave behind."""

from collections.abc import Sequence
from dataclasses import dataclass

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class Left:
    """What waits now for the webhook with the most, what was dropped in all, and bytes on disk."""

    waiting: int
    dropped: int
    size: int


async def plant(connection: Connection, authority: str, url: str, secret: str, kinds: Sequence[str]) -> None:
    """A webhook of that authority's."""
    await connection.execute(
        "INSERT INTO webhook (authority, name, url, secret, kinds, person_id)"
        " SELECT %s::ltree, 'bench', %s, %s, %s::text[], min(id) FROM person",
        (authority, url, secret, list(kinds)),
    )


async def flip(connection: Connection, devices: Sequence[int]) -> None:
    """Each of the devices comes or goes, in one transaction."""
    await connection.execute("UPDATE device SET online = NOT online WHERE id = ANY(%s)", (list(devices),))


async def flip_edge(connection: Connection, code: str) -> None:
    """The edge comes or goes."""
    await connection.execute("UPDATE edge SET online = NOT online WHERE code = %s", (code,))


async def left(connection: Connection) -> Left:
    """As it is now."""
    cursor = await connection.execute(
        "SELECT coalesce((SELECT max(n) FROM (SELECT count(*) AS n FROM webhook_delivery WHERE next_try IS NOT NULL"
        "  GROUP BY webhook_id) AS one), 0), coalesce((SELECT sum(dropped) FROM webhook), 0)::bigint,"
        " pg_total_relation_size('webhook_event') + pg_total_relation_size('webhook_delivery')"
    )
    row = await cursor.fetchone()
    assert row is not None
    return Left(*(int(str(one)) for one in row))
