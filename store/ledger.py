"""The ledger: one row per message that was committed, so that a repeat is harmless and a gap is visible."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from store.columns import Instants, Int4s, Int8s, Uuids, fetch, ints, keys
from store.connection import Connection


@dataclass(slots=True)
class LedgerRows:
    """Parallel lists, one item per message. `time` is the message's own (µs), so that a repeat has the same key."""

    source: list[int] = field(default_factory=list)  # device or edge
    key: list[bytes] = field(default_factory=list)  # 16 bytes
    time: list[int] = field(default_factory=list)
    seq: list[int] = field(default_factory=list)  # -1: the message has none
    rows: list[int] = field(default_factory=list)  # what it brings

    def __len__(self) -> int:
        return len(self.key)

    def add(self, source: int, key: bytes, time: int, seq: int | None, rows: int) -> int:
        """Returns the message's place."""
        self.source.append(source)
        self.key.append(key)
        self.time.append(time)
        self.seq.append(-1 if seq is None else seq)
        self.rows.append(rows)
        return len(self.key) - 1


async def insert(connection: Connection, entries: LedgerRows) -> NDArray[np.bool_]:
    """Insert what is new; returns, shape (n,), which messages are: false for repeats, within the batch too."""
    new = np.zeros(len(entries), dtype=np.bool_)
    if not len(entries):
        return new
    places: dict[tuple[int, bytes], int] = {}
    for place, identity in enumerate(zip(entries.source, entries.key, strict=True)):
        places.setdefault(identity, place)
    first = np.fromiter(places.values(), dtype=np.int64, count=len(places))
    source, key = await fetch(
        connection,
        "WITH added AS (INSERT INTO ledger (source_id, key, time, seq, rows)"
        "  SELECT source_id, key, time, nullif(seq, -1), rows"
        "  FROM unnest(%s, %s, %s, %s, %s) AS entry (source_id, key, time, seq, rows)"
        "  ON CONFLICT DO NOTHING RETURNING source_id, key)"
        " SELECT array_agg(source_id), array_agg(key) FROM added",
        (
            Int8s(ints(entries.source)[first]),
            Uuids(keys(entries.key).values[first]),
            Instants(ints(entries.time)[first]),
            Int8s(ints(entries.seq)[first]),
            Int4s(ints(entries.rows)[first]),
        ),
    )
    if len(source) == len(first):
        new[first] = True
        return new
    for identity in zip(source.tolist(), key.tolist(), strict=True):
        new[places[identity]] = True
    return new


async def make_partitions(connection: Connection, first: date, last: date) -> int:
    """Make the daily partitions of [first, last] ahead; returns how many were missing."""
    cursor = await connection.execute("SELECT ledger_partitions(%s, %s)", (first, last))
    row = await cursor.fetchone()
    return 0 if row is None else int(str(row[0]))
