"""What a version of a profile changed: place by place, in the file's own names."""

from collections.abc import Iterator

import msgspec

from api.provision_model import Change
from domain.profile import DeviceProfile

_KEYS = ("name", "code", "when", "topic", "value")  # what tells the entries of a list apart, the first that is there
_LONGEST = 200
_ABSENT = msgspec.UNSET


def changes(before: DeviceProfile | None, after: DeviceProfile) -> list[Change]:
    """The differences but for the version itself; none for a first version."""
    if before is None:
        return []
    old, new = msgspec.to_builtins(before), msgspec.to_builtins(after)
    return [one for one in _compare("", old, new) if one.at != "version"]


def _compare(at: str, old: object, new: object) -> Iterator[Change]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _entries(at, old, new, "{}.{}" if at else "{}{}")
    elif isinstance(old, list) and isinstance(new, list) and (pair := _keyed(old, new)) is not None:
        yield from _entries(at, *pair, "{}[{}]")
    else:
        yield Change(at=at, before=_said(old), after=_said(new))


def _entries(at: str, old: dict[str, object], new: dict[str, object], form: str) -> Iterator[Change]:
    for key in {**old, **new}:
        yield from _compare(form.format(at, key), old.get(key, _ABSENT), new.get(key, _ABSENT))


def _keyed(*lists: list[object]) -> tuple[dict[str, object], dict[str, object]] | None:
    """Both lists by what names their entries; None where something has no name, or two have the same."""
    named = [{str(name): entry for entry in entries if (name := _name(entry)) is not None} for entries in lists]
    whole = all(len(names) == len(entries) for names, entries in zip(named, lists, strict=True))
    return (named[0], named[1]) if whole else None


def _name(entry: object) -> object | None:
    if not isinstance(entry, dict):
        return None
    return next((entry[key] for key in _KEYS if key in entry), None)


def _said(value: object) -> str | None:
    if value is _ABSENT:
        return None
    text = value if isinstance(value, str) else msgspec.json.encode(_bare(value)).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _bare(value: object) -> object:
    """Without what says nothing: a new entry would be shown with every default."""
    if isinstance(value, dict):
        return {key: _bare(one) for key, one in value.items() if one not in (None, False, "", [], {})}
    return [_bare(one) for one in value] if isinstance(value, list) else value
