"""The drill's score: alerts held against the truth, messages against the sender's ledger. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Wanted:
    """The truth: an alert of `rule` on `subject` must be raised within [at, until]."""

    rule: str
    subject: str
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """An alert that was raised. `ready`: when all that it needed had been sent; `pushed`: when a receiver got it.

    `began`: when what it tells of began in truth.
    """

    id: int
    rule: str
    subject: str
    raised: datetime
    ready: datetime | None
    pushed: datetime | None
    why: str
    began: datetime | None = None

    @property
    def since_truth_s(self) -> float | None:
        """From the truth's instant to the push received; the rule's own duration is part of it."""
        if self.began is None or self.pushed is None:
            return None
        return (self.pushed - self.began).total_seconds()

    @property
    def latency_s(self) -> float | None:
        """From the last thing needed to the push received, beyond the rule's own duration."""
        if self.ready is None or self.pushed is None:
            return None
        return (self.pushed - self.ready).total_seconds()


@dataclass(frozen=True, slots=True)
class Messages:
    """The sender's acknowledged messages against the tables."""

    sent: int
    stored: int
    duplicated: int

    def report(self) -> dict[str, int]:
        lost = self.sent - self.stored
        return {"sent": self.sent, "stored": self.stored, "lost": lost, "duplicated": self.duplicated}


@dataclass(frozen=True, slots=True)
class Score:
    """Who met whom."""

    matched: tuple[tuple[Wanted, Seen], ...]
    missed: tuple[Wanted, ...]
    unexpected: tuple[Seen, ...]

    @property
    def passed(self) -> bool:
        """Nothing missed, nothing unexpected, and every match reached a receiver."""
        return not self.missed and not self.unexpected and all(seen.pushed for _, seen in self.matched)


def score(wanted: Sequence[Wanted], seen: Sequence[Seen]) -> Score:
    """Match each wanted alert with the first one of its rule and subject raised in its time; each counts once."""
    free = sorted(seen, key=lambda alert: alert.raised)
    matched, missed = [], []
    for want in sorted(wanted, key=lambda item: item.at):
        found = next((alert for alert in free if _meets(want, alert)), None)
        if found is None:
            missed.append(want)
        else:
            free.remove(found)
            matched.append((want, found))
    return Score(tuple(matched), tuple(missed), tuple(free))


def _meets(want: Wanted, alert: Seen) -> bool:
    return (alert.rule, alert.subject) == (want.rule, want.subject) and want.at <= alert.raised <= want.until


@dataclass(frozen=True, slots=True)
class RuleScore:
    """One rule's part of the score. `scene`: the one that it watches for; None for a rule of devices."""

    rule: str
    scene: str | None
    expected: int
    matched: int
    missed: int
    false: int
    delays: tuple[float, ...]
    since_truth: tuple[float, ...] = ()

    @property
    def raised(self) -> int:
        return self.matched + self.false

    def report(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "scene": self.scene,
            "expected": self.expected,
            "raised": self.raised,
            "matched": self.matched,
            "missed": self.missed,
            "false": self.false,
            "latency_s": spread(self.delays),
            "since_truth_s": spread(self.since_truth),
        }


def by_rule(result: Score, scenes: Mapping[str, str]) -> list[RuleScore]:
    """The score of each rule that was expected or raised; `scenes`: rule → scene. Scene rules first, by scene."""
    rules = {want.rule for want, _ in result.matched} | {want.rule for want in result.missed}
    rules |= {seen.rule for seen in result.unexpected}
    told = [_rule_score(rule, scenes.get(rule), result) for rule in rules]
    return sorted(told, key=lambda each: (each.scene is None, each.scene or "", each.rule))


def _rule_score(rule: str, scene: str | None, result: Score) -> RuleScore:
    met = [seen for want, seen in result.matched if want.rule == rule]
    missed = sum(want.rule == rule for want in result.missed)
    false = sum(seen.rule == rule for seen in result.unexpected)
    return RuleScore(rule, scene, len(met) + missed, len(met), missed, false, _delays(met), _since_truth(met))


def _delays(met: Sequence[Seen]) -> tuple[float, ...]:
    return tuple(seen.latency_s for seen in met if seen.latency_s is not None)


def _since_truth(met: Sequence[Seen]) -> tuple[float, ...]:
    return tuple(seen.since_truth_s for seen in met if seen.since_truth_s is not None)


def report(result: Score, messages: Messages, scenes: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The drill's JSON; `scenes` (rule → scene) says of which scene a rule is."""
    met = [seen for _, seen in result.matched]
    return {
        "expected": len(result.matched) + len(result.missed),
        "matched": len(result.matched),
        "missed": len(result.missed),
        "unexpected": len(result.unexpected),
        "latency_s": spread(_delays(met)),
        "since_truth_s": spread(_since_truth(met)),
        "messages": messages.report(),
        "alerts": list(_rows(result)),
        "by_rule": [each.report() for each in by_rule(result, scenes or {})],
    }


def _rows(result: Score) -> Iterator[dict[str, Any]]:
    for want, seen in result.matched:
        yield _row("matched", want.rule, want.subject, want.at, seen)
    for want in result.missed:
        yield _row("missed", want.rule, want.subject, want.at, None)
    for seen in result.unexpected:
        yield _row("unexpected", seen.rule, seen.subject, None, seen)


def spread(values: Sequence[float]) -> dict[str, float | None]:
    """Median, 95th percentile and largest; None each where there is nothing."""
    if not values:
        return {"p50": None, "p95": None, "max": None}
    low, high, most = np.percentile(values, (50, 95, 100))
    return {"p50": round(float(low), 3), "p95": round(float(high), 3), "max": round(float(most), 3)}


def _row(verdict: str, rule: str, subject: str, at: datetime | None, seen: Seen | None) -> dict[str, Any]:
    return {
        "verdict": verdict,
        "rule": rule,
        "subject": subject,
        "expected_at": None if at is None else at.isoformat(),
        "raised_at": None if seen is None else seen.raised.isoformat(),
        "pushed_at": None if seen is None or seen.pushed is None else seen.pushed.isoformat(),
        "latency_s": None if seen is None else seen.latency_s,
        "since_truth_s": None if seen is None else seen.since_truth_s,
        "why": "" if seen is None else seen.why,
    }
