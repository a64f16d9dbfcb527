"""From a batch's telemetry of one profile to readings and threshold flips, in whole columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from domain.quality import Quality
from ingest import clock
from ingest.landing import Measured
from ingest.looks import Cells, Known, Looks, arrange
from ingest.profile_table import ProfileTable
from ingest.threshold import Flip, Held, flips
from store.columns import Floats, Ints, ints
from store.readings import Readings
from store.signals import Signal

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Columns:
    """New telemetry of one profile. Shapes: (n,) for messages, (k,) for values; `row` is a value's message."""

    table: ProfileTable
    device: Ints
    time: Ints
    row: Ints
    column: Ints  # the metric's place in the profile
    value: Floats  # in the profile's units
    quality: Ints

    def readings(self) -> Readings:
        return Readings(
            self.time[self.row], self.device[self.row], self.table.ids[self.column], self.value, self.quality
        )


def columns(measured: Measured, new: Bools, now: int) -> Columns:
    """Convert the units and judge the ranges of the messages that are new (shape of the batch's ledger)."""
    table = measured.table
    fresh = new[ints(measured.entry)]
    sizes = ints([len(shape.columns) for shape in measured.shape])
    taken = np.repeat(fresh, sizes)
    shapes = list(compress(measured.shape, fresh))
    column = np.concatenate([np.empty(0, dtype=np.int64), *(shape.columns for shape in shapes)])
    scale = np.concatenate([np.empty(0), *(shape.scale for shape in shapes)])
    offset = np.concatenate([np.empty(0), *(shape.offset for shape in shapes)])
    value = np.array(measured.values, dtype=np.float64)[taken] * scale + offset
    row = np.repeat(np.arange(len(shapes)), sizes[fresh])
    outside = (value < table.low[column]) | (value > table.high[column])
    time = ints(measured.time)[fresh]
    late = np.where(time < now - clock.STALE, int(Quality.HISTORICAL), 0)
    quality = (ints(measured.quality)[fresh] | late)[row] | np.where(outside, int(Quality.RANGE), 0)
    return Columns(table, ints(measured.device)[fresh], time, row, column, value, quality)


def look(these: Columns, latest: Readings, now: int) -> Looks:
    """The rows that thresholds look at: not stale, the watched metrics as columns, filled from their `latest`.

    What is out of range counts as not measured, here and in `latest`: so batches may be cut anywhere.
    """
    table = these.table
    names = table.watched
    places = np.full(len(table.names), -1, dtype=np.int64)
    places[[table.names.index(name) for name in names]] = np.arange(len(names))
    current = these.time >= now - clock.STALE
    rows = np.cumsum(current) - 1
    kept = current[these.row] & (places[these.column] >= 0)
    trusted = np.where(these.quality & int(Quality.RANGE), np.nan, these.value)
    cells = Cells(rows[these.row][kept], places[these.column][kept], trusted[kept])
    known = _known(latest, table.watched_ids)
    return arrange(these.device[current], these.time[current], cells, len(names), known)


def _known(latest: Readings, watched: Ints) -> Known:
    """The stored values of the watched metrics (ids, in the columns' order, which is the profile's)."""
    order = np.argsort(watched)
    column = order[np.searchsorted(watched[order], latest.metric)]
    return Known(latest.device, column, latest.time, latest.value)


def judge(table: ProfileTable, looks: Looks, held: Mapping[str, Mapping[int, Held]]) -> list[Signal]:
    """The signals of all threshold rules of the profile, in order of time."""
    signals: list[Signal] = []
    for one in table.thresholds:
        for flip in flips(one.predicate, table.watched, looks, held.get(one.rule.code, {})):
            signals.append(_signal(one.rule.code, one.rule.version, flip))
    return sorted(signals, key=lambda signal: signal.time)


def _signal(rule: str, version: int, flip: Flip) -> Signal:
    return Signal(rule, version, flip.value, clock.moment(flip.time), flip.why, device=flip.device)
