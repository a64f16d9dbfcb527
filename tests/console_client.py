"""A console that runs inside a test, and its visitors."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import httpx
import psycopg
import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.config import ApiConfig, BrokerLogin, Provider
from ingest import vectors
from mingchu import broker as brokers
from mingchu.conformance import handed
from tests import console_world
from tests.console_world import World
from tests.servers import PATIENCE_S, PrivateBroker

ADDRESS = "http://console.test"


@dataclass(frozen=True)
class Console:
    """The running app over a registered world."""

    app: FastAPI
    world: World

    def visitor(self, *, address: str = "10.1.1.1") -> httpx.AsyncClient:
        """A browser that nobody has logged in with yet."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(address, 1))
        return httpx.AsyncClient(transport=transport, base_url=ADDRESS)

    @asynccontextmanager
    async def as_(self, login: str) -> AsyncIterator[httpx.AsyncClient]:
        """That person's browser, logged in."""
        async with self.visitor(address=f"10.2.0.{self.world.people[login] % 250}") as client:
            answer = await client.post("/api/v1/login", json={"login": login, "password": console_world.PASSWORD})
            assert answer.status_code == 200, answer.text
            yield client


@asynccontextmanager
async def console(
    dsn: str,
    folder: Path,
    *,
    session: timedelta = timedelta(hours=12),
    broker: PrivateBroker | None = None,
    provider: Provider | None = None,
) -> AsyncIterator[Console]:
    """The app over a fresh, registered database."""
    world = await console_world.registered(dsn, folder)
    config = ApiConfig(
        dsn, folder, ADDRESS, session=session, broker=_login(broker), judge=vectors.results, read_report=handed.read
    )
    app = create_app(replace(config, provider=provider))
    async with app.router.lifespan_context(app):
        yield Console(app, world)


@asynccontextmanager
async def served(dsn: str, folder: Path, broker: PrivateBroker | None = None) -> AsyncIterator[tuple[str, World]]:
    """The app behind a real HTTP server, for streams and browsers; yields its address and the world."""
    world = await console_world.registered(dsn, folder)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        edges = None if broker is None else broker.broker.url
        app = create_app(
            ApiConfig(
                dsn,
                folder,
                address,
                broker=_login(broker),
                edge_mqtt_url=edges,
                judge=vectors.results,
                read_report=handed.read,
            )
        )
        config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1, lifespan="on")
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        await server.up.wait()
        await _hears(dsn)
        try:
            yield address, world
        finally:
            server.should_exit = True
            await serving


async def _hears(dsn: str) -> None:
    """Return when the app hears of changes: what is announced before is for nobody."""
    ear = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND query = 'LISTEN mingchu_alert'"
    async with asyncio.timeout(PATIENCE_S), await psycopg.AsyncConnection.connect(dsn, autocommit=True) as owner:
        while await (await owner.execute(ear)).fetchone() is None:
            await asyncio.sleep(0.01)


def _login(broker: PrivateBroker | None) -> BrokerLogin | None:
    if broker is None:
        return None
    return BrokerLogin("127.0.0.1", broker.broker.service_port, False, brokers.SERVICE, broker.secret())


class _Server(uvicorn.Server):
    """Says when it is up, and leaves the signals to the tests."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def state_purpose(client: httpx.AsyncClient, path: str) -> None:
    """Say why one wants to see an alert's evidence or a camera with faces; `path` is the alert's or camera's."""
    answer = await client.post(f"{path}/unblurred", json={"purpose": "safety"})
    assert answer.status_code == 201, answer.text
