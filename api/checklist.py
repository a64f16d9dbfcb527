"""The checklists that ship with the console."""

from functools import cache
from importlib.resources import files

from domain import checklist
from domain.checklist import Checklist


@cache
def checklists() -> dict[str, Checklist]:
    """All by their code, in the newest version."""
    folder = files("api").joinpath("checklists")
    texts = [file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".toml")]
    return {one.code: one for one in sorted(checklist.parse(texts), key=lambda one: (one.code, one.version))}
