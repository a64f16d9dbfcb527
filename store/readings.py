"""Readings: the flood by binary COPY, the latest value of each series, and the partitions made ahead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from store.columns import Float8s, Floats, Instants, Int2s, Int4s, Int8s, Ints, copy_rows
from store.connection import Connection

_LATEST = np.dtype([("time", "i8"), ("device", "i8"), ("metric", "i8"), ("value", "f8"), ("quality", "i8")])


@dataclass(frozen=True, slots=True)
class Readings:
    """Parallel arrays of shape (n,): µs since 1970 UTC, ids, values in the profile's units, domain.quality flags."""

    time: Ints
    device: Ints
    metric: Ints
    value: Floats
    quality: Ints

    def __len__(self) -> int:
        return len(self.time)

    def __getitem__(self, wanted: NDArray[np.bool_] | Ints) -> "Readings":
        return Readings(
            self.time[wanted], self.device[wanted], self.metric[wanted], self.value[wanted], self.quality[wanted]
        )

    def newest(self) -> "Readings":
        """The newest reading of each (device, metric), in that order; of equal times the last one that came."""
        if not len(self):
            return self
        order = np.lexsort((self.time, self.metric, self.device))
        device, metric = self.device[order], self.metric[order]
        last = np.ones(len(order), dtype=np.bool_)
        last[:-1] = (device[1:] != device[:-1]) | (metric[1:] != metric[:-1])
        return self[order[last]]


def concatenate(parts: Sequence[Readings]) -> Readings:
    """One after the other."""
    return Readings(
        np.concatenate([part.time for part in parts]),
        np.concatenate([part.device for part in parts]),
        np.concatenate([part.metric for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.quality for part in parts]),
    )


async def write(connection: Connection, readings: Readings) -> None:
    """Append all, by COPY."""
    rows = copy_rows(
        Instants(readings.time),
        Int8s(readings.device),
        Int4s(readings.metric),
        Float8s(readings.value),
        Int2s(readings.quality),
    )
    statement = "COPY reading (time, device_id, metric_id, value, quality) FROM STDIN (FORMAT BINARY)"
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        await copy.write(rows)


async def write_latest(connection: Connection, readings: Readings) -> None:
    """Keep the newest of each series; the newest time wins, whatever the order of arrival."""
    newest = readings.newest()
    await connection.execute(
        "INSERT INTO reading_latest AS latest (device_id, metric_id, time, value, quality)"
        " SELECT * FROM unnest(%s, %s, %s, %s, %s)"
        " ON CONFLICT (device_id, metric_id) DO UPDATE"
        " SET time = excluded.time, value = excluded.value, quality = excluded.quality"
        " WHERE excluded.time >= latest.time",
        (
            Int8s(newest.device),
            Int4s(newest.metric),
            Instants(newest.time),
            Float8s(newest.value),
            Int2s(newest.quality),
        ),
    )


async def latest(connection: Connection, devices: Ints, metrics: Ints) -> Readings:
    """The newest stored values of some metrics of some devices."""
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(
            "SELECT (extract(epoch FROM time) * 1000000)::bigint, device_id, metric_id, value, quality"
            " FROM reading_latest WHERE device_id = ANY(%s) AND metric_id = ANY(%s)",
            (Int8s(devices), Int4s(metrics)),
        )
        rows = np.array(await cursor.fetchall(), dtype=_LATEST)
    return Readings(*(rows[name] for name in _LATEST.names or ()))


async def make_partitions(connection: Connection, first: date, last: date) -> int:
    """Make the daily partitions of [first, last] ahead; returns how many were missing (0 on TimescaleDB)."""
    cursor = await connection.execute("SELECT reading_partitions(%s, %s)", (first, last))
    row = await cursor.fetchone()
    return 0 if row is None else int(str(row[0]))
