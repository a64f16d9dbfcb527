"""The table of rules (docs/RULES.md): each requirement, the rules that answer it, their sources, their examples."""

from collections.abc import Iterator, Sequence
from importlib.resources import files

import msgspec

from domain.rule import Hours, Rule, RuleKind
from mingchu.rule_trial import Vector

_HEAD = """\
# Rules

Made by `mingchu rules table`; a test holds it against the rules. Times and limits are defaults and data
(`alerts/rules/default.toml`). Each example (`alerts/rules/vectors.toml`) is played by `mingchu rules check` and by
`tests/unit/mingchu/test_rules.py`.
✓ raises an alert, ✗ only looks like it.
"""


class Requirement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the field asks for, in its words, and the rules that answer it."""

    section: str
    text: str
    rules: tuple[str, ...]
    note: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    requirement: tuple[Requirement, ...]


def requirements() -> tuple[Requirement, ...]:
    """Those that ship; raises msgspec.ValidationError."""
    text = files("alerts").joinpath("rules", "requirements.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=_File).requirement


def render(rules: Sequence[Rule], asked: Sequence[Requirement], vectors: Sequence[Vector]) -> str:
    """The whole page."""
    known = {rule.code: rule for rule in rules}
    lines = [_HEAD.rstrip()]
    section = ""
    for one in asked:
        if one.section != section:
            section = one.section
            lines += ["", f"## {section}", "", "| asked for | rule | holds when | source | examples |"]
            lines.append("|---|---|---|---|---|")
        lines += list(_rows(one, known, vectors))
    return "\n".join(lines) + "\n"


def _rows(one: Requirement, known: dict[str, Rule], vectors: Sequence[Vector]) -> Iterator[str]:
    note = f" ({one.note})" if one.note else ""
    if not one.rules:
        yield f"| {one.text} | – | {one.note} | | |"
    for number, code in enumerate(one.rules):
        rule = known[code]
        asked = f"{one.text}{note}" if number == 0 else "″"
        yield f"| {asked} | `{code}` {'I' * rule.severity if rule.severity < 4 else 'notice'} | {_holds(rule)} |" + (
            f" {rule.source} | {_examples(code, vectors)} |"
        )


def _holds(rule: Rule) -> str:
    """The condition in short: what, for how long, when, except."""
    parts = [_what(rule)]
    if rule.window_s:
        parts.append(f"within {_span(rule.window_s)}")
    if rule.share < 1 and rule.kind is not RuleKind.OUTAGE:
        parts.append(f"on {rule.share:.0%} of at least {rule.samples} samples")
    if rule.for_s and rule.kind not in (RuleKind.SILENCE, RuleKind.OUTAGE):
        parts.append(f"for {_span(rule.for_s)}")
    parts += [f"not by `{guard.when or guard.event}` ≤ {_span(guard.at_most_s)}" for guard in rule.guards]
    if rule.counts is not Hours.ALWAYS:
        parts.append(f"in {rule.counts} hours")
    return ", ".join(parts)


def _what(rule: Rule) -> str:
    codes = ", ".join(rule.codes)
    if rule.predicate:
        beside = f" while scene {rule.scene} goes on at the site" if rule.scene else ""
        return f"`{rule.predicate}`" + (f" of {codes}" if codes else "") + beside
    if rule.scene is not None:
        return f"scene {rule.scene}" + (f", {rule.label}" if rule.label else "")
    if rule.kind is RuleKind.OUTAGE:
        return f"at least {rule.samples}, and {rule.share:.0%}, of one {rule.place} silent"
    return (
        "silence" if rule.kind is RuleKind.SILENCE else f"{'event' if rule.kind is RuleKind.EVENT else 'state'} {codes}"
    )


def _span(seconds: float) -> str:
    for size, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {name}"
    return f"{seconds:g} s"


def _examples(code: str, vectors: Sequence[Vector]) -> str:
    return "; ".join(f"{'✓' if one.raises else '✗'} {one.name}" for one in vectors if one.rule == code)
