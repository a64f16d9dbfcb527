"""`mingchu simulate …`: the demo's cameras, devices and push receiver, and what one may tell them while they run."""

import asyncio
from typing import Annotated

import typer

simulate = typer.Typer(help="The demo's cameras, devices and push receiver.", no_args_is_help=True)


@simulate.command("camera")
def simulate_camera(command: Annotated[list[str], typer.Argument(help="For example: kitchen-1 black for 20")]) -> None:
    """Tell the running simulated cameras what to do: misbehave, behave again, play a clip, now or at a time of day."""
    from mingchu import settings
    from simulators.desk import SOCKET, tell

    print(asyncio.run(tell(settings.read().data.simulators / SOCKET, " ".join(command))))
