"""The course of what one device measured over a time: when a predicate held, how much of it, and for how long."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.predicate import Predicate

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of one metric; `at` in Unix seconds."""

    at: float
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Spell:
    """Something was so from `begin` to `end` (Unix seconds)."""

    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Hits:
    """Of `known` samples on which a predicate could be judged it held on `held`; `last`: whether on the last."""

    held: int
    known: int
    last: bool

    @property
    def share(self) -> float:
        return self.held / self.known if self.known else 0.0


def hits(asked: Predicate, cells: Sequence[Cell], begin: float) -> Hits:
    """The samples of [begin, …): one for each instant at which something was measured."""
    times, yes, no = _truths(asked, cells)
    inside = times >= begin
    known = (yes | no) & inside
    where = np.flatnonzero(known)
    return Hits(int((yes & inside).sum()), int(known.sum()), bool(len(where) and yes[where[-1]]))


def spells(asked: Predicate, cells: Sequence[Cell], end: float) -> list[Spell]:
    """When the predicate held, the last time until `end` where nothing said otherwise."""
    times, yes, _ = _truths(asked, cells)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], yes]).astype(np.int8)))
    bounds = [*times[edges].tolist(), *([end] if len(edges) % 2 else [])]
    return [Spell(begin, over) for begin, over in zip(bounds[::2], bounds[1::2], strict=True)]


def covered(excuses: Sequence[Spell], begin: float, end: float) -> float:
    """Seconds of [begin, end] within at least one of the spells."""
    total, upto = 0.0, begin
    for one in sorted(excuses, key=lambda one: one.begin):
        low, high = max(one.begin, upto), min(one.end, end)
        if high > low:
            total, upto = total + high - low, high
    return total


def limited(spell: Spell, at_most_s: float) -> Spell:
    """The part of a spell that excuses."""
    return Spell(spell.begin, min(spell.end, spell.begin + at_most_s))


def _truths(asked: Predicate, cells: Sequence[Cell]) -> tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]:
    """Instants in order, and where the predicate surely held and surely did not, each value standing till the next."""
    times = np.array(sorted({cell.at for cell in cells}), dtype=np.float64)
    places = {at: place for place, at in enumerate(times.tolist())}
    values = {name: np.full(len(times), np.nan) for name in asked.metrics}
    for cell in cells:
        if cell.name in values:
            values[cell.name][places[cell.at]] = cell.value
    truth = asked.evaluate({name: _forward(column) for name, column in values.items()})
    return times, truth.yes, truth.no


def _forward(column: Floats) -> Floats:
    if not len(column):
        return column
    last = np.maximum.accumulate(np.where(np.isnan(column), -1, np.arange(len(column))))
    filled: Floats = np.where(last >= 0, column[np.maximum(last, 0)], np.nan)
    return filled
