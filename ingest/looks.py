"""Telemetry of one profile as a matrix: one row a message, what was not measured filled from what was last known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.derived import How
from store.columns import Floats, Ints

_MINUTE = 60e6  # µs
NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Known:
    """Newest stored values, shape (k,): of which device and column, since when; NaN where not to be trusted."""

    device: Ints
    column: Ints
    time: Ints
    value: Floats


@dataclass(frozen=True, slots=True)
class Cells:
    """Values of shape (k,): which row and which column each belongs to; NaN where not to be trusted."""

    row: Ints
    column: Ints
    value: Floats


@dataclass(frozen=True, slots=True)
class Looks:
    """Rows in (device, time) order. Shapes: (n,) for rows, (n, m) for cells."""

    device: Ints
    time: Ints  # µs
    first: Ints  # the row where this row's device begins
    number: Ints  # which of `devices` this row's is
    devices: Ints  # each once, in order
    values: Floats
    said: Floats  # what the row itself said: NaN elsewhere
    before: Floats  # the newest value stored before this batch
    stored: Ints  # its time, NEVER where there is none

    def __len__(self) -> int:
        return len(self.device)


def arrange(device: Ints, time: Ints, cells: Cells, width: int, known: Known) -> Looks:
    """Sort rows of shape (n,) by device and time, fill `width` columns forward from `known`.

    A value older than the stored one is late: it says nothing about now, and the stored one stands.
    """
    order = np.lexsort((time, device))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    device, time = device[order], time[order]
    starts = np.ones(len(device), dtype=np.bool_)
    starts[1:] = device[1:] != device[:-1]
    first = np.maximum.accumulate(np.where(starts, np.arange(len(device)), 0))
    devices, number = device[starts], np.cumsum(starts) - 1
    before, stored = _prior(devices, width, known)
    values = np.full((len(device), width), np.nan)
    values[place[cells.row], cells.column] = cells.value
    values[time[:, None] < stored[number]] = np.nan
    filled, before, stored = fill(values, first, before[number]), before[number], stored[number]
    return Looks(device, time, first, number, devices, filled, values, before, stored)


def _prior(devices: Ints, width: int, known: Known) -> tuple[Floats, Ints]:
    values = np.full((len(devices), width), np.nan)
    times = np.full((len(devices), width), NEVER, dtype=np.int64)
    ours = np.isin(known.device, devices)
    place, column = np.searchsorted(devices, known.device[ours]), known.column[ours]
    values[place, column] = known.value[ours]
    times[place, column] = known.time[ours]
    return values, times


def fill(values: Floats, first: Ints, before: Floats) -> Floats:
    """Replace each NaN of (n, m) by the last value above it within its device's rows, else by `before` (n, m)."""
    rows = np.arange(len(values))[:, None]
    last = np.maximum.accumulate(np.where(np.isnan(values), -1, rows), axis=0) if len(values) else values
    inside = last >= first[:, None]
    taken = np.take_along_axis(values, np.maximum(last, 0).astype(np.int64), axis=0)
    filled: Floats = np.where(inside, taken, before)
    return filled


def times_of(stored: Ints, columns: Sequence[int]) -> Ints:
    """Per row, when the newest of these columns' stored values was measured."""
    newest: NDArray[np.int64] = stored[:, list(columns)].max(axis=1)
    return newest


def derive(looks: Looks, column: int, how: How) -> Floats:
    """A rate or change of one column, shape (n,); known only where the row measured it and something was before."""
    said, rows = looks.said[:, column], np.arange(len(looks))
    upto = np.maximum.accumulate(np.where(np.isnan(said), -1, rows)) if len(rows) else rows
    last = np.concatenate([[-1], upto[:-1]]).astype(np.int64)
    inside, place = last >= looks.first, np.maximum(last, 0)
    change: Floats = said - np.where(inside, said[place], looks.before[:, column])
    if how is How.CHANGE:
        return change
    since = np.where(inside, looks.time[place].astype(np.float64), looks.stored[:, column].astype(np.float64))
    rate: Floats = change / np.maximum((looks.time - since) / _MINUTE, 1.0)
    return rate
