"""What a predicate found: written as `air_temp=-14.8, defrost=0`, and said in words, with its limits.

Which part of the predicate counts is computed anew from the values: where it holds, the parts that make it hold;
where it does not, those that fail.
"""

import ast
import math
from collections.abc import Mapping

from domain import figure, predicate
from domain.predicate import Predicate
from domain.profile import Metric

_BOUNDS: dict[type[ast.cmpop], dict[str, str]] = {
    ast.Gt: {"zh": "高于", "en": "above"},
    ast.GtE: {"zh": "不低于", "en": "at least"},
    ast.Lt: {"zh": "低于", "en": "below"},
    ast.LtE: {"zh": "不高于", "en": "at most"},
    ast.Eq: {"zh": "等于", "en": "equal to"},
    ast.NotEq: {"zh": "不等于", "en": "not"},
}
_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
_FLAGS = {"zh": ("否", "是"), "en": ("no", "yes")}
_MAGNITUDE = {"zh": "绝对值{bound}", "en": "magnitude {bound}"}
_EXPECTED = {"zh": "按{given}，应为 {value}", "en": "expected {value} from {given}"}
_BETWEEN = {"zh": ("；", "，", "、", "：", " "), "en": ("; ", ", ", ", ", ": ", " ")}


def written(asked: Predicate, values: Mapping[str, float]) -> str:
    """The canonical form: what the predicate read, in its order; unknown (NaN) values are left out."""
    known = ((name, values[name]) for name in asked.in_order if name in values)
    return ", ".join(f"{name}={value:.15g}" for name, value in known if not math.isnan(value))


def read(text: str) -> dict[str, float] | None:
    """The values out of the canonical form, or None where the text is another one."""
    values = {}
    for part in text.split(", "):
        name, equals, number = part.partition("=")
        if not equals or not name.isascii() or not name.isidentifier():
            return None
        try:
            values[name] = float(number)
        except ValueError:
            return None
    return values


def wording(values: Mapping[str, float], text: str, metrics: Mapping[str, Metric], lang: str) -> str:
    """The values as a sentence in 'zh' or 'en', with the limits of the predicate `text` where it is one."""
    teller = _Teller(values, metrics, lang)
    try:
        tree = predicate.parse(text).tree
        truth = predicate.holds(tree, values)
        if truth is not None:
            teller.tell(tree, truth)
    except (predicate.BadPredicateError, ArithmeticError):
        pass
    return teller.sentence()


class _Teller:
    """Walks a predicate and collects what to say of each metric."""

    def __init__(self, values: Mapping[str, float], metrics: Mapping[str, Metric], lang: str) -> None:
        self._values, self._metrics, self._lang = values, metrics, lang
        self._told: dict[str, list[str]] = {}  # metric → its limits

    def sentence(self) -> str:
        """All that was told; where nothing was, every value."""
        parts, commas = _BETWEEN[self._lang][:2]
        told = self._told or {name: [] for name in self._values}
        return parts.join(commas.join([self._named(name), *limits]) for name, limits in told.items())

    def tell(self, node: ast.expr, wanted: bool) -> None:
        """Tell of the parts whose truth is `wanted`, which is the node's own."""
        match node:
            case ast.BoolOp(values=parts):
                for part in parts:
                    if predicate.holds(part, self._values) is wanted:
                        self.tell(part, wanted)
            case ast.UnaryOp(op=ast.Not(), operand=part):
                self.tell(part, not wanted)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                self._compare(left, type(op) if wanted else _OPPOSITES[type(op)], right)
            case _:
                self._mention(node)

    def _compare(self, left: ast.expr, op: type[ast.cmpop], right: ast.expr) -> None:
        match left:
            case ast.Name(id=name):
                self._limit(name, self._bound(name, op, right))
                self._mention(right)
            case ast.Call(args=[ast.Name(id=name)]):
                self._limit(name, _MAGNITUDE[self._lang].format(bound=self._bound(name, op, right)))
                self._mention(right)
            case ast.Call(args=[ast.BinOp(left=ast.Name(id=name), op=ast.Sub(), right=other)]) if op in (
                ast.Gt,
                ast.GtE,
            ):
                self._limit(name, self._expected(name, other))
            case _:
                self._mention(left)
                self._mention(right)

    def _mention(self, node: ast.expr) -> None:
        for name in predicate.names(node):
            self._limit(name, "")

    def _limit(self, name: str, limit: str) -> None:
        if name not in self._values:
            return
        limits = self._told.setdefault(name, [])
        if limit and self._is_number(name):
            limits.append(limit)

    def _is_number(self, name: str) -> bool:
        metric = self._metrics.get(name)
        return metric is None or not (metric.flag or metric.values)

    def _bound(self, name: str, op: type[ast.cmpop], right: ast.expr) -> str:
        limit = self._figure(name, predicate.number(right, self._values))
        return f"{_BOUNDS[op][self._lang]} {limit}"

    def _expected(self, name: str, other: ast.expr) -> str:
        """`abs(amount - net_g * unit_price) > 1`: what the amount should be, and by which values."""
        given = _BETWEEN[self._lang][2].join(self._named(each) for each in predicate.names(other))
        value = self._figure(name, predicate.number(other, self._values))
        return _EXPECTED[self._lang].format(given=given, value=value)

    def _named(self, name: str) -> str:
        metric = self._metrics.get(name)
        title = name if metric is None else metric.zh if self._lang == "zh" else metric.en
        colon, space = _BETWEEN[self._lang][3:]
        value = self._values.get(name, math.nan)
        return f"{title}{space if self._is_number(name) else colon}{self._figure(name, value)}"

    def _figure(self, name: str, value: float) -> str:
        metric = self._metrics.get(name)
        if metric is None:
            return figure.number(value)
        word = metric.word(value)
        if word is not None:
            return word.zh if self._lang == "zh" else word.en
        return _FLAGS[self._lang][value != 0] if metric.flag else figure.measured(value, metric.unit, self._lang)
