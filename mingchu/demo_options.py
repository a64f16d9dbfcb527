"""Options that several commands around a scenario share."""

from typing import Annotated

import typer

ScenarioName = Annotated[str, typer.Option(help="A shipped scenario's name, or a file.")]
Factor = Annotated[float, typer.Option(help="Times as many of what the scenario places many of.", min=0.001)]
