"""Local telemetry: a stranger speaks to a kitchen's own broker, an edge relays, ingest lands (PROMISES R1, R2, R5)."""

import asyncio
import multiprocessing
import signal
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import msgspec
import pytest

from domain.wire import EdgeClock, EdgeShed, Relayed
from edge.agent import run
from edge.config import AgentConfig
from edge.counters import Counters
from edge.journal import Journal
from edge.picture import Colour
from edge.relay import Relay
from edge.relay import SiteBroker as SiteLogin
from edge.spool import Draft, Priority, Spool
from inference.detections import Detections, Floats
from inference.traits import Trait
from store import pending, registry
from store.alerts import Subject
from store.connection import connect
from tests import ingest_world as world
from tests.ingest_world import Tables, ago, batch, config, eventually, ingesting, speaking, telemetry
from tests.servers import PATIENCE_S, PrivateBroker, SiteBroker, wait_for

COLD, LIFT, SCALE = "mc/v1/hall/cold", "mc/v1/hall/lift", "mc/v1/market/scale"
COUNT = "SELECT count(*) FROM ledger JOIN device ON device.id = source_id"
NUMBERS = "SELECT count(DISTINCT seq) FROM ledger JOIN device ON device.id = source_id WHERE code = 'cold'"


class Blind:
    """There are no cameras here."""

    sha256, classes = "0" * 64, ()

    def look(self, image: Colour, wanted: frozenset[Trait]) -> Detections:
        return Detections.empty()

    def heads(self, image: Colour) -> Floats:
        return Detections.empty().boxes


@pytest.fixture
def tables(dsn: str) -> Tables:
    return Tables(dsn)


@pytest.fixture
async def place(dsn: str, broker: PrivateBroker) -> PrivateBroker:
    """The registry filled, its users let in; edge box watches a camera in the hall, and relays for the market."""
    await world.build(dsn)
    connection = await connect(dsn, autocommit=True)
    async with connection:
        await registry.put_edge_site(connection, "box", "market")
    await asyncio.to_thread(world.users, broker)
    return broker


@pytest.fixture
async def working(dsn: str, place: PrivateBroker) -> AsyncIterator[None]:
    async with ingesting(config(dsn, place)):
        await world.attended(place)
        yield


@pytest.fixture
def kitchen(server_directory: Path, tmp_path: Path) -> Iterator[SiteBroker]:
    root = server_directory / tmp_path.name
    root.mkdir(mode=0o711)
    site = SiteBroker(root)
    site.start()
    yield site
    site.stop()


def agent_config(place: PrivateBroker, kitchen: SiteBroker, folder: Path, protocol: str = "5") -> AgentConfig:
    login = SiteLogin(kitchen.url, kitchen.USER, kitchen.PASSWORD, "5" if protocol == "5" else "3.1.1")
    return AgentConfig(
        edge="box",
        secret=place.secret("edge.box"),
        mqtt_url=place.url("edge.box"),
        api_url="http://127.0.0.1:9",
        data_dir=folder / "edge",
        weights=folder / "none",
        site=login,
    )


@contextmanager
def relaying(config: AgentConfig) -> Iterator[None]:
    """An agent in a thread, stopped as the product stops it."""
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(config, stop, lambda *_: Blind()))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


async def test_a_vendors_own_language_is_relayed_too(
    working: None, place: PrivateBroker, kitchen: SiteBroker, tables: Tables, tmp_path: Path, dsn: str
) -> None:
    connection = await connect(dsn, autocommit=True)
    async with connection:
        modbus = registry.NewDevice("hall", "modbus", "cold-store-modbus-json", "m", "m", "secret")
        await registry.put_device(connection, modbus)
    poll = {"ts": int(datetime.now(UTC).timestamp() * 1000), "pkt": 1, "points": [{"tag": "T1", "v": -183, "q": 0}]}
    value = "SELECT value FROM reading_latest JOIN device ON device.id = device_id"

    async def landed() -> bool:  # a device that was registered this moment may be a stranger to the worker at first
        kitchen.say("mx/v1/hall/modbus/gw/G1/data", msgspec.json.encode(poll))
        await asyncio.sleep(1)
        return bool(await tables.one(value) == -18.3)

    with relaying(agent_config(place, kitchen, tmp_path)):
        await eventually(landed)


def _work(config: AgentConfig) -> None:
    run(config, threading.Event(), lambda *_: Blind())


@contextmanager
def agent_process(config: AgentConfig) -> Iterator[ForkServerProcess]:
    """An agent in a process of its own, which may be killed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["edge.agent"])
    process = context.Process(target=_work, args=(config,))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def lines(first: int, last: int) -> list[bytes]:
    return [telemetry(ago(), seq=n, air_temp=-20 + n % 10) for n in range(first, last)]


async def heard(kitchen: SiteBroker, tables: Tables, topic: str) -> None:
    """Return when the edge listens to the kitchen's broker: presence, which is in no ledger, has come through."""

    async def there() -> bool:
        await asyncio.to_thread(kitchen.say, f"{topic}/state", b'{"online":true}')
        site, device = topic.split("/")[2:]
        query = "SELECT online FROM device JOIN site ON site.id = site_id WHERE site.code = %s AND device.code = %s"
        return bool(await tables.one(query, site, device))

    await world.eventually(there, 60)


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_a_foreign_clients_words_land_as_if_said_to_us(
    place: PrivateBroker, working: None, kitchen: SiteBroker, tables: Tables, tmp_path: Path, protocol: str
) -> None:
    said = lines(0, 500)
    sale = {"tx_id": "t1", "seq": 1, "product": "白菜", "gross_g": 500, "tare_g": 0, "net_g": 500}
    sold = msgspec.json.encode(sale | {"ts": ago(), "unit_price": 600, "amount": 300})
    kitchen.say(f"{LIFT}/state", b'{"online":true}', retain=True)  # before anybody listens: not here now
    with relaying(agent_config(place, kitchen, tmp_path, protocol)):
        await heard(kitchen, tables, COLD)
        await asyncio.to_thread(kitchen.say, f"{COLD}/telemetry", *said)
        await asyncio.to_thread(kitchen.say, f"{SCALE}/transaction", sold)
        ghosts = (telemetry(air_temp=1), telemetry(air_temp=2))
        await asyncio.to_thread(kitchen.say, "mc/v1/hall/ghost/telemetry", *ghosts)
        await asyncio.to_thread(kitchen.say, "mc/v1/far/away/telemetry", telemetry(air_temp=1))
        await tables.until(COUNT, 501)
    with speaking(place, "hall.cold") as device:  # the same again, by the other way
        for payload in said:
            device.say(f"{COLD}/telemetry", payload)
        device.say(f"{COLD}/telemetry", telemetry(air_temp=-30))
        device.delivered()
    await tables.until("SELECT count(*) FROM reading", 501)
    assert await tables.one(COUNT) == 502
    assert await tables.one(NUMBERS) == 500
    assert await tables.rows("SELECT tx_id FROM transaction") == [("t1",)]
    refused = [("no device ghost is registered at site hall", ghosts[0], 2)]
    assert await tables.rows("SELECT reason, payload, seen FROM dead_letter") == refused
    assert await tables.one("SELECT count(*) FROM reading WHERE quality <> 0") == 0
    assert await tables.rows("SELECT last_seen FROM device WHERE code = 'lift'") == [(None,)]
    told = "SELECT edge.code FROM device JOIN edge ON edge.id = via WHERE device.code = 'scale'"
    assert await tables.one(told) == "box"


@pytest.mark.slow
async def test_an_outage_with_kills_loses_nothing_doubles_nothing_and_keeps_the_order(
    dsn: str, place: PrivateBroker, kitchen: SiteBroker, tables: Tables, tmp_path: Path
) -> None:
    agent = agent_config(place, kitchen, tmp_path)
    async with ingesting(config(dsn, place)):
        await world.attended(place)
        with relaying(agent):
            await heard(kitchen, tables, COLD)
        place.stop()
        for kill in range(4):
            with agent_process(agent) as process:
                saying = asyncio.to_thread(kitchen.say, f"{COLD}/telemetry", *lines(kill * 1250, (kill + 1) * 1250))
                talk = asyncio.create_task(saying)
                await asyncio.to_thread(wait_for, partial(_has, agent, kill * 1000 + 1))
                process.kill()
                await talk
        place.start()
        with relaying(agent):
            await tables.until(COUNT, 5000, 90)
            await asyncio.to_thread(wait_for, lambda: _depth(agent) == 0)
    assert await tables.one(NUMBERS) == 5000
    assert await tables.one("SELECT count(*) FROM reading") == 5000
    steps = (
        "SELECT count(*) FROM (SELECT min(seq) < lag(max(seq)) OVER (ORDER BY received) AS back"
        " FROM ledger JOIN device ON device.id = source_id GROUP BY received) AS step WHERE back"
    )
    assert await tables.one(steps) == 0


def _rows(agent: AgentConfig, query: str) -> int:
    path = agent.data_dir / "spool.db"
    if not path.exists():
        return 0
    journal = Journal(path)
    journal.open()
    ((value,),) = journal.rows(query)
    journal.close()
    return int(value or 0)


def _has(agent: AgentConfig, number: int) -> bool:
    return _rows(agent, "SELECT max(seq) FROM item") >= number


def _depth(agent: AgentConfig) -> int:
    return _rows(agent, "SELECT depth FROM spool")


async def test_what_was_kept_is_history_and_raises_nothing(
    dsn: str, place: PrivateBroker, working: None, tables: Tables
) -> None:
    began = datetime.now(UTC) - timedelta(hours=20)
    bodies = [
        Relayed(
            f"{COLD}/telemetry", telemetry((began + timedelta(seconds=n)).isoformat(), air_temp=5, defrost=False), began
        )
        for n in range(3)
    ]
    event = {"ts": began.isoformat(), "code": "90", "phase": "begin"}
    bodies.append(Relayed(f"{LIFT}/event", msgspec.json.encode(event), began))
    with speaking(place, "edge.box", "mc/v1/edge/box/ack") as edge:
        edge.say("mc/v1/edge/box/up", batch(*bodies))
        await tables.until(COUNT, 4)
        assert await tables.rows("SELECT DISTINCT quality FROM reading") == [(4,)]
        assert await tables.rows("SELECT quality FROM device_event") == [(4,)]
        assert await tables.rows("SELECT rule_code FROM signal") == [("button",)]  # said once, and not a day ago
        seen, told = (await tables.rows("SELECT last_seen, told FROM device WHERE code = 'cold'"))[0]
        assert seen == began
        assert told > began + timedelta(hours=19)
        edge.say(
            "mc/v1/edge/box/up",
            batch(Relayed(f"{COLD}/telemetry", telemetry(air_temp=5, defrost=False), datetime.now(UTC)), first=9),
        )
        await tables.until("SELECT count(*) FROM signal WHERE rule_code = 'warm'", 1)


async def test_a_device_whose_edge_is_away_is_not_known_to_be_there(
    dsn: str, place: PrivateBroker, working: None, tables: Tables
) -> None:
    """The engine proves durations by it: what an edge brings late is being told now, whatever it was then."""
    with speaking(place, "edge.box", "mc/v1/edge/box/ack") as edge:
        edge.say("mc/v1/edge/box/state", b'{"online":true}')
        then = datetime.now(UTC) - timedelta(minutes=8)
        edge.say("mc/v1/edge/box/up", batch(Relayed(f"{COLD}/telemetry", telemetry(ago(480), air_temp=1), then)))
        await tables.until(COUNT, 1)
        subject = Subject("warm", int(await tables.one("SELECT id FROM device WHERE code = 'cold'")), None)
        connection = await connect(dsn, autocommit=True)
        async with connection:
            measured, spoken, online, now, _ = (await pending.contacts(connection, [subject]))[subject]
            assert measured is not None
            assert spoken is not None
            assert online
            assert spoken - measured > timedelta(minutes=7)
            assert now - spoken < timedelta(minutes=1)
            edge.say("mc/v1/edge/box/state", b'{"online":false}')
            await tables.until("SELECT online FROM edge WHERE code = 'box'", False)
            assert (await pending.contacts(connection, [subject]))[subject][2] is False


async def test_older_words_do_not_bring_a_device_back(place: PrivateBroker, working: None, tables: Tables) -> None:
    with speaking(place, "hall.cold") as device:
        device.say(f"{COLD}/telemetry", telemetry(air_temp=-20))
        await tables.until(COUNT, 1)
        device.say(f"{COLD}/state", b'{"online":false}')
        await tables.until("SELECT count(*) FROM device WHERE code = 'cold' AND NOT online", 1)
    with speaking(place, "edge.box") as edge:
        then = datetime.now(UTC) - timedelta(hours=1)
        edge.say("mc/v1/edge/box/up", batch(Relayed(f"{COLD}/telemetry", telemetry(ago(3600), air_temp=1), then)))
        await tables.until(COUNT, 2)
        assert await tables.one("SELECT online FROM device WHERE code = 'cold'") is False


async def test_what_an_edge_says_of_itself_is_kept(place: PrivateBroker, working: None, tables: Tables) -> None:
    at = datetime.now(UTC) + timedelta(seconds=5)
    with speaking(place, "edge.box", "mc/v1/edge/box/ack") as edge:
        for _ in range(2):
            edge.say("mc/v1/edge/box/up", batch(EdgeClock(at, 5000, 4), EdgeShed(at, 17)))
        edge.delivered()
    await tables.until("SELECT count(*) FROM edge_clock", 1)
    assert await tables.rows("SELECT at, offset_ms, rtt_ms FROM edge_clock") == [(at, 5000, 4)]
    assert await tables.rows("SELECT shed, shed_at IS NULL FROM edge WHERE code = 'box'") == [(17, False)]
    assert await tables.one("SELECT count(*) FROM dead_letter") == 0


def test_a_full_spool_sheds_telemetry_before_events_and_events_before_scenes(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "spool.db")
    journal.open()
    spool, now = Spool(journal, 60_000), datetime.now(UTC)
    for number in range(40):
        for priority in (Priority.CLASS_I, Priority.FACT, Priority.TELEMETRY):
            spool.append([Draft(priority, Relayed(f"{priority.name}/{number}", bytes(600), now))])
    kept = [
        msgspec.json.decode(item.body, type=Relayed).topic
        for item in spool.waiting(tuple(Priority), 999, 10**6, {}).items
    ]
    assert [topic for topic in kept if topic.startswith("CLASS_I")] == [f"CLASS_I/{n}" for n in range(40)]
    facts = [topic for topic in kept if topic.startswith("FACT")]
    assert facts == [f"FACT/{n}" for n in range(40 - len(facts), 40)]
    assert len(kept) == 40 + len(facts)
    assert len(kept) + spool.load.shed == 120
    journal.close()


def test_a_broker_over_tls_is_believed_by_its_certificate_only(server_directory: Path, tmp_path: Path) -> None:
    root, pem = server_directory / tmp_path.name, tmp_path / "site.pem"
    root.mkdir(mode=0o711)
    subject = ("-subj", "/CN=kitchen", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "1")
    argv = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", *subject, "-keyout", str(pem), "-out", "-")
    certificate = subprocess.run(argv, check=True, capture_output=True).stdout
    pem.write_bytes(pem.read_bytes() + certificate)
    site = SiteBroker(root, pem)
    site.start()
    try:
        with hearing(site, tmp_path / "trusting", pem) as trusting, hearing(site, tmp_path / "wary", None) as wary:
            while trusting.load.depth < 3:
                site.say(f"{COLD}/state", b'{"online":true}')
            assert wary.load.depth == 0
    finally:
        site.stop()


@contextmanager
def hearing(site: SiteBroker, folder: Path, authority: Path | None) -> Iterator[Spool]:
    """A relay alone, and the spool that it fills."""
    folder.mkdir()
    journal = Journal(folder / "spool.db")
    journal.open()
    spool = Spool(journal, 10**9)
    login = SiteLogin(site.url, site.USER, site.PASSWORD, authority=authority)
    relay = Relay(login, folder.name, spool, Counters(), partial(datetime.now, UTC))
    relay.serve(["hall"])
    relay.open()
    try:
        yield spool
    finally:
        relay.close()
        journal.close()


def test_a_full_disk_and_a_restarted_broker_cost_nothing(kitchen: SiteBroker, tmp_path: Path) -> None:
    """PROMISES R13: what cannot be kept stays with the site's broker, and comes when there is room again."""
    journal, counters = Journal(tmp_path / "spool.db"), Counters()
    journal.open()
    spool = Spool(journal, 10**9)
    login = SiteLogin(kitchen.url, kitchen.USER, kitchen.PASSWORD)
    relay = Relay(login, "box", spool, counters, partial(datetime.now, UTC))
    relay.serve(["hall"])
    relay.open()
    try:
        kitchen.say(f"{COLD}/telemetry", *lines(0, 1))
        while spool.load.depth == 0:  # it has not subscribed yet
            kitchen.say(f"{COLD}/telemetry", *lines(0, 1))
        journal.rows("PRAGMA max_page_count = 40")  # as full as a disk can be
        kitchen.say(f"{COLD}/telemetry", *lines(1, 3000))
        assert len(_told(spool)) < 3000
        kitchen.stop()
        kitchen.start()
        journal.rows("PRAGMA max_page_count = 1000000")
        wait_for(lambda: _told(spool) == set(range(3000)))
        relay.serve([])
        kitchen.say(f"{COLD}/telemetry", *lines(3000, 3001))
    finally:
        relay.close()
    assert max(_told(spool)) == 2999
    journal.close()


def _told(spool: Spool) -> set[int]:
    """The sequence numbers of the devices' messages that are kept."""
    items = spool.waiting((Priority.TELEMETRY,), 10_000, 10**9, {}).items
    bodies = [msgspec.json.decode(item.body, type=Relayed) for item in items]
    return {msgspec.json.decode(body.payload)["seq"] for body in bodies}


def test_a_relay_ends_while_its_broker_is_away(tmp_path: Path, place: PrivateBroker, kitchen: SiteBroker) -> None:
    kitchen.stop()
    with relaying(agent_config(place, kitchen, tmp_path)):
        place.stop(signal.SIGKILL)
    place.start()
