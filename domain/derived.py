"""Figures derived from a metric, by a name's ending: how fast it changed, by how much, how old it is, since when alike.

`air_temp_rate` is air_temp's change per minute. A metric of the profile that has such a name itself comes first.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from domain.profile import Metric


class How(StrEnum):
    """What is derived; the values are the names' endings."""

    RATE = "rate"  # per minute, against the reading before it, over at least a minute: noise in a second is no slope
    CHANGE = "change"  # against the reading before it
    AGE = "age"  # s since it was measured
    UNCHANGED = "unchanged"  # s from the first of the latest readings that are all alike to the latest


FLIPS = frozenset({How.RATE, How.CHANGE})  # known where readings land
LOOKS = frozenset({How.AGE, How.UNCHANGED})  # known only to who looks at what was stored

_TITLES = {
    How.RATE: ("{}变化率（每分钟）", "{}, change per minute"),
    How.CHANGE: ("{}变化量", "{}, change"),
    How.AGE: ("距上次记录{}（秒）", "{}, seconds since it was recorded"),
    How.UNCHANGED: ("{}保持不变（秒）", "{}, seconds without any change"),
}


@dataclass(frozen=True, slots=True)
class Derived:
    """A name that is read as something derived from a metric."""

    name: str
    metric: str
    how: How


def read(name: str) -> Derived | None:
    """The derivation that a name spells, or None."""
    metric, _, ending = name.rpartition("_")
    return Derived(name, metric, How(ending)) if metric and ending in set(How) else None


def of(name: str, metrics: Collection[str]) -> Derived | None:
    """The derivation that a name spells where there are these metrics; None for a metric, and for the unknown."""
    if name in metrics:
        return None
    found = read(name)
    return found if found is not None and found.metric in metrics else None


def base(name: str, metrics: Collection[str]) -> str:
    """The metric to be measured for a name: itself, or what it is derived from."""
    found = of(name, metrics)
    return name if found is None else found.metric


def titled(metric: Metric) -> list[Metric]:
    """The derived figures of a metric as metrics, for who puts a reason into words."""
    found = []
    for how, (zh, en) in _TITLES.items():
        unit = "s" if how in LOOKS else metric.unit
        found.append(
            Metric(f"{metric.name}_{how}", unit, zh.format(metric.zh), en.format(metric.en), metric.low, metric.high)
        )
    return found
