"""What devices tell the broker directly (PROMISES R1): it restarts, ingest is away, workers come and go for good."""

import asyncio
import signal

import pytest
import structlog
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ingest.config import IngestConfig
from ingest.link import enrol
from ingest.worker import run
from mingchu import up
from tests import ingest_world as world
from tests.ingest_world import Tables, ago, config, eventually, ingesting, speaking, telemetry
from tests.servers import PATIENCE_S, PrivateBroker, wait_for

COLD = "mc/v1/hall/cold"


@pytest.fixture
def tables(dsn: str) -> Tables:
    return Tables(dsn)


@pytest.fixture
async def place(dsn: str, broker: PrivateBroker) -> PrivateBroker:
    """The registry filled and its users let in; no worker yet."""
    await world.build(dsn)
    await asyncio.to_thread(world.users, broker)
    return broker


async def say(place: PrivateBroker, numbers: range) -> None:
    """Return when the broker has acknowledged all."""

    def speak() -> None:
        with speaking(place, "hall.cold") as device:
            for seq in numbers:
                device.say(f"{COLD}/telemetry", telemetry(ago(5), seq=seq, air_temp=-18))
            device.delivered()

    await asyncio.to_thread(speak)


async def each_once(tables: Tables, count: int) -> None:
    await tables.until("SELECT count(*) FROM ledger", count)
    assert await tables.one("SELECT count(DISTINCT seq) FROM ledger") == count
    assert await tables.one("SELECT count(*) FROM reading") == count


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_the_broker_restarts_while_ingest_is_away(
    place: PrivateBroker, dsn: str, tables: Tables, how: signal.Signals
) -> None:
    """Devices are there at once, ingest is not: what they said before and say now lands, again and again."""
    async with ingesting(config(dsn, place)):
        await world.attended(place)
    for n in range(3):
        await say(place, range(200 * n, 200 * n + 100))
        await asyncio.to_thread(place.save)
        await asyncio.to_thread(place.stop, how)
        await asyncio.to_thread(place.start)
        await say(place, range(200 * n + 100, 200 * n + 200))
    async with ingesting(config(dsn, place)):
        await each_once(tables, 600)


async def test_users_are_reread_after_a_restart(place: PrivateBroker, dsn: str, tables: Tables) -> None:
    """mosquitto throws restored sessions out then, unless they have been there since: the house sees to that."""
    await asyncio.to_thread(enrol, config(dsn, place))
    await say(place, range(100))
    await asyncio.to_thread(place.stop)
    assert not await asyncio.to_thread(up._attended, place.broker, config(dsn, place))
    await asyncio.to_thread(place.start)
    assert await asyncio.to_thread(up._attended, place.broker, config(dsn, place))
    await asyncio.to_thread(place.add_device, "hall", "another")
    await say(place, range(100, 200))
    async with ingesting(config(dsn, place)):
        await each_once(tables, 200)


async def test_from_one_worker_to_two_and_back(place: PrivateBroker, dsn: str, tables: Tables) -> None:
    """At each step somebody speaks; afterwards the one worker misses nothing when the broker restarts."""
    alone, first = config(dsn, place, "a"), config(dsn, place, "a", shared=True)
    second = config(dsn, place, "b", shared=True)
    async with ingesting(alone):
        await world.attended(place)
    await say(place, range(100))
    async with ingesting(second):
        await world.attended(place)
        await say(place, range(100, 200))
        async with ingesting(first):
            await eventually(lambda: _landed(tables, 200))
            await say(place, range(200, 300))
    await say(place, range(300, 400))
    await asyncio.wait_for(run(second, asyncio.Event(), retire=True), PATIENCE_S)
    await say(place, range(400, 500))
    await asyncio.to_thread(enrol, alone)
    await asyncio.to_thread(place.stop)
    await asyncio.to_thread(place.start)
    await say(place, range(500, 600))
    async with ingesting(alone):
        await each_once(tables, 600)


async def _landed(tables: Tables, count: int) -> bool:
    return bool(await tables.one("SELECT count(*) FROM ledger") == count)


async def test_a_worker_is_taken_out_of_service(place: PrivateBroker, dsn: str, tables: Tables) -> None:
    """Half of what was said waits for the one that is away; retired, it lands that, and hears nothing from then on."""
    first, second = config(dsn, place, "a", shared=True), config(dsn, place, "b", shared=True)
    await asyncio.to_thread(enrol, second)
    assert await asyncio.to_thread(is_kept, place, second)
    async with ingesting(first):
        await world.attended(place)
        await say(place, range(1000))
        await eventually(lambda: _landed(tables, 500))
        with structlog.testing.capture_logs() as lines:
            await asyncio.wait_for(run(second, asyncio.Event(), retire=True), PATIENCE_S)
        assert [line["landed"] for line in lines if str(line["event"]).startswith("retired")] == [500]
        await each_once(tables, 1000)
        await say(place, range(1000, 1100))
        await each_once(tables, 1100)
    assert not await asyncio.to_thread(is_kept, place, second)


def is_kept(place: PrivateBroker, worker: IngestConfig) -> bool:
    """Whether the broker has a session of that worker, as a foreign client finds it."""
    client = Client(CallbackAPIVersion.VERSION2, f"mingchu-ingest-{worker.name}", protocol=MQTTProtocolVersion.MQTTv5)
    client.username_pw_set("mingchu", place.secret())
    found: list[bool] = []
    client.on_connect = lambda _c, _u, flags, *_: found.append(flags.session_present)
    leave_it = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    leave_it.SessionExpiryInterval = 60
    client.connect("127.0.0.1", place.broker.service_port, clean_start=False, properties=leave_it)
    wait_for(lambda: client.loop() is not None and bool(found))
    client.disconnect()
    return found[0]


async def test_a_retirement_outlives_the_brokers_restart(place: PrivateBroker, dsn: str, tables: Tables) -> None:
    """Stopped in its midst, it goes on the next time."""
    second = config(dsn, place, "b", shared=True)
    await asyncio.to_thread(enrol, second)
    await say(place, range(500))
    stop = asyncio.Event()
    stop.set()
    await asyncio.wait_for(run(second, stop, retire=True), PATIENCE_S)  # before it could connect
    retiring = asyncio.create_task(run(second, asyncio.Event(), retire=True))
    await eventually(lambda: _some(tables))
    await asyncio.to_thread(place.stop)
    await asyncio.to_thread(place.start)
    await asyncio.wait_for(retiring, PATIENCE_S)
    await each_once(tables, 500)


async def _some(tables: Tables) -> bool:
    return bool(await tables.one("SELECT count(*) FROM ledger") > 0)
