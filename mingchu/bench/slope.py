"""How fast something grows: the median of the slopes between all pairs of its samples, and how sure that is.

Theil (1950) and Sen (1968). Samples of several lives are compared within each life only, as Hirsch, Slack and Smith
(1982) do with seasons. The interval takes samples for independent; those of a process's memory are
not quite, so it is narrow.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Z95 = 1.96  # standard deviations on either side that hold 95 % of a normal distribution


@dataclass(frozen=True, slots=True)
class Series:
    """Samples of one life, in the order of their times; both of shape (n,)."""

    times: NDArray[np.float64]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Slope:
    """Values per unit of time; in 95 of 100 cases it lies between `low` and `high`."""

    value: float
    low: float
    high: float


def steepness(lives: Sequence[Series]) -> Slope | None:
    """The common slope of all lives; None where no life has two samples."""
    found = [_slopes(life) for life in lives]
    slopes = np.sort(np.concatenate(found)) if found else np.empty(0)
    if not len(slopes):
        return None
    reach = Z95 * np.sqrt(sum(_variance(life.values) for life in lives))
    low = max(0, int((len(slopes) - reach) / 2))
    high = min(len(slopes) - 1, int((len(slopes) + reach) / 2))
    return Slope(float(np.median(slopes)), float(slopes[low]), float(slopes[high]))


def _slopes(life: Series) -> NDArray[np.float64]:
    first, second = np.triu_indices(len(life.times), k=1)
    apart = life.times[second] - life.times[first]
    rise = (life.values[second] - life.values[first])[apart > 0]
    return rise / apart[apart > 0]


def _variance(values: NDArray[np.float64]) -> float:
    """Of Kendall's S, with ties."""
    n = len(values)
    _, ties = np.unique(values, return_counts=True)
    tied = ties * (ties - 1) * (2 * ties + 5)
    return float(n * (n - 1) * (2 * n + 5) - tied.sum()) / 18
