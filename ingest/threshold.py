"""Threshold rules over a batch: where a predicate flips, and which values made it (DESIGN, Edge-triggered signals)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from domain import derived, finding
from domain.predicate import Predicate
from ingest.looks import NEVER, Looks, derive, fill, times_of
from store.columns import Floats, Ints, ints


@dataclass(frozen=True, slots=True)
class Held:
    """The last known truth of a rule on a device, and since when (µs)."""

    value: bool
    time: int


@dataclass(frozen=True, slots=True)
class Flip:
    """A predicate's truth changed on a device."""

    device: int
    time: int  # µs
    value: bool
    why: str


def flips(predicate: Predicate, names: Sequence[str], looks: Looks, held: Mapping[int, Held]) -> list[Flip]:
    """All flips in (device, time) order. `names` are the columns of `looks`; without a held truth a rule is false.

    A row older than a stored value that the predicate reads, or than the held truth, changes nothing.
    """
    if not len(looks):
        return []
    values = {name: _column(name, names, looks) for name in predicate.metrics}
    truth = predicate.evaluate(values)
    before, since = _known(looks, held)
    if not (truth.yes & (before == 0.0) | truth.no & (before == 1.0)).any():
        return []  # as it is nearly always, and nearly all that a rule costs
    now = np.full(len(looks), np.nan)
    now[truth.yes] = 1.0
    now[truth.no] = 0.0
    columns = sorted({names.index(derived.base(name, names)) for name in predicate.metrics})
    now[(looks.time < times_of(looks.stored, columns)) | (looks.time < since)] = np.nan
    rows = _changes(now, looks, before)
    return [
        Flip(
            int(looks.device[row]),
            int(looks.time[row]),
            bool(now[row]),
            finding.written(predicate, {name: float(column[row]) for name, column in values.items()}),
        )
        for row in rows
    ]


def _known(looks: Looks, held: Mapping[int, Held]) -> tuple[Floats, Ints]:
    """Of each row's device the held truth and its time, shape (n,)."""
    value, time = np.zeros(len(looks.devices)), np.full(len(looks.devices), NEVER)
    device = ints(list(held))
    ours = np.isin(device, looks.devices)
    places = np.searchsorted(looks.devices, device[ours])
    value[places] = np.array([state.value for state in held.values()], dtype=np.float64)[ours]
    time[places] = ints([state.time for state in held.values()])[ours]
    return value[looks.number], time[looks.number]


def _column(name: str, names: Sequence[str], looks: Looks) -> Floats:
    found = derived.of(name, names)
    if found is None:
        return looks.values[:, names.index(name)]
    return derive(looks, names.index(found.metric), found.how)


def _changes(now: Floats, looks: Looks, before: Floats) -> list[int]:
    """Rows whose truth is known and differs from the last known one."""
    settled = fill(now[:, None], looks.first, before[:, None])[:, 0]
    previous = np.where(looks.first == np.arange(len(now)), before, np.roll(settled, 1))
    return [int(row) for row in np.flatnonzero(~np.isnan(now) & (now != previous))]
