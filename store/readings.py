"""Readings: the flood by binary COPY, the latest value of each series, and the partitions made ahead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from domain.quality import Quality
from store.columns import Float8s, Floats, Instants, Int2s, Int4s, Int8s, Ints, copy_rows, fetch
from store.connection import Connection


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

    @property
    def trusted(self) -> NDArray[np.bool_]:
        """Shape (n,): which of them are within their metric's range."""
        found: NDArray[np.bool_] = self.quality & int(Quality.RANGE) == 0
        return found

    def in_order(self) -> "Readings":
        """Series by series, each in order of time; of equal times in the order in which they came."""
        return self[np.lexsort((self.time, self.metric, self.device))]

    def newest(self) -> "Newest":
        """The last reading of each (device, metric), of readings that are in order."""
        begins = np.ones(len(self), dtype=np.bool_)
        begins[1:] = (self.device[1:] != self.device[:-1]) | (self.metric[1:] != self.metric[:-1])
        differs = begins.copy()
        differs[1:] |= self.value[1:] != self.value[:-1]
        last = np.append(begins[1:], True)[: len(self)]
        run = np.maximum.accumulate(np.where(differs, np.arange(len(self)), 0))[last]
        return Newest(self[last], self.time[run], begins[run])


@dataclass(frozen=True, slots=True)
class Newest:
    """One reading of each series. `since` (µs): when its value became what it is. `whole`: it was nothing else here."""

    readings: Readings
    since: Ints
    whole: NDArray[np.bool_]

    def __getitem__(self, wanted: NDArray[np.bool_]) -> "Newest":
        return Newest(self.readings[wanted], self.since[wanted], self.whole[wanted])


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
    """Append all, by COPY. In order, each series' rows and its index entries lie side by side: a quarter less work."""
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
    """Keep the newest of each series, of readings that are in order: the newest time wins, in whatever order they come.

    Also since when it is unchanged, and of one that is out of range, the last one that was not.
    """
    newest = readings.newest()
    for whole in (True, False):
        part = newest[newest.whole == whole]
        if len(part.readings):
            await _upsert(connection, part, whole)
    if not newest.readings.trusted.all():
        await _write_trusted(connection, readings[readings.trusted].newest().readings)


async def _upsert(connection: Connection, newest: Newest, whole: bool) -> None:
    """`whole`: a value that is the stored one goes on with that, else it began here."""
    rows = newest.readings
    await connection.execute(
        "INSERT INTO reading_latest AS latest (device_id, metric_id, time, value, quality, since)"
        " SELECT * FROM unnest(%s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (device_id, metric_id) DO UPDATE"
        " SET time = excluded.time, value = excluded.value, quality = excluded.quality,"
        "  since = CASE WHEN %s AND latest.value = excluded.value"
        "   THEN coalesce(latest.since, latest.time) ELSE excluded.since END,"
        "  trusted_time = CASE WHEN excluded.quality & 1 = 0 THEN NULL"
        "   WHEN latest.quality & 1 = 0 THEN latest.time ELSE latest.trusted_time END,"
        "  trusted_value = CASE WHEN excluded.quality & 1 = 0 THEN NULL"
        "   WHEN latest.quality & 1 = 0 THEN latest.value ELSE latest.trusted_value END"
        " WHERE excluded.time >= latest.time",
        (
            Int8s(rows.device),
            Int4s(rows.metric),
            Instants(rows.time),
            Float8s(rows.value),
            Int2s(rows.quality),
            Instants(newest.since),
            whole,
        ),
    )


async def _write_trusted(connection: Connection, rows: Readings) -> None:
    """What these readings knew before the one that is out of range, where it is newer than what was known before."""
    await connection.execute(
        "UPDATE reading_latest AS latest SET trusted_time = at, trusted_value = number"
        " FROM unnest(%s, %s, %s, %s) AS new (device, metric, at, number)"
        " WHERE device_id = device AND metric_id = metric AND quality & 1 = 1"
        "  AND at >= coalesce(trusted_time, '-infinity')",
        (Int8s(rows.device), Int4s(rows.metric), Instants(rows.time), Float8s(rows.value)),
    )


async def latest(connection: Connection, devices: Ints, metrics: Ints) -> Readings:
    """The newest stored values of some metrics of some devices, of those within their range."""
    time, device, metric, value, quality = await fetch(
        connection,
        "SELECT array_agg(coalesce(trusted_time, time)), array_agg(device_id), array_agg(metric_id),"
        "  array_agg(coalesce(trusted_value, value)), array_agg(quality & ~1::smallint)"
        " FROM reading_latest WHERE device_id = ANY(%s) AND metric_id = ANY(%s)"
        "  AND (quality & 1 = 0 OR trusted_time IS NOT NULL)",
        (Int8s(devices), Int4s(metrics)),
    )
    return Readings(time, device, metric.astype(np.int64), value.astype(np.float64), quality.astype(np.int64))


async def make_partitions(connection: Connection, first: date, last: date) -> int:
    """Make the daily partitions of [first, last] ahead; returns how many were missing (0 on TimescaleDB)."""
    cursor = await connection.execute("SELECT reading_partitions(%s, %s)", (first, last))
    row = await cursor.fetchone()
    return 0 if row is None else int(str(row[0]))
