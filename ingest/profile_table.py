"""A device profile compiled for batches: columns of ids and ranges, and the shape of each kind of message."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from domain import derived, unit
from domain.code import METRIC_NAME
from domain.predicate import Predicate
from domain.profile import DeviceProfile
from domain.rule import Rule
from ingest.refusal import RefusedError
from store.columns import Floats, Ints

_MOST_SHAPES = 1024  # a device may send any subset of its metrics: forget all and begin anew beyond so many
_NAME = re.compile(METRIC_NAME)
_MOST_VALUE = 1e15  # no quantity here reaches it, and no conversion of less overflows

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Judged:
    """A rule with its parsed predicate."""

    rule: Rule
    predicate: Predicate


@dataclass(frozen=True, slots=True)
class Shape:
    """What messages with the same names and units have in common; arrays of shape (m,), one for each known metric."""

    columns: Ints  # places in the profile
    scale: Floats
    offset: Floats
    taken: tuple[int, ...]  # places in the message
    numbers: tuple[int, ...]  # places in the message whose metrics are no flags
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProfileTable:
    """A profile's metrics as columns (in the profile's order, of those that have an id), and the rules in its scope."""

    profile: DeviceProfile
    names: tuple[str, ...]
    ids: Ints
    low: Floats
    high: Floats
    thresholds: tuple[Judged, ...] = ()
    transactions: tuple[Judged, ...] = ()
    events: tuple[Rule, ...] = ()
    shapes: dict[object, Shape] = field(default_factory=dict)

    @property
    def watched(self) -> tuple[str, ...]:
        """The metrics that thresholds read, in the profile's order."""
        read = {derived.base(name, self.names) for one in self.thresholds for name in one.predicate.metrics}
        return tuple(name for name in self.names if name in read)

    @property
    def watched_ids(self) -> Ints:
        """Their ids."""
        return self.ids[[self.names.index(name) for name in self.watched]]

    def shape(self, values: Mapping[str, float | bool], units: Mapping[str, str]) -> Shape:
        """The shape of a message; raises RefusedError where a unit does not fit its metric."""
        key = (tuple(values), tuple(units.items())) if units else tuple(values)
        found = self.shapes.get(key)
        if found is None:
            if len(self.shapes) >= _MOST_SHAPES:
                self.shapes.clear()
            found = self.shapes[key] = self._make_shape(tuple(values), units)
        return found

    def _make_shape(self, names: tuple[str, ...], units: Mapping[str, str]) -> Shape:
        if not all(map(_NAME.match, names)):
            raise RefusedError(
                "not a telemetry message: a metric's name has lower-case letters, digits and underscores"
            )
        places = {name: column for column, name in enumerate(self.names)}
        taken = tuple(place for place, name in enumerate(names) if name in places)
        columns = [places[names[place]] for place in taken]
        factors = [self._conversion(names[place], units) for place in taken]
        return Shape(
            columns=np.array(columns, dtype=np.int64),
            scale=np.array([scale for scale, _ in factors], dtype=np.float64),
            offset=np.array([offset for _, offset in factors], dtype=np.float64),
            taken=taken,
            numbers=tuple(place for place in taken if not self._is_flag(names[place])),
            unknown=tuple(name for name in names if name not in places),
        )

    def _conversion(self, name: str, units: Mapping[str, str]) -> tuple[float, float]:
        metric = self.profile.metric(name)
        assert metric is not None
        try:
            scale, offset = unit.conversion(units.get(name, metric.unit), metric.unit)
        except ValueError as error:
            raise RefusedError(f"metric {name}: {error}") from None
        return (-scale, 1.0 - offset) if metric.inverted else (scale, offset)

    def _is_flag(self, name: str) -> bool:
        metric = self.profile.metric(name)
        return metric is not None and metric.flag


def take(shape: Shape, values: Mapping[str, float | bool]) -> list[float | bool]:
    """The known metrics' values in the shape's order; raises RefusedError for what cannot be a measurement."""
    given = list(values.values())
    if bool in map(type, given) and any(type(given[place]) is bool for place in shape.numbers):
        raise RefusedError("true or false is given for a metric that is a number")
    if max(given) > _MOST_VALUE or min(given) < -_MOST_VALUE:
        raise RefusedError("a value is beyond any measurement")
    return given if len(shape.taken) == len(given) else [given[place] for place in shape.taken]


def compile_table(profile: DeviceProfile, ids: Mapping[str, int]) -> ProfileTable:
    """`ids`: the metrics' ids by name."""
    metrics = [metric for metric in profile.metrics if metric.name in ids]
    return ProfileTable(
        profile=profile,
        names=tuple(metric.name for metric in metrics),
        ids=np.array([ids[metric.name] for metric in metrics], dtype=np.int64),
        low=np.array([metric.low for metric in metrics], dtype=np.float64),
        high=np.array([metric.high for metric in metrics], dtype=np.float64),
    )
