"""A small district for tests of ingest: three kinds of devices, an edge with a camera, rules, and speakers."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerProcess
from typing import Any
from urllib.parse import urlsplit

import msgspec
import psycopg
from paho.mqtt.client import Client, MQTTMessage, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from domain.camera import Camera, Zone
from domain.rule import Rule, RuleKind
from domain.scene import Scene
from domain.schedule import ALWAYS_OPEN
from domain.severity import Severity
from domain.wire import EdgeBatch, EdgeItem
from ingest.config import IngestConfig
from ingest.library import profiles as library
from ingest.worker import run
from store import profiles, registry, rules
from store.connection import connect
from tests.servers import PATIENCE_S, PrivateBroker, wait_for

STATION = "city.district.station"
DEVICES = {("hall", "cold"): "cold-store", ("hall", "lift"): "elevator-gbt24476", ("market", "scale"): "scale-jjg1204"}

WARM = Rule(
    "warm", 1, RuleKind.THRESHOLD, "过热", "Too warm", Severity.II, "test",
    profiles=("cold-store",), predicate="air_temp > -15 and not defrost",
)  # fmt: skip
BUTTON = Rule("button", 1, RuleKind.EVENT, "报警", "Button", Severity.I, "test", codes=("90", "1"))
CHEAT = Rule(
    "cheat", 1, RuleKind.TRANSACTION, "计价", "Cheat", Severity.II, "test",
    predicate="abs(amount - net_g / 1000 * unit_price) > 1",
)  # fmt: skip
FIRE = Rule("fire", 1, RuleKind.SCENE, "动火", "Fire", Severity.I, "test", scene=Scene.FIRE_UNATTENDED)
DARK = Rule("dark", 1, RuleKind.HEALTH, "黑屏", "Dark", Severity.III, "test", codes=("BLACK", "OFFLINE"))


async def build(dsn: str) -> None:
    """Fill a fresh database: site hall (an edge, camera eye) and site market in one authority, site far in another."""
    connection = await connect(dsn, autocommit=True)
    for path in ("city", "city.district", STATION, "city.other"):
        await registry.put_authority(connection, path, path, path)
    await registry.put_operator(connection, "91990100MA5MCQ0010", "经营者", "Operator")
    for code, authority in (("hall", STATION), ("market", STATION), ("far", "city.other")):
        site = registry.NewSite(code, "kitchen", code, code, "", authority, "91990100MA5MCQ0010", ALWAYS_OPEN)
        await registry.put_site(connection, site)
    await profiles.install(connection, library())
    await rules.install(connection, [WARM, BUTTON, CHEAT, FIRE, DARK])
    for (site_code, code), profile in {**DEVICES, ("far", "away"): "cold-store"}.items():
        await registry.put_device(connection, registry.NewDevice(site_code, code, profile, code, code, "secret"))
    for edge in ("box", "other"):
        await registry.put_edge(connection, registry.NewEdge(edge, edge, edge, STATION, "secret"))
    zone = Zone("stove", "灶台", "Stove", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)), (Scene.FIRE_UNATTENDED,))
    await registry.put_camera(connection, Camera("eye", "hall", "rtsp://10.0.0.9/1", (zone,)), "box", "眼", "Eye")
    await connection.close()


def ago(seconds: float = 0.0) -> str:
    """A time in the past, as a device writes it."""
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


def telemetry(when: str | None = None, /, seq: int | None = None, **values: float | bool) -> bytes:
    said: dict[str, Any] = {"ts": when or ago(), "values": values}
    return msgspec.json.encode(said if seq is None else {**said, "seq": seq})


SPOOL = "5" * 32


def batch(*bodies: object, first: int = 1, spool: str = SPOOL) -> bytes:
    """An edge's batch, its items numbered from `first`."""
    items = [EdgeItem(first + n, msgspec.Raw(msgspec.json.encode(body))) for n, body in enumerate(bodies)]
    return msgspec.json.encode(EdgeBatch(spool, tuple(items)))


class Speaker:
    """An MQTT client of one user that remembers what it hears and waits for the broker's acknowledgements."""

    def __init__(self, broker: PrivateBroker, user: str, *subscriptions: str) -> None:
        self.heard: list[MQTTMessage] = []
        self._sent: list[MQTTMessageInfo] = []
        self._subscriptions = subscriptions
        self._ready = False
        self.client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self.client.username_pw_set(user, broker.secret(user))
        self.client.max_inflight_messages_set(500)
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = lambda *_: setattr(self, "_ready", True)
        self.client.on_message = lambda _c, _u, message: self.heard.append(message)
        place = urlsplit(broker.url(user))
        self.client.connect(str(place.hostname), int(place.port or 1883))
        self.client.loop_start()
        wait_for(lambda: self._ready)

    def _on_connect(self, *_: object) -> None:
        for topic in self._subscriptions:
            self.client.subscribe(topic, qos=1)
        self._ready = not self._subscriptions

    def say(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        self._sent.append(self.client.publish(topic, payload, qos=1, retain=retain))

    def delivered(self) -> None:
        """Return when the broker has acknowledged all."""
        for info in self._sent:
            info.wait_for_publish(20)
        self._sent.clear()

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@contextmanager
def speaking(broker: PrivateBroker, user: str, *subscriptions: str) -> Iterator[Speaker]:
    speaker = Speaker(broker, user, *subscriptions)
    try:
        yield speaker
    finally:
        speaker.close()


def users(broker: PrivateBroker) -> None:
    """Let the devices and edges of the registry in."""
    for site, code in (*DEVICES, ("far", "away")):
        broker.add_device(site, code)
    for edge in ("box", "other"):
        broker.add_edge(edge)


def config(dsn: str, broker: PrivateBroker, name: str = "test", *, shared: bool = False) -> IngestConfig:
    return IngestConfig(dsn, broker.url(), "mingchu", broker.secret(), name, shared)


@asynccontextmanager
async def ingesting(config: IngestConfig) -> AsyncIterator[None]:
    """A worker in this process, stopped as the product stops it."""
    stop = asyncio.Event()
    task = asyncio.create_task(run(config, stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, PATIENCE_S)


async def eventually(condition: Callable[[], Awaitable[bool]], patience_s: float = PATIENCE_S) -> None:
    """Return when `condition` holds; fail when it does not in time."""
    async with asyncio.timeout(patience_s):
        while not await condition():
            await asyncio.sleep(0.02)


async def attended(broker: PrivateBroker) -> None:
    """Return when a worker has subscribed: it tells the edges afterwards."""
    with speaking(broker, "mingchu", "mc/v1/edge/box/down") as listener:

        async def told() -> bool:
            return bool(listener.heard)

        await eventually(told)


class Tables:
    """Questions to the database, as its owner."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    async def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True) as connection:
            cursor = await connection.execute(query.encode(), values or None)
            return await cursor.fetchall()

    async def one(self, query: str, *values: object) -> Any:
        """The first row's first value, None without rows."""
        found = await self.rows(query, *values)
        return found[0][0] if found else None

    async def until(self, query: str, wanted: object, patience_s: float = PATIENCE_S) -> None:
        """Return when the query's one value is `wanted`; fail with the last value otherwise."""
        value: object = None

        async def holds() -> bool:
            nonlocal value
            value = await self.one(query)
            return value == wanted

        try:
            await eventually(holds, patience_s)
        except TimeoutError:
            raise AssertionError(f"{query}: {value!r}, not {wanted!r}") from None


def _work(config: IngestConfig) -> None:
    asyncio.run(run(config, asyncio.Event()))


@contextmanager
def worker_process(config: IngestConfig) -> Iterator[ForkServerProcess]:
    """A worker in a process of its own, which may be killed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["ingest.worker"])
    process = context.Process(target=_work, args=(config,))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()
