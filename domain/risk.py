"""Risk scores: what is measured of a site or a device, how much each measure counts, and how risky that is (ADR 34).

The weights are data, and versioned: a score is explained by its measures and the version of the weights that counted.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import pairwise

import msgspec

WHOLE = 100


class Measure(StrEnum):
    """What is measured, as of a moment."""

    OPEN_1 = "open_1"  # unfinished alerts of class I
    OPEN_2 = "open_2"
    OPEN_3 = "open_3"
    LATE = "late"  # share of the last 30 days' deadlines that were missed
    REPEATS = "repeats"  # alerts of the last 30 days that were not the first of their rule and subject
    CAMERAS = "cameras"  # share of the last 24 h in which the cameras were not well
    MISSING = "missing"  # share of the last 24 h in which the devices were not connected
    UNSEEN = "unseen"  # days since a regulator judged something there, or drew it
    CARDS = "cards"  # in force: 1 for each yellow one, 2 for each red one

    @property
    def of_device(self) -> bool:
        """Whether a single device has it too."""
        return self not in (Measure.CAMERAS, Measure.UNSEEN, Measure.CARDS)


class Band(StrEnum):
    """How risky, as a colour."""

    GREEN = "green"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


class BadWeightsError(ValueError):
    """A file of weights: each measure once, weights that sum to 100, bands that rise, patrol weights from 1 to 12."""


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One measure: it gives `weight` points at `full` or more, in proportion below."""

    code: Measure
    zh: str
    en: str
    weight: int
    full: float

    def points(self, measure: float) -> float:
        """Points of `weight`; what is below zero gives none."""
        return self.weight * min(1.0, max(0.0, measure) / self.full)


class Bands(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The least score of each colour but green."""

    yellow: int
    orange: int
    red: int


class Patrol(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often patrolled cameras of a site are visited, by its colour, and how long a change has to last.

    More often after `rise_days` in a riskier colour; less often when `fall_days` were all `margin` points below it.
    `apply`: the platform sets the weights itself; else it proposes them.
    """

    apply: bool
    green: int
    yellow: int
    orange: int
    red: int
    rise_days: int
    fall_days: int
    margin: int

    def of(self, band: Band) -> int:
        """Visits in each period."""
        return {Band.GREEN: self.green, Band.YELLOW: self.yellow, Band.ORANGE: self.orange, Band.RED: self.red}[band]


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One version of the weights."""

    version: int
    source: str
    bands: Bands
    patrol: Patrol
    terms: tuple[Term, ...]

    def band(self, score: int) -> Band:
        """The colour of a score."""
        if score >= self.bands.red:
            return Band.RED
        if score >= self.bands.orange:
            return Band.ORANGE
        return Band.YELLOW if score >= self.bands.yellow else Band.GREEN

    def row(self, measures: Mapping[Measure, float]) -> list[float]:
        """The measures in the terms' order; what was not measured is 0."""
        return [measures.get(term.code, 0.0) for term in self.terms]

    def score(self, row: Sequence[float], *, device: bool = False) -> int:
        """0 to 100, of measures in the terms' order. A device's terms count as if they were all there are."""
        counted = [(term, measure) for term, measure in zip(self.terms, row, strict=True) if counts(term, device)]
        most = sum(term.weight for term, _ in counted)
        return int(WHOLE * sum(term.points(measure) for term, measure in counted) / most + 0.5) if most else 0


def counts(term: Term, device: bool) -> bool:
    """Whether a term counts for a device, or for a site."""
    return term.code.of_device or not device


def visits(current: int, scores: Sequence[int], weights: Weights) -> int:
    """How often a site's patrolled cameras are to be visited, after the scores of whole days, the newest first.

    Neither one bad day nor a score that swings about a colour's bound changes anything.
    """
    patrol = weights.patrol
    risen, fallen = scores[: patrol.rise_days], scores[: patrol.fall_days]
    if len(risen) == patrol.rise_days and (more := patrol.of(weights.band(min(risen)))) > current:
        return more
    if len(fallen) == patrol.fall_days and (less := patrol.of(weights.band(max(fallen) + patrol.margin))) < current:
        return less
    return current


def parse(text: str) -> Weights:
    """Read weights from TOML; raises BadWeightsError with the exact fault."""
    try:
        weights = msgspec.toml.decode(text, type=Weights)
    except msgspec.DecodeError as error:
        raise BadWeightsError(str(error)) from error
    _check(weights)
    return weights


def _check(weights: Weights) -> None:
    codes = [term.code for term in weights.terms]
    if len(set(codes)) != len(codes):
        raise BadWeightsError("a measure is there twice")
    if any(term.weight <= 0 or not 0 < term.full < float("inf") for term in weights.terms):
        raise BadWeightsError("weight and full of each term must be more than 0")
    if (total := sum(term.weight for term in weights.terms)) != WHOLE:
        raise BadWeightsError(f"the weights sum to {total}, not to {WHOLE}")
    bands, patrol = weights.bands, weights.patrol
    if not all(low < high for low, high in pairwise((0, bands.yellow, bands.orange, bands.red, WHOLE + 1))):
        raise BadWeightsError("the bands must rise: 0 < yellow < orange < red <= 100")
    visited = (patrol.green, patrol.yellow, patrol.orange, patrol.red)
    if list(visited) != sorted(visited) or not all(1 <= each <= 12 for each in visited):
        raise BadWeightsError("patrol weights rise with the colour, from 1 to 12")
    if min(patrol.rise_days, patrol.fall_days) < 1 or patrol.margin < 0:
        raise BadWeightsError("rise_days and fall_days are at least 1, margin at least 0")
