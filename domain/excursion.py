"""Excursions: how far and how long a measured value went beyond its limit (DOMAIN §4)."""

import ast
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from domain.predicate import Predicate

Floats = NDArray[np.float64]

# Mean kinetic temperature, USP <1079.2>: activation energy 83.144 kJ/mol over the gas constant 8.3144 J/(mol K).
_KELVIN = 10_000.0
_ZERO_C = 273.15
LONGEST_STEP_S = 900.0  # a reading speaks for no longer than this: what was not recorded is not counted


@dataclass(frozen=True, slots=True)
class Limit:
    """The bound of one metric; beyond it lies what is greater (`above`) or less."""

    metric: str
    bound: float
    above: bool

    def beyond(self, values: Floats) -> Floats:
        """By how much each value lies beyond the bound; 0 within it."""
        excess = values - self.bound if self.above else self.bound - values
        return np.maximum(excess, 0.0)


@dataclass(frozen=True, slots=True)
class Excursion:
    """The ledger of one excursion. `peak`: the value furthest beyond; `degree_minutes`: the area beyond the bound;
    `mean_kinetic`: mean kinetic temperature, °C; `recorded_s`: how much of the time readings speak for.
    """

    peak: float
    peak_at: datetime
    degree_minutes: float
    mean_kinetic: float
    recorded_s: float
    readings: int


def limit(predicate: Predicate) -> Limit | None:
    """The first comparison of a metric with a number (`air_temp > -15`); None when there is none."""
    for node in ast.walk(predicate.tree):
        match node:
            case ast.Compare(left=ast.Name(id=name), ops=[ast.Gt() | ast.GtE()], comparators=[bound]):
                above = True
            case ast.Compare(left=ast.Name(id=name), ops=[ast.Lt() | ast.LtE()], comparators=[bound]):
                above = False
            case _:
                continue
        try:
            return Limit(name, float(ast.literal_eval(bound)), above)
        except ValueError:
            continue
    return None


def summarise(beyond: Limit, times: Floats, values: Floats, end: float) -> Excursion | None:
    """The ledger of readings in order of time, shape (n,): Unix seconds, °C. None without readings.

    Each reading holds until the next one or `end` (Unix seconds), at most LONGEST_STEP_S.
    """
    if not len(times):
        return None
    steps = np.clip(np.diff(times, append=max(end, times[-1])), 0.0, LONGEST_STEP_S)
    excess = beyond.beyond(values)
    worst = int(np.argmax(values if beyond.above else -values))
    return Excursion(
        float(values[worst]),
        datetime.fromtimestamp(float(times[worst]), UTC),
        float((excess * steps).sum() / 60),
        _mean_kinetic(values, steps),
        float(steps.sum()),
        len(times),
    )


def _mean_kinetic(values: Floats, steps: Floats) -> float:
    weights = steps if steps.sum() > 0 else np.ones_like(values)
    rate = float(np.average(np.exp(-_KELVIN / (values + _ZERO_C)), weights=weights))
    return _KELVIN / -float(np.log(rate)) - _ZERO_C
