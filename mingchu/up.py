"""`mingchu up`: the whole house on one machine, as child processes that run the same commands as a user would."""

import asyncio
import os
import signal
import sys
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import structlog

from alerts import ladderbook, risk, rulebook
from domain.network import LOOPBACK
from ingest import library, link
from ingest.config import IngestConfig
from ingest.session import LinkLostError
from mingchu import broker as brokers
from mingchu import broker_keeper, database, demo, premises, seed
from mingchu.account import Account
from mingchu.datadir import default_root, is_free
from mingchu.screen import Screen
from mingchu.settings import BadSettingError, Settings
from mingchu.supervisor import Child, Program, State, Supervisor
from mingchu.view import View, Watcher, Welcome
from store import ladders, profiles, rules
from store import risk as risk_scores
from store.connection import Connection, connect
from store.migrate import migrate

log = structlog.get_logger(__name__)

_LOOK_S = 1.0
_DELAY_S = 15  # before the scenario begins: its cameras are there at once, the edge must find them first


@dataclass(frozen=True, slots=True)
class UpConfig:
    """What the user asked for. `scenario` and `footage` belong to the demo."""

    settings: Settings
    demo: bool = False
    scenario: Path | None = None
    footage: Path | None = None
    repeat: bool = True
    factor: float = 1.0  # of what the scenario places many of


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the database and the broker are, embedded or given."""

    dsn: str
    services: tuple[str, str, str]  # URL, user, password
    edges: str  # URL
    private: brokers.Broker | None


def run(config: UpConfig, screen: Screen) -> None:
    """Start everything, show it, stop everything at SIGINT or SIGTERM. Raises one-sentence errors before that."""
    settings = config.settings
    if not is_free(settings.api_host, settings.api_port):
        raise BadSettingError(
            f"port {settings.api_port} of {settings.api_host} is in use: stop that program, or choose another --port"
        )
    with ExitStack() as stack:
        settings.data.make()
        stack.enter_context(settings.data.lock())
        asyncio.run(_House(config, screen).run())


class _House:
    def __init__(self, config: UpConfig, screen: Screen) -> None:
        self.config, self.settings, self.screen = config, config.settings, screen
        self.data = config.settings.data
        self.supervisor = Supervisor(self.data.logs)
        self.stop = asyncio.Event()
        self.began = time.monotonic()
        self.tasks: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        """From the first process to the last."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.stop.set)
        work = asyncio.create_task(self._start_and_watch())
        stopping = asyncio.create_task(self.stop.wait())
        try:
            await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.screen.step("Stopping …")
            for task in (work, stopping, *self.tasks):
                task.cancel()
            await asyncio.gather(work, stopping, *self.tasks, return_exceptions=True)
            await self.supervisor.stop()
            self.screen.close()
        if not work.cancelled():
            work.result()

    async def _start_and_watch(self) -> None:
        self.screen.step("Starting the database …")
        dsn = await self._database()
        logins = await self._prepare(dsn)
        self.screen.step("Starting the broker …")
        place = await self._broker(dsn)
        self.screen.step("Starting the services …")
        await asyncio.gather(*(self.supervisor.start(program) for program in self._services(place)))
        self.screen.welcome(self._welcome(place, logins))
        await self._watch(dsn)

    async def _database(self) -> str:
        if self.settings.database_url is not None:
            return self.settings.dsn
        server = await asyncio.to_thread(database.prepare, self.data.root, Account.find(), self.data.secret("database"))

        async def answers() -> bool:
            return await asyncio.to_thread(server.answers)

        await self.supervisor.start(
            Program(
                "postgres",
                server.command(),
                directory=Path("/"),
                ready=answers,
                before=server.release,
                stop_signal=signal.SIGINT,
                patience_s=20.0,
            )
        )
        return server.dsn

    async def _prepare(self, dsn: str) -> list[demo.Login]:
        """Migrate, install what ships, plant the registry."""
        if self.config.demo:
            self._claim_port("rtsp", demo.RTSP_PORT)
            self._claim_port("receiver", demo.RECEIVER_PORT)
        connection = await connect(dsn, autocommit=True)
        try:
            for name in await install(connection, demo_rules=self.config.demo):
                self.screen.step(f"Migrated: {name}")
            return await demo.plant(connection, self.settings, self._registry())
        finally:
            await connection.close()

    def _registry(self) -> seed.Seed:
        if not self.config.demo:
            return seed.shipped("local")
        return premises.of(demo.scenario_of(self.config.scenario, self.config.factor))

    async def _broker(self, dsn: str) -> _Place:
        if self.settings.mqtt_url is not None:
            return _Place(dsn, self.settings.broker, self.settings.mqtt_url, None)
        if weakness := brokers.weakness():
            self.screen.step(f"Warning: {weakness}")
        secret = self.data.secret("broker")
        port, service_port = self._claim_port("broker", 1883), self._claim_port("broker-services")
        private = brokers.prepare(self.data.root, Account.find(), port, service_port, self._outside())
        await broker_keeper.write(private, secret, dsn)

        url, user = private.service_url, brokers.SERVICE
        place = IngestConfig(dsn, url, user, secret, self.settings.worker)

        async def attended() -> bool:
            return await asyncio.to_thread(_attended, private, place)

        program = Program("mosquitto", private.command(), directory=Path("/"), ready=attended)
        child = await self.supervisor.start(program)
        keeping = broker_keeper.keep(private, secret, dsn, lambda: _reload(child))
        self.tasks.append(asyncio.create_task(keeping))
        return _Place(dsn, (url, user, secret), private.url, private)

    def _outside(self) -> brokers.Outside | None:
        """The broker's listener for other machines, where the settings ask for one."""
        host, port = self.settings.mqtt_host, self.settings.mqtt_tls_port
        if host is None:
            return None
        if not is_free(host, port):
            raise BadSettingError(f"port {port} of {host} is in use: set MINGCHU_MQTT_TLS_PORT to another")
        return self.settings.outside(host, port)

    def _claim_port(self, name: str, known: int = 0) -> int:
        """Well-known numbers are for the machine's own house; what runs beside it (drills, tests) takes any."""
        return self.data.claim_port(name, known if self.data.root == default_root() else 0)

    def _services(self, place: _Place) -> list[Program]:
        url, user, password = place.services
        base = {"MINGCHU_DATA_DIR": str(self.data.root), "MINGCHU_LOG_LEVEL": self.settings.log_level}
        inside = base | {"MINGCHU_DATABASE_URL": place.dsn, "MINGCHU_CONSOLE_URL": self.settings.console}
        broker = {"MINGCHU_MQTT_URL": url, "MINGCHU_MQTT_USER": user, "MINGCHU_MQTT_PASSWORD": password}
        api = f"http://{self.settings.api_host}:{self.settings.api_port}"
        outside = base | {"MINGCHU_MQTT_URL": place.edges, "MINGCHU_API_URL": api}
        edge = outside | {"MINGCHU_EDGE": self.settings.edge or "edge-1"}  # the house's own, whoever was enrolled here
        if self.config.demo:  # its cameras are simulated on this machine
            edge["MINGCHU_CAMERA_NETWORKS"] = ",".join((self.settings.camera_networks, *map(str, LOOPBACK)))
        deciding = inside | ({"MINGCHU_PUSH_ALLOW_PRIVATE": "true"} if self.config.demo else {})
        listening = {"MINGCHU_API_HOST": self.settings.api_host, "MINGCHU_API_PORT": str(self.settings.api_port)}
        listening["MINGCHU_EDGE_MQTT_URL"] = self.settings.edge_mqtt_url or place.edges
        return [
            _service("ingest", inside | broker),
            _service("alerts", deciding),
            replace(_service("api", inside | broker | listening), ready=self._console_answers),
            _service("edge", edge),
            *(self._simulators(outside) if self.config.demo else ()),
        ]

    def _simulators(self, environment: dict[str, str]) -> list[Program]:
        scenario = self.config.scenario or demo.shipped_scenario("demo")
        options = ["--scenario", str(scenario.absolute()), "--factor", str(self.config.factor)]
        options += ["--delay", str(_DELAY_S), *(["--repeat"] if self.config.repeat else [])]
        if self.config.footage is not None:
            options += ["--footage", str(self.config.footage.absolute())]
        return [
            _service("receiver", environment, "simulate", "receiver"),
            _service("simulate", environment, "simulate", "scenario", *options),
        ]

    async def _console_answers(self) -> bool:
        url = f"http://{self.settings.api_host}:{self.settings.api_port}/readyz"
        try:
            async with httpx.AsyncClient(timeout=2.0, trust_env=False) as client:
                return (await client.get(url)).status_code == 200
        except httpx.HTTPError:
            return False

    def _welcome(self, place: _Place, logins: list[demo.Login]) -> Welcome:
        receiver = self.data.ports().get("receiver")
        return Welcome(
            console=self.settings.console,
            pushes=f"http://{self.settings.receiver_host}:{receiver}" if self.config.demo else None,
            broker=place.edges,
            outside=_tls(place.private),
            logins=logins,
            data=str(self.data.root),
            took_s=time.monotonic() - self.began,
        )

    async def _watch(self, dsn: str) -> None:
        watcher, loop = Watcher(dsn), asyncio.get_running_loop()
        try:
            while True:
                self.screen.show(View(self.supervisor.sights(), await watcher.look(loop.time())))
                await asyncio.sleep(_LOOK_S)
        finally:
            await watcher.close()


async def install(connection: Connection, *, demo_rules: bool) -> list[str]:
    """Migrate and install the profiles, rules and ladders that ship; returns the migrations applied now."""
    applied = await migrate(connection)
    await profiles.install(connection, library.profiles())
    await rules.install(connection, rulebook.default())
    await ladders.install(connection, ladderbook.ladders(), ladderbook.calendars())
    await risk_scores.install(connection, risk.shipped())
    if demo_rules:
        await rules.install(connection, rulebook.demo())
    return applied


def _service(name: str, environment: dict[str, str], *arguments: str) -> Program:
    """One of our own commands, killed with the supervisor: they lose nothing by it, that is what they promise."""
    command = ("setpriv", "--pdeathsig=KILL", "--", sys.executable, "-m", "mingchu", *(arguments or (name,)))
    return Program(name, command, {**environment, "PYTHONUNBUFFERED": "1"})


def _tls(private: brokers.Broker | None) -> str | None:
    outside = None if private is None else private.outside
    return None if outside is None else f"mqtts://{outside.host}:{outside.port}"


def _attended(broker: brokers.Broker, ingest: IngestConfig) -> bool:
    """Each life of the broker begins with ingest's place taken.

    It drops what nobody has subscribed to; and at a SIGHUP it throws out the sessions that it has restored, unless it
    has heard their passwords since (ADR 25).
    """
    if not broker.answers():
        return False
    try:
        link.enrol(ingest)
    except LinkLostError:
        return False
    return True


def _reload(child: Child) -> None:
    if child.pid is not None and child.state is State.UP:  # one that is starting reads the files anyway
        with suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGHUP)
