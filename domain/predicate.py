"""A rule's predicate: `air_temp > -15 and not defrost`, parsed once, evaluated over whole batches.

Evaluation is three-valued (Kleene): a missing value is NaN and makes a comparison unknown, so that a rule never
fires, and never clears, on what was not measured.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_COMPARISONS = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}
_ARITHMETIC = {ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide}


class BadPredicateError(ValueError):
    """A predicate compares metrics with numbers: names, numbers, + - * /, < <= > >= == !=, and, or, not, abs()."""


@dataclass(frozen=True, slots=True)
class Truth:
    """Parallel arrays of shape (n,): where the predicate is surely true, and where surely false."""

    yes: Bools
    no: Bools


@dataclass(frozen=True, slots=True)
class Predicate:
    """A checked expression and the metrics that it reads."""

    text: str
    metrics: frozenset[str]
    tree: ast.expr

    @property
    def in_order(self) -> tuple[str, ...]:
        """The metrics in the order in which the text names them."""
        return names(self.tree)

    def evaluate(self, values: Mapping[str, Floats]) -> Truth:
        """Evaluate over columns of shape (n,), one per metric; NaN means unknown."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return _truth(self.tree, values)


def parse(text: str) -> Predicate:
    """Check and parse; raises BadPredicateError naming the exact fault and its column."""
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        place = getattr(error, "offset", 0)
        raise BadPredicateError(f"{text!r}, column {place}: not an expression") from None
    names: set[str] = set()
    _check_truth(tree, text, names)
    return Predicate(text, frozenset(names), tree)


def names(node: ast.expr) -> tuple[str, ...]:
    """The metrics that a part of a checked predicate reads, each once, in the order in which the text names them."""
    called = {id(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)}
    found = [part for part in ast.walk(node) if isinstance(part, ast.Name) and id(part) not in called]
    return tuple(dict.fromkeys(part.id for part in sorted(found, key=lambda part: (part.lineno, part.col_offset))))


def holds(node: ast.expr, values: Mapping[str, float]) -> bool | None:
    """Whether a part of a checked predicate holds for one row of values; None where too little is known."""
    with np.errstate(all="ignore"):
        truth = _truth(node, _row(node, values))
    if truth.yes.any():
        return True
    return False if truth.no.any() else None


def number(node: ast.expr, values: Mapping[str, float]) -> float:
    """What an arithmetic part of a checked predicate comes to for one row of values; NaN where too little is known."""
    with np.errstate(all="ignore"):
        return float(_number(node, _row(node, values)).max())


def _row(node: ast.expr, values: Mapping[str, float]) -> dict[str, Floats]:
    return {name: np.array([values.get(name, np.nan)], dtype=np.float64) for name in names(node)}


def _fault(node: ast.expr, text: str, what: str) -> BadPredicateError:
    return BadPredicateError(f"{text!r}, column {node.col_offset + 1}: {what}")


def _check_truth(node: ast.expr, text: str, names: set[str]) -> None:
    match node:
        case ast.BoolOp(values=parts):
            for part in parts:
                _check_truth(part, text, names)
        case ast.UnaryOp(op=ast.Not(), operand=part):
            _check_truth(part, text, names)
        case ast.Compare(left=left, ops=ops, comparators=rest):
            if any(type(op) not in _COMPARISONS for op in ops):
                raise _fault(node, text, "only < <= > >= == != compare")
            for part in (left, *rest):
                _check_number(part, text, names)
        case ast.Name(id=name):
            names.add(name)
        case _:
            raise _fault(node, text, "expected a comparison, a flag, and, or, not")


def _check_number(node: ast.expr, text: str, names: set[str]) -> None:
    match node:
        case ast.Constant(value=bool() | int() | float()):
            pass
        case ast.Name(id=name):
            names.add(name)
        case ast.UnaryOp(op=ast.USub(), operand=part):
            _check_number(part, text, names)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            _check_number(left, text, names)
            _check_number(right, text, names)
        case ast.Call(func=ast.Name(id="abs"), args=[part], keywords=[]):
            _check_number(part, text, names)
        case _:
            raise _fault(node, text, "expected a metric, a number, + - * / or abs()")


def _truth(node: ast.expr, values: Mapping[str, Floats]) -> Truth:
    match node:
        case ast.BoolOp(op=op, values=parts):
            return _join(op, [_truth(part, values) for part in parts])
        case ast.UnaryOp(operand=part):
            truth = _truth(part, values)
            return Truth(truth.no, truth.yes)
        case ast.Compare(left=left, ops=ops, comparators=rest):
            numbers = [_number(part, values) for part in (left, *rest)]
            steps = zip(ops, numbers, numbers[1:], strict=False)
            return _join(ast.And(), [_compare(op, one, other) for op, one, other in steps])
        case ast.Name(id=name):
            column = values[name]
            known = ~np.isnan(column)
            return Truth(known & (column != 0), known & (column == 0))
        case _:  # pragma: no cover - parse() refuses all else
            raise AssertionError(ast.dump(node))


def _compare(op: ast.cmpop, left: Floats, right: Floats) -> Truth:
    known = ~(np.isnan(left) | np.isnan(right))
    holds: Bools = _COMPARISONS[type(op)](left, right)
    return Truth(known & holds, known & ~holds)


def _join(op: ast.boolop, parts: list[Truth]) -> Truth:
    yes = [part.yes for part in parts]
    no = [part.no for part in parts]
    match op:
        case ast.And():
            return Truth(np.logical_and.reduce(yes), np.logical_or.reduce(no))
        case ast.Or():
            return Truth(np.logical_or.reduce(yes), np.logical_and.reduce(no))
        case _:  # pragma: no cover - Python has two
            assert_never(op)  # type: ignore[arg-type]


def _number(node: ast.expr, values: Mapping[str, Floats]) -> Floats:
    match node:
        case ast.Constant(value=value):
            return np.asarray(float(value), dtype=np.float64)  # type: ignore[arg-type]
        case ast.Name(id=name):
            return values[name]
        case ast.UnaryOp(operand=part):
            return -_number(part, values)
        case ast.BinOp(left=left, op=op, right=right):
            result: Floats = _ARITHMETIC[type(op)](_number(left, values), _number(right, values))
            return result
        case ast.Call(args=[part]):
            return np.abs(_number(part, values))
        case _:  # pragma: no cover - parse() refuses all else
            raise AssertionError(ast.dump(node))
