"""A console with its broker and ingest around it, and machines that become its edges by a code."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from edge import enrolment
from edge.agent import run
from edge.config import AgentConfig
from inference.eye import Eye
from mingchu import broker_keeper, enrolled
from mingchu.settings import Settings
from tests.console_client import served
from tests.console_world import PASSWORD, World
from tests.ingest_world import config as ingest_config
from tests.ingest_world import ingesting
from tests.live_kitchen import ClosedEye
from tests.servers import PATIENCE_S, PrivateBroker


@dataclass(frozen=True)
class Platform:
    """A running platform."""

    address: str
    world: World
    broker: PrivateBroker

    @asynccontextmanager
    async def as_(self, login: str) -> AsyncIterator[httpx.AsyncClient]:
        """That person's REST client, logged in."""
        async with httpx.AsyncClient(base_url=self.address, trust_env=False, timeout=PATIENCE_S) as client:
            answer = await client.post("/api/v1/login", json={"login": login, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
            yield client


@asynccontextmanager
async def platform(dsn: str, folder: Path, broker: PrivateBroker) -> AsyncIterator[Platform]:
    """Console, ingest, and the broker's users kept as `mingchu up` does."""
    async with served(dsn, folder / "vault", broker) as (address, world):
        reload = lambda: os.kill(broker.pid, signal.SIGHUP)  # noqa: E731
        keeping = asyncio.create_task(broker_keeper.keep(broker.broker, broker.secret(), dsn, reload))
        async with ingesting(ingest_config(dsn, broker)):
            yield Platform(address, world, broker)
        keeping.cancel()


async def enrol(platform: Platform, settings: Settings, code: str) -> enrolment.Kept:
    """What `mingchu edge enroll` does on a machine."""
    settings.data.make()
    kept = await asyncio.to_thread(enrolment.redeem, platform.address, code)
    enrolled.keep(settings.data, kept)
    return kept


def _open_eye(card: Path, threads: int) -> Eye | ClosedEye:
    return Eye.open(card, threads) if card.exists() else ClosedEye()


@contextmanager
def agent(settings: Settings) -> Iterator[Path]:
    """What `mingchu edge` runs there, the eye that it ships closed; yields its data directory."""
    code, secret = settings.edge_login
    folder = settings.data.edge / code
    config = AgentConfig(code, secret, settings.edge_broker, settings.edge_api, folder, folder / "unused")
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(config, stop, _open_eye))
    thread.start()
    try:
        yield folder
    finally:
        stop.set()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
