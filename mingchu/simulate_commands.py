"""`mingchu simulate …`: a whole scenario, its push receiver, or one simulator alone; and what one may tell cameras."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mingchu.demo_options import Factor, ScenarioName

if TYPE_CHECKING:
    from mingchu.settings import Settings

_HELP = """\
Cameras, devices and a push receiver that are not real.

\b
Examples:
  mingchu simulate cameras ~/clips/*.mp4 --port 8554       RTSP cameras for anybody's player
  mingchu simulate device elevator --fault entrapment@10:60
  mingchu simulate device scale --broker mqtt://192.0.2.7 --user market-1.scale-1 --password …
  mingchu simulate camera night-1 covered for 20           while `mingchu up --demo` runs
"""

simulate = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)


@simulate.command("camera")
def simulate_camera(command: Annotated[list[str], typer.Argument(help="For example: kitchen-1 black for 20")]) -> None:
    """Tell the running simulated cameras what to do: misbehave, behave again, play a clip, now or at a time of day."""
    from simulators.desk import SOCKET, tell

    print(asyncio.run(tell(_settings().data.simulators / SOCKET, " ".join(command))))


@simulate.command("cameras")
def simulate_cameras(
    clips: Annotated[list[Path], typer.Argument(help="Video files, H.264 or H.265; each becomes a camera.")],
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes a free one.", min=0, max=65_535)] = 8554,
) -> None:
    """Serve video files as RTSP cameras, each in a loop at rtsp://HOST:PORT/NAME."""
    from simulators import rtsp

    raise typer.Exit(rtsp.main([*map(str, clips), "--host", host, "--port", str(port)]))


@simulate.command("device")
def simulate_device(
    *,
    kind: Annotated[str, typer.Argument(help="elevator, scale, cold_store, fridge, …")],
    broker: Annotated[str, typer.Option(help="mqtt://host:port")] = "mqtt://127.0.0.1:1883",
    user: Annotated[str, typer.Option(help="The broker's user.")] = "",
    password: Annotated[str, typer.Option(help="Its password.", envvar="MINGCHU_DEVICE_PASSWORD")] = "",
    site: Annotated[str, typer.Option(help="The site's code, for the topic.")] = "site-1",
    code: Annotated[str, typer.Option(help="The device's code, for the topic.")] = "device-1",
    dialect: Annotated[str | None, typer.Option(help="How its vendor says things.")] = None,
    every: Annotated[float, typer.Option(help="Seconds between two messages.", min=0.05)] = 1.0,
    speed: Annotated[float, typer.Option(help="How fast its physics run.", min=0.01)] = 1.0,
    fault: Annotated[list[str] | None, typer.Option(help="NAME@AT:FOR in seconds, as entrapment@10:60.")] = None,
    mischief: Annotated[
        list[str] | None, typer.Option(help="What its vendor did wrong; `--mischief ?` names all.")
    ] = None,
    out: Annotated[Path, typer.Option(help="What the broker acknowledged.")] = Path("sent.jsonl"),
) -> None:
    """Be one device at any broker, until Ctrl-C."""
    from mingchu import services
    from simulators import alone, vendor_double
    from simulators.mqtt_client import Login
    from simulators.scenario_file import DeviceRole, check, fault_of

    faults = tuple(fault_of(text) for text in fault or ())
    role = check(DeviceRole(kind, site, code, every, speed, dialect=dialect, fault=faults))
    names = vendor_double.check(frozenset(mischief or ()))
    config = alone.AloneConfig(role, Login(broker, user, password), out, names)
    services.run_until_stopped(lambda stop: alone.run(config, stop))


@simulate.command("scenario")
def simulate_scenario(
    scenario: ScenarioName = "demo",
    footage: Annotated[Path | None, typer.Option(help="Play these video files instead of the bundled clips.")] = None,
    repeat: Annotated[bool, typer.Option("--repeat", help="Begin anew when it is over.")] = False,
    delay: Annotated[float, typer.Option(help="Seconds before the timeline begins.")] = 0.0,
    factor: Factor = 1.0,
) -> None:
    """Play cameras over RTSP and devices over MQTT."""
    from mingchu import demo, services

    settings, played = _settings(), demo.scenario_of(demo.find(scenario), factor)
    services.run_until_stopped(
        lambda stop: demo.simulate(settings, stop, played, footage, repeat=repeat, delay_s=delay)
    )


@simulate.command("receiver")
def simulate_receiver() -> None:
    """Receive pushes and show them as an operator's phone would."""
    from mingchu import demo, services

    settings = _settings()
    services.run_until_stopped(lambda stop: demo.receive(settings, stop))


def _settings() -> "Settings":
    from mingchu import logs, settings

    read = settings.read()
    logs.configure(read.log_level)
    return read
