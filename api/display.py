"""How values read on a page: numbers with their units' signs, clock times, thresholds out of a rule's predicate."""

import ast
import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from domain import predicate

_FOUND = re.compile(r"\b([a-z][a-z0-9_]*)=(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)")
# UCUM codes as people read them; the rest read as they are.
_SIGNS = {"Cel": "°C", "[degF]": "°F", "1": "", "[ppm]": "ppm"}
_WORDS = {
    "zh": {"{fen}": "分", "{fen}/kg": "分/kg", "s": "秒", "min": "分钟", "h": "小时", "d": "天"},
    "en": {"{fen}": "fen", "{fen}/kg": "fen/kg"},
}


def unit(lang: str, code: str) -> str:
    """The sign of a UCUM unit in 'zh' or 'en'."""
    return (_SIGNS | _WORDS[lang]).get(code, code)


def number(value: float) -> str:
    """Two decimals at most, four significant digits below one, thousands whole."""
    if abs(value) >= 1000:
        return f"{value:,.0f}".replace("-", "\N{MINUS SIGN}")
    text = f"{value:.4g}" if abs(value) < 1 else f"{value:.2f}".rstrip("0").rstrip(".")
    return text.replace("-", "\N{MINUS SIGN}")


def size(count: int) -> str:
    """A number of bytes."""
    return f"{count / 1024:.0f} kB" if count < 1_000_000 else f"{count / 1_048_576:.1f} MB"


def clock(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Local time to the second, with the date unless it is today's."""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return local.strftime("%H:%M:%S")
    return local.strftime("%m-%d %H:%M" if local.year == today.year else "%Y-%m-%d %H:%M")


@dataclass(frozen=True, slots=True)
class Threshold:
    """A metric and the number that a rule compares it with."""

    metric: str
    limit: float


def thresholds(text: str) -> tuple[Threshold, ...]:
    """The plain bounds of a predicate, `metric < number`, for a line in the chart."""
    try:
        tree = predicate.parse(text).tree
    except predicate.BadPredicateError:
        return ()
    comparisons = (node for node in ast.walk(tree) if isinstance(node, ast.Compare))
    return tuple(found for node in comparisons if (found := _threshold(node)) is not None)


def _threshold(node: ast.Compare) -> Threshold | None:
    limit = _literal(node.comparators[0])
    bound = isinstance(node.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE)
    if bound and isinstance(node.left, ast.Name) and limit is not None:
        return Threshold(node.left.id, limit)
    return None


def _literal(node: ast.expr) -> float | None:
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -float(value)
        case _:
            return None


def metrics(text: str) -> tuple[str, ...]:
    """The metrics that a predicate reads, in order of name."""
    try:
        return tuple(sorted(predicate.parse(text).metrics))
    except predicate.BadPredicateError:
        return ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a metric was when a rule decided."""

    metric: str
    value: float


def found(why: str) -> tuple[Found, ...]:
    """The readings inside a reason such as `air_temp=-14.8 > -15 and not defrost=0`, each metric once."""
    pairs = dict(_FOUND.findall(why))
    return tuple(Found(metric, float(value)) for metric, value in pairs.items())
