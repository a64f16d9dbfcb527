"""A rule as a document: one `[[rules]]` of TOML that people edit, with each fault's place, and its thresholds."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import msgspec
import tomli_w

from domain import predicate, rule
from domain.rule import BadRuleError, Rule

_SYNTAX = re.compile(r" ?\(at (?:line (\d+), column (\d+)|end of document)\)")
_PATH = re.compile(r" - at `\$(?:\.rules(?:\[\d+\])?)?\.?([^`]*)`")
_FIELD = re.compile(r"field `(\w+)`")
_QUOTED_PLACE = re.compile(r"column (\d+): (.*)", re.DOTALL)

LONGEST_S = 366 * 86400
LONGEST_TEXT = 500


class FaultKind(StrEnum):
    """Why a document is refused, by name; `field` and `detail` of the fault say the rest."""

    SYNTAX = "syntax"  # no TOML
    ONE = "one"  # not exactly one rule
    UNKNOWN = "unknown"  # a field that no rule has
    MISSING = "missing"  # a field that every rule has
    VALUE = "value"  # not a value of that field
    PREDICATE = "predicate"
    METRIC = "metric"  # no device profile in scope has it
    PROFILE = "profile"  # there is no such device profile
    EVENT = "event"  # no device profile in scope has that code
    FIXED = "fixed"  # code and kind of a rule stay
    NEEDS = "needs"  # the kind needs something else


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong and where: line and column in the document, `position` in the predicate; all counted from 1."""

    kind: FaultKind
    detail: str
    field: str = ""
    line: int | None = None
    column: int | None = None
    position: int | None = None


class FaultyRuleError(BadRuleError):
    """A rule's document has a fault, whose place is known."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(sentence(fault))
        self.fault = fault


def sentence(fault: Fault) -> str:
    """The fault in one English sentence, its place first."""
    where = "" if fault.line is None else f"line {fault.line}, column {fault.column}: "
    what = f"{fault.field}: " if fault.field else ""
    return f"{where}{what}{fault.detail}"


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a predicate that people may change: `label` is what it is compared with, [begin, end) its bytes."""

    label: str
    value: float
    begin: int
    end: int


def write(one: Rule) -> str:
    """The rule as TOML, without what is as by default."""
    shown: dict[str, object] = {}
    for field in msgspec.structs.fields(one):
        value = getattr(one, field.name)
        if value is not None and (field.required or value != field.default):
            shown[field.name] = msgspec.to_builtins(value)
    return tomli_w.dumps({"rules": [shown]})


def read(text: str, fixed: Rule | None = None) -> Rule:
    """The one rule of a document; raises FaultyRuleError. Code and kind of a `fixed` one stay."""
    try:
        found = rule.parse(text)
    except BadRuleError as error:
        raise FaultyRuleError(locate(text, str(error))) from None
    except RecursionError:
        raise FaultyRuleError(Fault(FaultKind.VALUE, "nested too deeply", "predicate", 1, 1)) from None
    if len(found) != 1:
        raise FaultyRuleError(Fault(FaultKind.ONE, f"one rule is wanted, here are {len(found)}", line=1, column=1))
    for name in ("code", "kind") if fixed is not None else ():
        if getattr(found[0], name) != getattr(fixed, name):
            detail = f"stays {getattr(fixed, name)}: what is named otherwise is another rule"
            raise FaultyRuleError(at_field(text, Fault(FaultKind.FIXED, detail, name)))
    for name, detail in _beyond(found[0]):
        raise FaultyRuleError(at_field(text, Fault(FaultKind.VALUE, detail, name)))
    return found[0]


def _beyond(one: Rule) -> Iterator[tuple[str, str]]:
    """Fields whose value no clock, screen or stack could bear, each with the reason."""
    for name in one.__struct_fields__:
        value = getattr(one, name)
        if name.endswith("_s") and isinstance(value, float) and not 0 <= value <= LONGEST_S:
            yield name, f"a time is from 0 to {LONGEST_S} s"
        if isinstance(value, str) and len(value) > LONGEST_TEXT:
            yield name, f"at most {LONGEST_TEXT} characters"
        if name in ("zh", "en") and not (value and value.isprintable()):
            yield name, "a title is one line of text"


def locate(text: str, message: str) -> Fault:
    """The fault that domain.rule.parse names in its message, with its place in the document."""
    syntax = _SYNTAX.search(message)
    if syntax is not None:
        lines = text.splitlines() or [""]
        line, column = syntax.groups()
        place = (len(lines), len(lines[-1]) + 1) if line is None else (int(line), int(column))
        return Fault(FaultKind.SYNTAX, _SYNTAX.sub("", message), line=place[0], column=place[1])
    said = _QUOTED_PLACE.search(message)
    if said is not None:
        return _in_predicate(text, FaultKind.PREDICATE, said.group(2), int(said.group(1)))
    path, named = _PATH.search(message), _FIELD.search(message)
    detail = _PATH.sub("", message)
    if named is not None:
        kind = FaultKind.UNKNOWN if "unknown" in message else FaultKind.MISSING
        return at_field(text, Fault(kind, detail, named.group(1)))
    if path is not None:
        return at_field(text, Fault(FaultKind.VALUE, detail, re.sub(r"\[.*", "", path.group(1).rpartition(".")[2])))
    known = [field.name for field in msgspec.structs.fields(Rule) if re.search(rf"\b{field.name}\b", detail)]
    return at_field(text, Fault(FaultKind.NEEDS, detail, known[-1] if known else ""))


def in_predicate(text: str, kind: FaultKind, name: str, detail: str) -> Fault:
    """A fault with a name that the document's predicate uses."""
    found = re.search(rf"\b{re.escape(name)}\b", rule.parse(text)[0].predicate)
    return _in_predicate(text, kind, detail, 1 if found is None else found.start() + 1)


def at_field(text: str, fault: Fault) -> Fault:
    """The same fault at its field's value, or at the rule's head where it has none."""
    place = _value_of(text, fault.field) or _match_place(text, re.search(r"^\s*\[\[rules\]\]", text, re.MULTILINE))
    line, column = place or (1, 1)
    return replace(fault, line=line, column=column)


def _in_predicate(text: str, kind: FaultKind, detail: str, position: int) -> Fault:
    placed = at_field(text, Fault(kind, detail, "predicate", position=position))
    opening = re.match(r"['\"]", text.splitlines()[(placed.line or 1) - 1][(placed.column or 1) - 1 :])
    column = (placed.column or 1) + (position if opening else 0)
    return Fault(kind, detail, "predicate", placed.line, column, position)


def _value_of(text: str, field: str) -> tuple[int, int] | None:
    if not field:
        return None
    return _match_place(text, re.search(rf"^\s*{re.escape(field)}\s*=\s*", text, re.MULTILINE), at_end=True)


def _match_place(text: str, found: re.Match[str] | None, *, at_end: bool = False) -> tuple[int, int] | None:
    if found is None:
        return None
    before = text[: found.end() if at_end else found.start()]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def numbers(text: str) -> tuple[Number, ...]:
    """The numbers that a predicate's metrics are compared with, in the order of the text."""
    try:
        tree = predicate.parse(text).tree
    except predicate.BadPredicateError:
        return ()
    encoded = text.encode()
    found: list[Number] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            previous = [node.left, *node.comparators]
            for left, right in zip(previous, node.comparators, strict=False):
                value = _literal(right)
                if value is not None and right.end_col_offset is not None:
                    label = encoded[left.col_offset : right.col_offset].decode().strip()
                    found.append(Number(label, value, right.col_offset, right.end_col_offset))
    return tuple(sorted(found, key=lambda one: one.begin))


def with_numbers(text: str, values: Sequence[float]) -> str:
    """The predicate with other numbers in the places of `numbers`; raises ValueError where there are not so many."""
    encoded = text.encode()
    for one, value in reversed(list(zip(numbers(text), values, strict=True))):
        encoded = encoded[: one.begin] + f"{value:.15g}".encode() + encoded[one.end :]
    return encoded.decode()


def _literal(node: ast.expr) -> float | None:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return float(value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -float(value)
        case _:
            return None
