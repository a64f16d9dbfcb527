"""The drill's bars: what a scenario asks of its score, and whether it was reached. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mingchu.drill_score import Messages, Score, spread
from simulators.scenario_file import Bars


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure and the most that it may be; None where nothing was measured."""

    name: str
    value: float | None
    limit: float

    @property
    def holds(self) -> bool:
        """Whether it was reached; what could not be measured was not."""
        return self.value is not None and self.value <= self.limit

    def report(self) -> dict[str, Any]:
        return {"name": self.name, "value": self.value, "limit": self.limit, "holds": self.holds}


def hold(bars: Bars, score: Score, messages: Messages) -> tuple[Bar, ...]:
    """All bars of a scenario against what a drill found."""
    return (*_counts(bars, score, messages), *_latencies(bars, score))


def _counts(bars: Bars, score: Score, messages: Messages) -> Iterator[Bar]:
    yield Bar("missed", len(score.missed), bars.missed)
    yield Bar("unexpected", len(score.unexpected), bars.unexpected)
    yield Bar("unpushed", sum(seen.pushed is None for _, seen in score.matched), bars.unpushed)
    yield Bar("lost", messages.sent - messages.stored, bars.lost)
    yield Bar("duplicated", messages.duplicated, bars.duplicated)


def _latencies(bars: Bars, score: Score) -> Iterator[Bar]:
    found = spread([seen.latency_s for _, seen in score.matched if seen.latency_s is not None])
    for name, limit in (("p50", bars.latency_p50_s), ("p95", bars.latency_p95_s), ("max", bars.latency_max_s)):
        if limit is not None:
            yield Bar(f"latency_{name}_s", found[name], limit)
