"""`mingchu client`: writes the Python client anew from what the api documents."""

from pathlib import Path
from typing import Annotated

import typer

_HERE = Path(__file__).with_name("client")


def texts() -> dict[str, str]:
    """The client's written files by name."""
    from api.app import create_app
    from api.config import ApiConfig
    from mingchu.client import writer

    document = create_app(ApiConfig("", Path(), "http://localhost")).openapi()
    return {"model.py": writer.models(document), "api.py": writer.methods(document)}


def client(folder: Annotated[Path, typer.Option("--to", help="The folder of the client's package.")] = _HERE) -> None:
    """Write the typed Python client of REST anew; a release is tested to hold what this writes.

    \b
    Examples:
      mingchu client
      mingchu client --to ../city-platform/mingchu_client
    """
    for name, text in texts().items():
        (folder / name).write_text(text, encoding="utf-8")
        typer.echo(f"{folder / name}: {len(text.splitlines())} lines")
