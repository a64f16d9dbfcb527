"""Which version this is."""

import tomllib
from importlib import metadata
from pathlib import Path


def version() -> str:
    """The installed package's version, or the checkout's own."""
    try:
        return metadata.version("mingchu")
    except metadata.PackageNotFoundError:
        project = Path(__file__).parents[1] / "pyproject.toml"
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
