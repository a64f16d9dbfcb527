"""The demo: its registry, its logins, and the simulators' part of it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from domain import credential
from mingchu import seed
from mingchu.datadir import DataDirectory
from mingchu.settings import Settings
from simulators import scenario_file
from simulators.placing import told_out
from simulators.scenario_file import Scenario
from store import registry
from store.connection import Connection

RTSP_USER = "demo"
RTSP_PORT, RECEIVER_PORT = 8554, 8900


class UnknownScenarioError(Exception):
    """A scenario is one of those that ship, or a file."""


@dataclass(frozen=True, slots=True)
class Login:
    """One person's way in. `password` is None when it was changed since it was made."""

    login: str
    role: str
    name: str
    password: str | None


def places(settings: Settings) -> seed.Places:
    """Where the simulators of this machine are reached, and the secrets of its data directory."""
    data = settings.data
    rtsp, receiver = data.port("rtsp", RTSP_PORT), data.port("receiver", RECEIVER_PORT)
    login = f"{RTSP_USER}:{data.secret('rtsp')}"
    return seed.Places(
        secret=data.secret,
        camera_url=lambda code: f"rtsp://{login}@{settings.simulator_host}:{rtsp}/{code}",
        channel_url=lambda path: f"http://{settings.receiver_host}:{receiver}{path}",
    )


async def plant(connection: Connection, settings: Settings, content: seed.Seed) -> list[Login]:
    """Put a registry and return who may log in."""
    await seed.plant(connection, content, places(settings))
    return await logins(connection, settings.data, content)


async def logins(connection: Connection, data: DataDirectory, content: seed.Seed) -> list[Login]:
    """Who of a registry may log in, in its order."""
    return [await _login(connection, data, person) for person in content.person]


async def _login(connection: Connection, data: DataDirectory, person: seed.PersonEntry) -> Login:
    hashed, password = await registry.password(connection, person.login), data.secret(f"person.{person.login}")
    known = hashed is not None and await asyncio.to_thread(_is_password, hashed, password)
    return Login(person.login, person.role, person.name, password if known else None)


def _is_password(hashed: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(hashed, password)
    except VerificationError:
        return False


def scenario_of(file: Path | None, factor: float = 1.0) -> Scenario:
    """The scenario of a file, or the demo's, told out. Raises BadScenarioError."""
    return told_out(scenario_file.load(file or shipped_scenario("demo")), factor)


def device_secrets(data: DataDirectory, scenario: Scenario) -> Mapping[str, str]:
    """The simulated devices' broker users and secrets."""
    users = [credential.device_user(device.site, device.code) for device in scenario.device]
    return {user: data.secret(user) for user in users}


def find(name: str) -> Path:
    """A scenario's file by its name, or the file itself. Raises UnknownScenarioError where there is none."""
    file = Path(name) if name.endswith(".toml") else shipped_scenario(name)
    if not file.is_file():
        shipped = ", ".join(sorted(each.stem for each in shipped_scenario("demo").parent.glob("*.toml")))
        raise UnknownScenarioError(f"there is no scenario {name!r}; name one that ships ({shipped}) or a .toml file")
    return file


def shipped_scenario(name: str) -> Path:
    """One of the files below simulators/scenarios."""
    return Path(str(files("simulators").joinpath("scenarios").joinpath(f"{name}.toml")))


async def simulate(
    settings: Settings, stop: asyncio.Event, scenario: Scenario, footage: Path | None, *, repeat: bool, delay_s: float
) -> None:
    """Play a scenario until `stop`."""
    from simulators import scenario as player

    await player.run(
        player.ScenarioConfig(
            scenario=scenario,
            mqtt_url=settings.edge_broker,
            secrets=device_secrets(settings.data, scenario),
            rtsp_host=settings.simulator_bind,
            rtsp_port=settings.data.port("rtsp", RTSP_PORT),
            rtsp_user=RTSP_USER,
            rtsp_password=settings.data.secret("rtsp"),
            out=settings.data.simulators,
            footage=footage,
            repeat=repeat,
            delay_s=delay_s,
        ),
        stop,
    )


async def receive(settings: Settings, stop: asyncio.Event) -> None:
    """Receive pushes until `stop`, as an operator's phone would."""
    from simulators.receiver import PushReceiver, ReceiverConfig

    data = settings.data
    port, journal = data.port("receiver", RECEIVER_PORT), data.simulators / "pushes.jsonl"
    receiver = PushReceiver(
        ReceiverConfig(host=settings.simulator_bind, port=port, secret=data.secret("push"), journal=journal)
    )
    await receiver.open()
    await stop.wait()
    await receiver.close()
