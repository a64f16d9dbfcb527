"""How values read on a page: sizes, clock times, thresholds out of a rule's predicate."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from domain import derived, predicate
from domain.profile import DeviceProfile, Metric, ValueName

_NO, _YES = ValueName(0.0, "否", "no"), ValueName(1.0, "是", "yes")


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


def drawn(text: str, profile: DeviceProfile) -> tuple[Metric, ...]:
    """What to draw of a device beside a rule's predicate: what it reads, a derived figure as what it is derived from;
    where it reads nothing of the device, what the profile draws, or else all that it has.
    """
    names = {metric.name for metric in profile.metrics}
    read = {derived.base(name, names) for name in metrics(text)}
    known = tuple(metric for metric in profile.metrics if metric.name in read)
    return _curves(known) or known or _curves(profile.metrics) or tuple(profile.metrics)


def said(metric: Metric) -> tuple[ValueName, ...]:
    """What a state's values mean, to be read beside a curve; nothing of what is measured."""
    return metric.values or ((_NO, _YES) if metric.flag else ())


def _curves(given: Sequence[Metric]) -> tuple[Metric, ...]:
    return tuple(metric for metric in given if metric.chart)
