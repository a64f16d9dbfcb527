"""The rules that ship with the product, and their shorter versions for the demo."""

from importlib.resources import files

import msgspec

from domain import rule
from domain.rule import BadRuleError, Rule


class Shorter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule's durations for the demo, in seconds."""

    code: str
    for_s: float
    recheck_s: float


class _DemoFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    shorter: tuple[Shorter, ...]


def default() -> tuple[Rule, ...]:
    """The shipped rules; raises BadRuleError with the exact fault."""
    return rule.parse(_read("default.toml"))


def demo() -> tuple[Rule, ...]:
    """The next version of each rule that the demo shortens, to be installed on top of the shipped ones."""
    rules = {each.code: each for each in default()}
    try:
        shorter = msgspec.toml.decode(_read("demo.toml"), type=_DemoFile).shorter
        return tuple(_shorten(rules[each.code], each) for each in shorter)
    except (msgspec.DecodeError, KeyError) as error:
        raise BadRuleError(f"demo.toml: {error}") from error


def _shorten(long: Rule, shorter: Shorter) -> Rule:
    return msgspec.structs.replace(
        long,
        version=long.version + 1,
        zh=f"{long.zh}（演示时长）",
        en=f"{long.en} (demo duration)",
        for_s=shorter.for_s,
        recheck_s=shorter.recheck_s,
    )


def _read(name: str) -> str:
    return files("alerts").joinpath("rules", name).read_text(encoding="utf-8")
