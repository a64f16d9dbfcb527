"""`mingchu bench relay`: what an edge keeps of a site's devices during an outage, and how fast it brings it afterwards.

Everything is real: devices speak to a site's broker, the edge as shipped puts it into its spool while the platform is
away, is started anew, and brings it to ingest, which commits it to a durable database. All the messages are older than
ten minutes. Bare limits, in the same run: paho publishing the same messages one by one, and the same batches, to
brokers that nobody listens to, and SQLite reading the spool.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psutil
from paho.mqtt import publish as once

from domain import credential
from domain.camera import EdgeConfig
from domain.credential import edge_user
from domain.schedule import ALWAYS_OPEN
from domain.topic import Channel, EdgeTopic
from domain.wire import EdgeBatch, EdgeDown
from edge.journal import Journal
from edge.spool import Portion, Priority, Spool
from edge.uplink import MOST_BYTES
from mingchu import broker as brokers
from mingchu import database, up
from mingchu.account import Account
from mingchu.bench import site
from mingchu.bench.figure import Figure
from mingchu.bench.process import checkout, child, memory, spent, until
from store import registry, tally
from store.connection import connect

EDGE, AUTHORITY, OPERATOR = "bench", "bench", "91990100MA5MCQ0010"
MESSAGES = 200_000
_PATIENCE_S = 600.0


@dataclass(frozen=True, slots=True)
class House:
    """Where everything runs. `logins`: the services' and the edge's secret."""

    root: Path
    dsn: str
    broker: brokers.Broker
    service: str
    secret: str
    site_url: str


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds by the wall's clock, CPU seconds and growth (bytes) of one process."""

    wall: float
    cpu: float
    growth: int


def measure(messages: int = MESSAGES) -> dict[str, Figure]:
    """Relay so many messages. Raises BenchError."""
    said = site.told(messages)
    with ExitStack() as stack:
        house = _open(stack)
        single = messages / site.publish(house.site_url, said)
        heard = _heard(house, said)
        read = messages / _read(house)
        batched = messages / site.publish(house.broker.url, _batches(house), edge_user(EDGE), house.secret)
        replayed, landing = _replayed(house)
        landed = asyncio.run(_landed(house.dsn))
    rate = messages / replayed.wall
    return {
        "relay_replay": Figure(rate, "messages/s", limit=batched, bar=5000, sense="at least"),
        "relay_replay_of_read": Figure(rate, "messages/s", limit=read),
        "relay_heard": Figure(messages / heard.wall, "messages/s", limit=single),
        "relay_lost": Figure(messages - landed.messages, "messages", bar=0),
        "relay_doubled": Figure(landed.readings - 3 * messages, "readings", bar=0),
        "relay_not_historical": Figure(landed.readings - landed.historical, "readings", bar=0),
        "edge_heard_cpu": Figure(heard.cpu / messages * 1e6, "µs a message"),
        "edge_replay_cpu": Figure(replayed.cpu / messages * 1e6, "µs a message"),
        "ingest_replay_cpu": Figure(landing.cpu / messages * 1e6, "µs a message"),
        "edge_heard_growth": Figure(heard.growth / 2**20, "MiB"),
        "edge_replay_growth": Figure(replayed.growth / 2**20, "MiB"),
        "ingest_replay_growth": Figure(landing.growth / 2**20, "MiB"),
    }


def _open(stack: ExitStack) -> House:
    root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mingchu-bench-")))
    root.chmod(0o711)
    account, service, secret = Account.find(), credential.generate(), credential.generate()
    server = database.prepare(root, account, credential.generate())
    stack.enter_context(child(server.command(), root / "postgres.log"))
    until(server.answers, "the database does not answer")
    asyncio.run(_register(server.dsn, secret))
    broker = brokers.prepare(root, account, brokers.free_port(), brokers.free_port())
    broker.write(service, [brokers.edge(EDGE, credential.protect(secret))])
    stack.enter_context(child(broker.command(), root / "mosquitto.log"))
    until(broker.answers, "the broker does not answer")
    return House(root, server.dsn, broker, service, secret, stack.enter_context(site.site_broker(root)))


async def _register(dsn: str, secret: str) -> None:
    connection = await connect(dsn, autocommit=True)
    async with connection:
        await up.install(connection, demo_rules=False)
        await registry.put_authority(connection, AUTHORITY, AUTHORITY, AUTHORITY)
        await registry.put_operator(connection, OPERATOR, "经营者", "Operator")
        place = (site.SITE, "cold_store", "冷库", "Cold store", "", AUTHORITY, OPERATOR)
        await registry.put_site(connection, registry.NewSite(*place, ALWAYS_OPEN))
        for number in range(site.DEVICES):
            code = site.code(number)
            await registry.put_device(connection, registry.NewDevice(site.SITE, code, "cold-store", code, code, "x"))
        await registry.put_edge(connection, registry.NewEdge(EDGE, EDGE, EDGE, AUTHORITY, credential.protect(secret)))
        await registry.put_edge_site(connection, EDGE, site.SITE)


def _heard(house: House, said: list[site.Said]) -> Spent:
    """The platform is away: all goes into the spool."""
    _configure(house)
    with _edge(house) as process:
        until(lambda: "connected to the site's broker" in _log(house), "the edge does not reach the site's broker")
        time.sleep(1)  # it subscribes
        with _spool(house) as spool:

            def work() -> None:
                site.publish(house.site_url, said)
                _wait(lambda: spool.load.depth >= len(said), "the edge does not hear all")

            return _watched(process, work)


def _replayed(house: House) -> tuple[Spent, Spent]:
    """Ingest is back, the edge starts anew; seconds from its first word to the platform until its spool is empty."""
    with _spool(house) as spool, _ingest(house) as landing, _edge(house) as process:
        _wait(lambda: "connected to the broker" in _log(house), "the edge does not reach the broker")
        before = spent(landing), memory(landing)
        replayed = _watched(process, lambda: _wait(lambda: spool.load.depth == 0, "the edge does not bring all"))
        return replayed, Spent(replayed.wall, spent(landing) - before[0], memory(landing) - before[1])


def _watched(process: psutil.Popen, work: Callable[[], None]) -> Spent:
    cpu, held, began = spent(process), memory(process), time.monotonic()
    work()
    return Spent(time.monotonic() - began, spent(process) - cpu, memory(process) - held)


def _read(house: House, keep: Callable[[Portion], None] = lambda _: None) -> float:
    """Seconds in which SQLite alone reads what the edge has kept, a batch at a time."""
    began, after = time.monotonic(), dict[int, int]()
    with _spool(house) as spool:
        while (portion := spool.waiting((Priority.TELEMETRY,), 1000, MOST_BYTES, after)).items:
            after |= portion.upto
            keep(portion)
    return time.monotonic() - began


def _batches(house: House) -> list[site.Said]:
    """What the edge will send."""
    topic, spool, batches = str(EdgeTopic(EDGE, Channel.UP)), "0" * 32, list[site.Said]()
    _read(house, lambda part: batches.append(site.Said(topic, msgspec.json.encode(EdgeBatch(spool, part.items)))))
    return batches


@contextmanager
def _spool(house: House) -> Iterator[Spool]:
    journal = Journal(house.root / "edge" / EDGE / "spool.db")
    journal.open()
    try:
        yield Spool(journal, 2**40)
    finally:
        journal.close()


async def _landed(dsn: str) -> tally.Landed:
    connection = await connect(dsn, autocommit=True)
    async with connection:
        return await tally.landed(connection)


def _configure(house: House) -> None:
    """What the platform has told the edge before it went away."""
    once.single(
        str(EdgeTopic(EDGE, Channel.DOWN)),
        msgspec.json.encode(EdgeDown(EdgeConfig(1, (), (site.SITE,)))),
        qos=1,
        retain=True,
        port=house.broker.service_port,
        auth={"username": brokers.SERVICE, "password": house.service},
    )


@contextmanager
def _edge(house: House) -> Iterator[psutil.Popen]:
    settings = {
        "MINGCHU_DATA_DIR": str(house.root),
        "MINGCHU_MQTT_URL": house.broker.url,
        "MINGCHU_EDGE": EDGE,
        "MINGCHU_EDGE_SECRET": house.secret,
        "MINGCHU_SITE_MQTT_URL": house.site_url,
    }
    command = (sys.executable, "-m", "mingchu", "edge")
    with child(command, house.root / "edge.log", PYTHONPATH=checkout(), **settings) as process:
        yield process


@contextmanager
def _ingest(house: House) -> Iterator[psutil.Popen]:
    settings = {
        "MINGCHU_DATABASE_URL": house.dsn,
        "MINGCHU_MQTT_URL": house.broker.service_url,
        "MINGCHU_MQTT_PASSWORD": house.service,
    }
    log = house.root / "ingest.log"
    command = (sys.executable, "-m", "mingchu", "ingest")
    with child(command, log, PYTHONPATH=checkout(), **settings) as process:
        until(lambda: "broker connected" in log.read_text(encoding="utf-8"), "ingest does not reach the broker")
        yield process


def _log(house: House) -> str:
    return (house.root / "edge.log").read_text(encoding="utf-8")


def _wait(holds: Callable[[], bool], else_: str) -> None:
    """For as long as so many messages may take."""
    until(holds, else_, patience_s=_PATIENCE_S, every_s=0.02)
