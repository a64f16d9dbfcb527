"""What changed between two versions of a camera, in words."""

from collections.abc import Iterator, Mapping

import msgspec

from api import language
from api.alert_model import Names
from api.language import Language
from domain.camera import Mode, Zone
from domain.schedule import Schedule


class Kept(Zone, frozen=True):
    """A zone as the database keeps it, which may not ask more of its code than the database does."""

    code: str


class Body(msgspec.Struct, frozen=True):
    """A version as the database keeps it."""

    zh: str
    en: str
    address: str
    zones: tuple[Kept, ...]
    turns: bool
    replay: bool
    view: int
    mode: Mode = Mode.WATCH
    weight: int = 1
    model: str | None = None
    schedule: Schedule | None = None
    removed: str | None = None


_PARTS = {
    "polygon": "outline",
    "masks": "masks",
    "scenes": "scenes",
    "overrides": "numbers",
    "breaks": "hours",
    "allowed": "hours",
    "restricted": "kind",
    "special": "kind",
    "zh": "name",
    "en": "name",
}


def read(text: str) -> Body:
    """A version from its JSON."""
    return msgspec.json.decode(text, type=Body)


def changes(before: Body | None, after: Body) -> list[Names]:
    """One sentence a change; nothing in particular for the first version."""
    if before is None:
        return [_say("added")]
    return [*_plain(before, after), *_zones(before, after)]


def _plain(before: Body, after: Body) -> Iterator[Names]:
    if (before.removed is None) != (after.removed is None):
        yield _say("removed" if after.removed else "restored")
    if (before.zh, before.en) != (after.zh, after.en):
        yield _say("name", {"zh": after.zh, "en": after.en})
    if before.address != after.address:
        yield _say("address")
    if before.schedule != after.schedule:
        yield _say("schedule")
    if before.view != after.view:
        yield _say("view")
    for name in ("turns", "replay"):
        if getattr(before, name) != getattr(after, name):
            yield _say(f"{name}_{'on' if getattr(after, name) else 'off'}")
    yield from _looking(before, after)
    if before == after:  # what is not shown: a password, an address's query
        yield _say("source")


def _looking(before: Body, after: Body) -> Iterator[Names]:
    """How often it is looked at, and with which model."""
    if before.mode != after.mode:
        yield _say(f"mode_{after.mode}")
    if before.weight != after.weight:
        yield _say("weight", {spoken.value: str(after.weight) for spoken in Language})
    if before.model != after.model:
        name = after.model
        yield _say("model_own") if name is None else _say("model", {spoken.value: name for spoken in Language})


def _zones(before: Body, after: Body) -> Iterator[Names]:
    old = {zone.code: zone for zone in before.zones}
    new = {zone.code: zone for zone in after.zones}
    yield from (_say("zone_added", _named(new[code])) for code in new if code not in old)
    yield from (_say("zone_removed", _named(old[code])) for code in old if code not in new)
    yield from (_zone(old[code], zone) for code, zone in new.items() if code in old and zone != old[code])


def _zone(old: Zone, new: Zone) -> Names:
    parts = dict.fromkeys(part for field, part in _PARTS.items() if getattr(old, field) != getattr(new, field))
    words = {
        spoken.value: language.text(spoken, "list.comma").join(
            language.text(spoken, f"revision.{part}") for part in parts
        )
        for spoken in Language
    }
    return _say("zone", _named(new), words)


def _named(zone: Zone) -> Mapping[str, str]:
    return {"zh": zone.zh, "en": zone.en}


def _say(key: str, name: Mapping[str, str] | None = None, parts: Mapping[str, str] | None = None) -> Names:
    said = {
        spoken.value: language.text(
            spoken, f"revision.{key}", name=(name or {}).get(spoken, ""), parts=(parts or {}).get(spoken, "")
        )
        for spoken in Language
    }
    return Names(**said)
