"""The device profiles that ship with the product: one TOML file each, below profiles/."""

from collections.abc import Iterable
from importlib.resources import files

from domain import profile
from domain.profile import BadProfileError, DeviceProfile


def profiles() -> tuple[DeviceProfile, ...]:
    """All of them, in order of their codes; raises BadProfileError naming a file's fault."""
    entries = [entry for entry in files("ingest").joinpath("profiles").iterdir() if entry.name.endswith(".toml")]
    return resolve(entry.read_text(encoding="utf-8") for entry in sorted(entries, key=lambda one: one.name))


def resolve(texts: Iterable[str], known: Iterable[DeviceProfile] = ()) -> tuple[DeviceProfile, ...]:
    """The profiles of some files, each built on one of the others or of the `known`; raises BadProfileError."""
    found = {one.code: one for one in known}
    waiting = [(profile.base_of(text), text) for text in texts]
    read: list[DeviceProfile] = []
    while waiting:
        ready = [text for base, text in waiting if base is None or base in found]
        if not ready:
            raise BadProfileError(f"there is no profile {waiting[0][0]!r} to build on")
        read += (parsed := [profile.parse(text, found) for text in ready])
        found |= {one.code: one for one in parsed}
        waiting = [(base, text) for base, text in waiting if text not in ready]
    return tuple(sorted(read, key=lambda one: one.code))
