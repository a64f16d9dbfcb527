"""Risk as pages show it: a score with its colour, the terms that make it, the last 30 days as bars."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.risk import Band, Measure, Term, Weights, counts
from store import risk
from store.connection import Connection
from store.risk_measures import NEVER_D

DAYS = 30
_SHARES = (Measure.LATE, Measure.CAMERAS, Measure.MISSING)


@dataclass(frozen=True, slots=True)
class TermView:
    """One term: what was measured ('' for days since what never was), and the points that it gives."""

    zh: str
    en: str
    measure: str
    points: float
    weight: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of the trend, `place` days after its begin."""

    day: date
    score: int
    band: Band
    place: int


@dataclass(frozen=True, slots=True)
class RiskView:
    """A subject's risk, as of `at`."""

    score: int
    band: Band
    at: datetime
    version: int
    terms: list[TermView]
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class RankedView:
    """One site in the order of risk, and the terms that make most of its score."""

    site: risk.Ranked
    band: Band
    terms: list[TermView]

    @property
    def change(self) -> int | None:
        """Since a week ago."""
        return None if self.site.before is None else self.site.score - self.site.before


async def subject(connection: Connection, site: int, device: int = 0) -> RiskView | None:
    """A site's risk, or one of its devices'; None before it was scored."""
    days = await risk.trend(connection, site, device, DAYS)
    if not days:
        return None
    last = days[-1]
    scored, weights = await risk.day(connection, last.day), await risk.weights(connection, last.weights)
    if scored is None or weights is None:
        return None
    begin = last.day - timedelta(days=DAYS - 1)
    return RiskView(
        last.score,
        weights.band(last.score),
        scored.at,
        weights.version,
        terms(weights, last.measures, device=device > 0),
        [Bar(day.day, day.score, weights.band(day.score), (day.day - begin).days) for day in days if day.day >= begin],
    )


def terms(weights: Weights, row: Sequence[float], *, device: bool = False) -> list[TermView]:
    """The terms that count, with what was measured."""
    told = zip(weights.terms, row, strict=True)
    return [_term(term, measure) for term, measure in told if counts(term, device)]


def ranked(site: risk.Ranked, weights: Weights) -> RankedView:
    """A row of the ranking with its three greatest terms."""
    told = sorted(terms(weights, site.measures), key=lambda term: -term.points)
    return RankedView(site, weights.band(site.score), [term for term in told[:3] if term.points >= 0.5])


def _term(term: Term, measure: float) -> TermView:
    return TermView(term.zh, term.en, _said(term.code, measure), round(term.points(measure), 1), term.weight)


def _said(code: Measure, measure: float) -> str:
    if code in _SHARES:
        return f"{100 * measure:.0f}%"
    return "" if measure >= NEVER_D else f"{measure:.0f}"
