"""Rollups of our own (ADR 23): which hours are closed and stored, and which must be computed anew."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import LiteralString

import numpy as np

from store.columns import Instants, Int8s, Ints, ints
from store.connection import Connection
from store.readings import Readings

HOUR_US = 3_600_000_000
SETTLE = timedelta(minutes=10)  # an hour is closed so long after its end: what comes later is repaired
HOURS_AT_ONCE, REPAIRS_AT_ONCE = 6, 500  # per transaction; repairs hold up who writes to the same hours


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How many hours were stored, and how many hours of devices computed anew."""

    stored: int
    repaired: int


async def note(connection: Connection, readings: Readings) -> None:
    """Within the transaction that writes them: note the closed hours that these readings belong to.

    The share lock holds back who closes further hours until this transaction has ended.
    """
    cursor = await connection.execute("SELECT at FROM rollup_mark WHERE name = 'open' FOR SHARE")
    row = await cursor.fetchone()
    if row is None or not isinstance(row[0], datetime):
        return  # the database keeps its rollups by itself
    late = readings.time < int(row[0].timestamp()) * 1_000_000
    if not late.any():
        return
    device, bucket = _hours(readings[late])
    await connection.execute(
        "INSERT INTO rollup_late AS old (device_id, bucket) SELECT * FROM unnest(%s, %s)"
        " ON CONFLICT (device_id, bucket) DO UPDATE SET times = old.times + 1",  # an update locks the row: no repair
        (Int8s(device), Instants(bucket)),  # can take it before these readings are committed
    )


def _hours(readings: Readings) -> tuple[Ints, Ints]:
    """Distinct (device, begin of the hour in µs), in order, so that two writers cannot lock each other out."""
    pairs = np.unique(np.stack([readings.device, readings.time // HOUR_US * HOUR_US]), axis=1)
    return ints(pairs[0].tolist()), ints(pairs[1].tolist())


async def refresh(connection: Connection, now: datetime | None = None) -> Refreshed:
    """Close, store and repair what is due; needs an autocommit connection, so that each step stands by itself."""
    upto = (now or datetime.now(UTC)) - SETTLE
    hour = upto.replace(minute=0, second=0, microsecond=0)
    await connection.execute("SELECT rollup_close(%s)", (hour,))
    stored = repaired = 0
    while (count := await _number(connection, "SELECT rollup_store(%s)", HOURS_AT_ONCE)) > 0:
        stored += count
    while (count := await _number(connection, "SELECT rollup_repair(%s)", REPAIRS_AT_ONCE)) > 0:
        repaired += count
    return Refreshed(stored, repaired)


async def reopen(connection: Connection, since: datetime) -> None:
    """Have all hours from `since` on stored anew, after readings were written past `note`; as the owner."""
    await connection.execute("UPDATE rollup_mark SET at = least(at, date_trunc('hour', %s, 'UTC'))", (since,))


async def _number(connection: Connection, statement: LiteralString, most: int) -> int:
    cursor = await connection.execute(statement, (most,))
    row = await cursor.fetchone()
    return 0 if row is None else int(str(row[0]))
