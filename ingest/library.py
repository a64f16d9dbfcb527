"""The device profiles that ship with the product: one TOML file each, below profiles/."""

from importlib.resources import files

from domain import profile
from domain.profile import DeviceProfile


def profiles() -> tuple[DeviceProfile, ...]:
    """All of them, in order of their codes; raises BadProfileError naming a file's fault."""
    entries = [entry for entry in files("ingest").joinpath("profiles").iterdir() if entry.name.endswith(".toml")]
    return tuple(
        profile.parse(entry.read_text(encoding="utf-8")) for entry in sorted(entries, key=lambda one: one.name)
    )
