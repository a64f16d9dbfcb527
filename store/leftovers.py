"""Leftovers: messages that were stored but for something that their profile does not know, kept whole for later."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.rows import class_row

from store.columns import Instants, ints, keys
from store.connection import Connection

MOST = 1000  # of one letter, which is one topic and one reason
MOST_BYTES = 2**30  # of all letters, as they lie on the disk


@dataclass(frozen=True, slots=True)
class Leftover:
    """A message by its `key`, of the dead letter with the key `letter` (16 bytes each).

    `heard` (µs): by which its time was judged. `landed`: the metrics of it that are stored.
    """

    letter: bytes
    key: bytes
    heard: int
    payload: bytes
    landed: tuple[str, ...]


async def keep(connection: Connection, leftovers: Sequence[Leftover]) -> None:
    """Keep each once, as far as there is room; within the transaction that wrote their letters, which holds these."""
    if not leftovers:
        return
    await connection.execute(
        "WITH given AS (SELECT head.id, head.kept, new.*,"
        "  row_number() OVER (PARTITION BY head.id ORDER BY heard) AS place"
        "  FROM unnest(%s, %s, %s, %b::bytea[], %s::text[]) AS new (letter, key, heard, payload, landed)"
        "  JOIN dead_letter AS head ON head.key = letter),"
        " added AS (INSERT INTO leftover (letter_id, key, heard, payload, landed)"
        "  SELECT id, key, heard, payload, string_to_array(landed, ' ') FROM given"
        "  WHERE kept + place <= %s AND pg_total_relation_size('leftover') < %s"
        "  ON CONFLICT DO NOTHING RETURNING letter_id)"
        " UPDATE dead_letter SET kept = kept + n FROM (SELECT letter_id, count(*) AS n FROM added GROUP BY 1) AS more"
        " WHERE id = letter_id",
        (
            keys([one.letter for one in leftovers]),
            keys([one.key for one in leftovers]),
            Instants(ints([one.heard for one in leftovers])),
            [one.payload for one in leftovers],
            [" ".join(one.landed) for one in leftovers],
            MOST,
            MOST_BYTES,
        ),
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """A leftover as it lies here."""

    key: bytes
    heard: int  # µs
    payload: bytes
    landed: list[str]


async def page(connection: Connection, letter: int, after: bytes | None, limit: int) -> list[Kept]:
    """Leftovers of a letter in order of their keys, beyond `after`."""
    async with connection.cursor(row_factory=class_row(Kept)) as cursor:
        await cursor.execute(
            "SELECT uuid_send(key) AS key, (extract(epoch FROM heard) * 1000000)::bigint AS heard, payload, landed"
            " FROM leftover WHERE letter_id = %s AND (%s::bytea IS NULL OR key > encode(%s, 'hex')::uuid)"
            " ORDER BY key LIMIT %s",
            (letter, after, after, limit),
        )
        return await cursor.fetchall()


async def add_landed(connection: Connection, letter: int, key: bytes, names: Sequence[str]) -> None:
    """More of it is stored now; something is still left out."""
    await connection.execute(
        "UPDATE leftover SET landed = landed || %s WHERE letter_id = %s AND key = encode(%s, 'hex')::uuid",
        (list(names), letter, key),
    )


async def remove(connection: Connection, letter: int, key: bytes) -> None:
    """All of it is stored now."""
    await connection.execute(
        "WITH gone AS (DELETE FROM leftover WHERE letter_id = %(letter)s AND key = encode(%(key)s, 'hex')::uuid"
        "  RETURNING letter_id)"
        " UPDATE dead_letter SET kept = kept - 1, seen = seen - 1 FROM gone WHERE id = letter_id",
        {"letter": letter, "key": key},
    )


async def settle(connection: Connection, letter: int) -> None:
    """The letter was gone through: it goes when nothing of it is missing, else it waits to be asked for again."""
    await connection.execute("UPDATE dead_letter SET replay = NULL WHERE id = %s", (letter,))
    await connection.execute("DELETE FROM dead_letter WHERE id = %s AND partial AND seen <= 0", (letter,))
