"""What changed between two versions of a rule, in words."""

from collections.abc import Iterator

import msgspec

from api import language
from api.alert_model import Names
from api.language import Language
from domain.rule import Rule

_UNSHOWN = ("version",)


def changes(before: Rule | None, after: Rule, *, was_on: bool | None = None, is_on: bool = True) -> list[Names]:
    """One sentence a change; nothing in particular for the first version."""
    if before is None:
        return [_say("added")]
    return [*_switched(was_on, is_on), *_fields(before, after)]


def _switched(was_on: bool | None, is_on: bool) -> Iterator[Names]:
    if was_on is not None and was_on != is_on:
        yield _say("on" if is_on else "off")


def _fields(before: Rule, after: Rule) -> Iterator[Names]:
    for field in msgspec.structs.fields(after):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if field.name not in _UNSHOWN and old != new:
            yield _changed(field.name, old, new)


def _changed(field: str, old: object, new: object) -> Names:
    said = {}
    for spoken in Language:
        word = language.table(spoken).get(f"rule_field.{field}", field)
        values = {"field": word, "old": _shown(spoken, old), "new": _shown(spoken, new)}
        said[spoken.value] = language.text(spoken, "rule_diff.changed", **values)
    return Names(**said)


def _shown(spoken: Language, value: object) -> str:
    if value is None or value in ("", ()):
        return language.text(spoken, "app.none")
    if isinstance(value, tuple):
        return language.text(spoken, "list.comma").join(str(one) for one in value)
    return f"{value:g}" if isinstance(value, float) else str(msgspec.to_builtins(value))


def _say(key: str) -> Names:
    return Names(**{spoken.value: language.text(spoken, f"rule_diff.{key}") for spoken in Language})
