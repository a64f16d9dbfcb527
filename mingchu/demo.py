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
from store import registry
from store.connection import Connection

RTSP_USER = "demo"
RTSP_PORT, RECEIVER_PORT = 8554, 8900


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


async def plant(connection: Connection, settings: Settings, name: str) -> list[Login]:
    """Put the registry file `name` (demo or local) and return who may log in."""
    await seed.plant(connection, seed.shipped(name), places(settings))
    return await logins(connection, settings.data, name)


async def logins(connection: Connection, data: DataDirectory, name: str) -> list[Login]:
    """Who of the registry file `name` may log in, in its order."""
    return [await _login(connection, data, person) for person in seed.shipped(name).person]


async def _login(connection: Connection, data: DataDirectory, person: seed.PersonEntry) -> Login:
    hashed, password = await registry.password(connection, person.login), data.secret(f"person.{person.login}")
    known = hashed is not None and await asyncio.to_thread(_is_password, hashed, password)
    return Login(person.login, person.role, person.name, password if known else None)


def _is_password(hashed: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(hashed, password)
    except VerificationError:
        return False


def device_secrets(data: DataDirectory) -> Mapping[str, str]:
    """The simulated devices' broker users and secrets."""
    users = [credential.device_user(device.site, device.code) for device in seed.shipped("demo").device]
    return {user: data.secret(user) for user in users}


def shipped_scenario(name: str) -> Path:
    """One of the files below simulators/scenarios."""
    return Path(str(files("simulators").joinpath("scenarios").joinpath(f"{name}.toml")))


async def simulate(
    settings: Settings, stop: asyncio.Event, scenario: Path, footage: Path | None, *, repeat: bool, delay_s: float
) -> None:
    """Play a scenario until `stop`."""
    from simulators import scenario as player
    from simulators import scenario_file

    await player.run(
        player.ScenarioConfig(
            scenario=scenario_file.load(scenario),
            mqtt_url=settings.edge_broker,
            secrets=device_secrets(settings.data),
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
