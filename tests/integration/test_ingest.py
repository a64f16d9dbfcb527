"""Ingest with a real broker and database: what is acknowledged is committed, once; the rest is kept with a reason."""

import asyncio
import dataclasses
import random
import signal
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import msgspec
import psycopg
import pytest
import structlog

from domain.quality import Quality
from domain.scene import Scene
from domain.wire import (
    CameraHealth,
    EdgeAck,
    EdgeDown,
    EdgeLoad,
    EvidenceAdded,
    EvidenceItem,
    EvidenceKind,
    Health,
    Relayed,
    SceneBegan,
    SceneEnded,
)
from ingest import reader
from ingest.landing import Landing
from ingest.message import Message
from ingest.roster import Roster
from store import registry
from store.connection import connect
from tests import ingest_world as world
from tests.ingest_world import SPOOL, Tables, ago, batch, config, eventually, ingesting, speaking, telemetry
from tests.servers import PATIENCE_S, PrivateBroker

COLD, LIFT, SCALE = "mc/v1/hall/cold", "mc/v1/hall/lift", "mc/v1/market/scale"
UP = "mc/v1/edge/box/up"
NOW = datetime.now(UTC)


@pytest.fixture
def tables(dsn: str) -> Tables:
    return Tables(dsn)


@pytest.fixture
async def place(dsn: str, broker: PrivateBroker) -> AsyncIterator[PrivateBroker]:
    """The registry filled, its users let in, a worker at work."""
    await world.build(dsn)
    await asyncio.to_thread(world.users, broker)
    async with ingesting(config(dsn, broker)):
        await world.attended(broker)
        yield broker


def began(event: str = "a" * 32, camera: str = "eye", item: EvidenceItem | None = None) -> SceneBegan:
    return SceneBegan(
        event, camera, Scene.FIRE_UNATTENDED, "stove", 3, NOW, NOW, NOW, "flame, nobody near", (), "f" * 64, 1,
        () if item is None else (item,),
    )  # fmt: skip


def evidence(kind: EvidenceKind) -> EvidenceItem:
    return EvidenceItem(kind, "e" * 64, "image/jpeg", 1234, NOW, NOW)


async def test_two_thousand_messages_with_repeats_and_garbage_land_once(place: PrivateBroker, tables: Tables) -> None:
    good = [telemetry(ago(n / 100), seq=n, air_temp=-18 - n / 1000, humidity=80) for n in range(1400)]
    garbage = [b"{" + b"[" * n + bytes([n % 256]) for n in range(300)]
    everything = [*good, *garbage, *random.Random(1).choices(good, k=300)]
    random.Random(2).shuffle(everything)
    with speaking(place, "hall.cold") as device:
        for payload in everything:
            device.say(f"{COLD}/telemetry", payload)
        device.delivered()
    await tables.until("SELECT count(*) FROM ledger", 1400)
    await tables.until("SELECT sum(seen)::int FROM dead_letter", 300)
    assert await tables.one("SELECT count(*) FROM reading") == 2800
    assert await tables.one("SELECT count(DISTINCT seq) FROM ledger") == 1400
    assert await tables.one("SELECT count(*) FROM dead_letter WHERE reason LIKE 'not a telemetry message: %%'") == 300
    newest = await tables.one("SELECT value FROM reading_latest JOIN metric ON id = metric_id WHERE name = 'air_temp'")
    assert newest == -18  # number 0 is the newest, whenever it came


async def test_units_ranges_and_clocks(place: PrivateBroker, tables: Tables) -> None:
    ahead = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    with speaking(place, "hall.cold") as device:
        fahrenheit = {"ts": ago(1), "values": {"air_temp": -4.0}, "units": {"air_temp": "[degF]"}}
        device.say(f"{COLD}/telemetry", msgspec.json.encode(fahrenheit))
        device.say(f"{COLD}/telemetry", telemetry(product_temp=-127.0, door_open=True))
        device.say(f"{COLD}/telemetry", telemetry(ahead, humidity=70))
        device.say(f"{COLD}/telemetry", telemetry("1970-01-01T00:00:09Z", humidity=71))
        device.say(f"{COLD}/telemetry", telemetry("2021-05-01T00:00:00Z", humidity=72))
        device.say(f"{COLD}/telemetry", telemetry(gamma=1.0, humidity=73))
        device.delivered()
    await tables.until("SELECT count(*) FROM reading", 6)
    found = await tables.rows(
        "SELECT name, value, quality, abs(extract(epoch FROM now() - time)) < 60"
        " FROM reading JOIN metric ON id = metric_id"
    )
    assert sorted(found) == [
        ("air_temp", -20.0, Quality.GOOD, True),
        ("door_open", 1.0, Quality.GOOD, True),
        ("humidity", 70.0, Quality.CLOCK, True),
        ("humidity", 71.0, Quality.CLOCK, True),
        ("humidity", 73.0, Quality.GOOD, True),
        ("product_temp", -127.0, Quality.RANGE, True),
    ]
    await tables.until("SELECT count(*) FROM dead_letter", 2)
    reasons = sorted(row[0] for row in await tables.rows("SELECT reason FROM dead_letter"))
    assert reasons == [
        "2021-05-01T00:00:00Z is more than 90 days ago: readings are not kept so long",
        "profile cold-store has no metric gamma",
    ]


async def test_a_stranger_and_a_borrowed_name_are_refused(place: PrivateBroker, tables: Tables, dsn: str) -> None:
    """The services' listener stands for a foreign broker without rights of its own."""
    with speaking(place, "mingchu") as anyone:
        anyone.say("mc/v1/edge/box/ack", b"ours, not landed")
    place.add_device("hall", "ghost")
    with speaking(place, "hall.ghost") as ghost, speaking(place, "hall.cold") as device:
        ghost.say("mc/v1/hall/ghost/telemetry", telemetry(air_temp=1))
        device.say(f"{COLD}/telemetry", msgspec.json.encode({"ts": ago(), "values": {"air_temp": 1}, "device": "lift"}))
        ghost.delivered()
        device.delivered()
        await tables.until("SELECT count(*) FROM dead_letter", 2)
        assert await tables.one("SELECT count(*) FROM ledger") == 0
        assert await tables.one("SELECT count(*) FROM device WHERE last_seen IS NOT NULL") == 0
        connection = await connect(dsn, autocommit=True)
        new = registry.NewDevice("hall", "ghost", "cold-store", "鬼", "Ghost", "secret")
        await registry.put_device(connection, new)
        await connection.close()
        for n in range(200):  # registered: known without a restart
            ghost.say("mc/v1/hall/ghost/telemetry", telemetry(air_temp=-20, humidity=n / 10))
            ghost.delivered()
            if await tables.one("SELECT count(*) FROM ledger"):
                break
        await tables.until("SELECT count(*) > 0 FROM ledger", True)


async def test_a_foreign_client_speaks(place: PrivateBroker, tables: Tables) -> None:
    url = urlsplit(place.url("hall.cold"))
    argv = [
        *("mosquitto_pub", "-h", str(url.hostname), "-p", str(url.port), "-i", "hall.cold", "-u", "hall.cold"),
        *(
            "-P",
            place.secret("hall.cold"),
            "-q",
            "1",
            "-t",
            f"{COLD}/telemetry",
            "-m",
            telemetry(air_temp=-19).decode(),
        ),
    ]
    await asyncio.to_thread(subprocess.run, argv, check=True, timeout=PATIENCE_S)
    await tables.until("SELECT value FROM reading_latest", -19.0)
    assert await tables.one("SELECT online FROM device WHERE code = 'cold'")


async def test_presence_is_retained_and_a_last_will(dsn: str, broker: PrivateBroker, tables: Tables) -> None:
    await world.build(dsn)
    await asyncio.to_thread(world.users, broker)
    with speaking(broker, "hall.cold") as device:  # before any worker is there
        device.say(f"{COLD}/state", b'{"online": true}', retain=True)
        device.delivered()
    async with ingesting(config(dsn, broker)):
        await tables.until("SELECT online FROM device WHERE code = 'cold'", True)
        assert await tables.one("SELECT last_seen IS NULL FROM device WHERE code = 'cold'")  # said long ago, perhaps
        with speaking(broker, "hall.cold") as device:
            device.say(f"{COLD}/state", b'{"online": false}', retain=True)
            device.delivered()
        await tables.until("SELECT online FROM device WHERE code = 'cold'", False)


async def test_thresholds_flip_with_their_values(place: PrivateBroker, tables: Tables) -> None:
    with speaking(place, "hall.cold") as device:
        for seconds, values in (
            (50, {"air_temp": -18.0, "defrost": False}),
            (40, {"air_temp": -9.8}),
            (30, {"air_temp": -9.0}),
            (20, {"defrost": True}),
            (10, {"air_temp": -17.0}),
        ):
            device.say(f"{COLD}/telemetry", telemetry(ago(seconds), **values))
        device.say(f"{COLD}/telemetry", telemetry(ago(1200), air_temp=5.0))
        device.delivered()
        await tables.until("SELECT count(*) FROM ledger", 6)
        device.say(f"{COLD}/telemetry", telemetry(air_temp=-5.0, defrost=False))
        device.delivered()
    await tables.until("SELECT count(*) FROM signal", 3)
    assert await tables.rows("SELECT rule_code, value, why FROM signal ORDER BY id") == [
        ("warm", True, "air_temp=-9.8, defrost=0"),
        ("warm", False, "air_temp=-9, defrost=1"),
        ("warm", True, "air_temp=-5, defrost=0"),
    ]
    assert await tables.rows("SELECT rule_code, value FROM predicate_state") == [("warm", True)]


async def test_events_and_sales_signal(place: PrivateBroker, tables: Tables) -> None:
    sale = {
        **{"ts": ago(5), "tx_id": "t1", "seq": 1, "product": "猪肉", "gross_g": 510, "tare_g": 10, "net_g": 500},
        **{"unit_price": 3000, "amount": 1600},
    }
    with speaking(place, "hall.lift") as lift, speaking(place, "market.scale") as scale:
        for seconds, code, phase in ((9, "1", "begin"), (8, "90", "begin"), (7, "1", "end"), (6, "90", "end")):
            event = {"ts": ago(seconds), "code": code, "phase": phase}
            lift.say(f"{LIFT}/event", msgspec.json.encode(event))
        lift.say(f"{LIFT}/event", msgspec.json.encode({"ts": ago(5), "code": "90"}))
        scale.say(f"{SCALE}/transaction", msgspec.json.encode(sale))
        scale.say(f"{SCALE}/transaction", msgspec.json.encode({**sale, "product": "said twice"}))
        scale.say(f"{SCALE}/transaction", msgspec.json.encode({**sale, "tx_id": "t2", "seq": 2, "amount": 1500}))
        lift.delivered()
        scale.delivered()
    await tables.until("SELECT count(*) FROM ledger", 8)
    assert await tables.one("SELECT count(*) FROM transaction") == 2
    assert await tables.rows("SELECT rule_code, value, pulse, why FROM signal ORDER BY rule_code, id") == [
        ("button", True, False, "event 1 (Safety circuit open while running) began"),
        ("button", False, False, "event 90 (Alarm button in the car) ended"),
        ("button", True, True, "event 90 (Alarm button in the car) happened"),
        ("cheat", True, True, "sale t1: amount=1600, net_g=500, unit_price=3000"),
    ]


async def test_an_edge_is_answered_after_the_commit(place: PrivateBroker, tables: Tables) -> None:
    heard = ago(2)
    relayed = Relayed(f"{COLD}/telemetry", telemetry(heard, air_temp=-20), NOW)
    bodies = (
        began(item=evidence(EvidenceKind.FRAME)),
        EvidenceAdded("a" * 32, "eye", evidence(EvidenceKind.CLIP)),
        CameraHealth("eye", NOW, Health.BLACK, "mean brightness 2 of 255"),
        CameraHealth("eye", NOW, Health.OK, "picture is back"),
        SceneEnded("a" * 32, "eye", NOW, "somebody came"),
        relayed,
        began("b" * 32, camera="nobody's"),
        {"kind": "nonsense"},
        Relayed("mc/v1/far/away/telemetry", telemetry(air_temp=1), NOW),
        SceneEnded("c" * 32, "eye", NOW, "its beginning has not come yet"),
    )
    with speaking(place, "edge.box", "mc/v1/edge/box/ack", "mc/v1/edge/box/down") as edge:
        edge.say(UP, batch(*bodies))
        await eventually(lambda: _heard(edge, "ack", 1))
        edge.say(UP, batch(*bodies))  # asked again
        await eventually(lambda: _heard(edge, "ack", 2))
        acks = [msgspec.json.decode(m.payload, type=EdgeAck) for m in edge.heard if m.topic.endswith("/ack")]
        assert [ack.seqs for ack in acks] == [(1, 2, 3, 4, 5, 6, 7, 8, 9)] * 2
        assert {ack.spool for ack in acks} == {SPOOL}
        down = next(m.payload for m in edge.heard if m.topic.endswith("/down"))
        config = msgspec.json.decode(down, type=EdgeDown).config
        assert config is not None
        assert [camera.code for camera in config.cameras] == ["eye"]
        edge.say(UP, batch(began("c" * 32), first=11))
        edge.say(UP, batch(bodies[-1], first=10))
        await eventually(lambda: _answered(edge, set(range(1, 12))))
    with speaking(place, "hall.cold") as device:  # the relayed message itself: known
        device.say(f"{COLD}/telemetry", telemetry(heard, air_temp=-20))
        device.delivered()
        device.say(f"{COLD}/telemetry", telemetry(air_temp=-21))
        device.delivered()
    await tables.until("SELECT count(*) FROM ledger", 9)
    assert await tables.one("SELECT count(*) FROM reading") == 2
    assert await tables.rows("SELECT rule_code, value, scene_event_id IS NULL FROM signal ORDER BY id") == [
        ("fire", True, False),
        ("fire", False, False),
        ("dark", True, True),
        ("dark", False, True),
        ("fire", True, False),
        ("fire", False, False),
    ]
    assert await tables.rows("SELECT kind FROM evidence ORDER BY kind") == [("clip",), ("frame",)]
    assert await tables.rows("SELECT health, health_why FROM camera") == [("OK", "picture is back")]
    reasons = await tables.rows("SELECT split_part(reason, ':', 1) FROM dead_letter ORDER BY 1")
    assert [row[0] for row in reasons] == [
        "edge box may not relay for site far, which is not one of its own",
        "item 7 is none that an edge sends",
        "item 8 is none that an edge sends",
    ]


async def _answered(edge: world.Speaker, seqs: set[int]) -> bool:
    acks = [msgspec.json.decode(m.payload, type=EdgeAck) for m in edge.heard if m.topic.endswith("/ack")]
    return {seq for ack in acks for seq in ack.seqs} == seqs


async def _heard(edge: world.Speaker, channel: str, n: int) -> bool:
    return sum(message.topic.endswith(f"/{channel}") for message in edge.heard) >= n


async def test_one_edge_may_not_speak_for_anothers_camera(place: PrivateBroker, tables: Tables) -> None:
    with speaking(place, "edge.other", "mc/v1/edge/other/ack") as edge:
        edge.say("mc/v1/edge/other/up", batch(began()))
        await eventually(lambda: _heard(edge, "ack", 1))
    assert await tables.rows("SELECT reason FROM dead_letter") == [("camera eye does not belong to edge other",)]
    assert await tables.one("SELECT count(*) FROM scene_event") == 0


async def test_what_only_the_database_refuses_is_found_and_kept(place: PrivateBroker, tables: Tables) -> None:
    """A track beyond PostgreSQL's integer passes every check of ours; its neighbours must not suffer."""
    poison = began("d" * 32)
    poison = msgspec.structs.replace(poison, track=2**40)
    with speaking(place, "edge.box", "mc/v1/edge/box/ack") as edge:
        edge.say(UP, batch(began(), poison, Relayed(f"{COLD}/telemetry", telemetry(air_temp=-20), NOW)))
        await eventually(lambda: _answered(edge, {1, 2, 3}))
    assert await tables.one("SELECT count(*) FROM ledger") == 2
    reason = await tables.one("SELECT reason FROM dead_letter")
    assert reason == "the database refused it: integer out of range"


async def test_a_message_that_trips_us_hurts_no_other(
    place: PrivateBroker, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_one = reader._read_one

    def trip(message: Message, roster: Roster, landing: Landing) -> None:
        if b"poison" in message.payload:
            raise ZeroDivisionError("a fault of ours")
        read_one(message, roster, landing)

    monkeypatch.setattr(reader, "_read_one", trip)
    with speaking(place, "hall.cold") as device, structlog.testing.capture_logs() as lines:
        for seq in range(50):
            text = {"ts": ago(1), "seq": seq, "values": {"air_temp": -18}, "note": "poison" if seq == 20 else ""}
            device.say(f"{COLD}/telemetry", msgspec.json.encode(text))
        device.delivered()
        await tables.until("SELECT count(*) FROM ledger", 49)
        await tables.until("SELECT reason FROM dead_letter", "the database refused it: a fault of ours")
    assert await _said(lines, "a batch failed and is taken apart")


async def test_a_killed_worker_loses_nothing(dsn: str, broker: PrivateBroker, tables: Tables) -> None:
    await world.build(dsn)
    await asyncio.to_thread(world.users, broker)
    rounds, each = 5, 400
    with speaking(broker, "hall.cold") as device:
        for n in range(rounds):
            with world.worker_process(config(dsn, broker)) as process:
                await world.attended(broker)
                for seq in range(n * each, (n + 1) * each):
                    device.say(f"{COLD}/telemetry", telemetry(ago(5), seq=seq, air_temp=-18))
                await tables.until(f"SELECT count(*) > {n * each // 2} FROM ledger", True)
                process.kill()  # anywhere in a batch
        device.delivered()
    async with ingesting(config(dsn, broker)):
        await tables.until("SELECT count(*) FROM ledger", rounds * each)
    assert await tables.one("SELECT count(DISTINCT seq) FROM ledger") == rounds * each
    assert await tables.one("SELECT count(*) FROM reading") == rounds * each


async def test_a_database_that_goes_away_is_waited_for(place: PrivateBroker, tables: Tables, dsn: str) -> None:
    """Connections are cut and refused for a while; the broker's session and the inbox keep what is sent meanwhile."""
    name = str(psycopg.conninfo.conninfo_to_dict(dsn)["dbname"])
    gone, server = psycopg.sql.Identifier(name), psycopg.conninfo.make_conninfo(dsn, dbname="postgres")
    with speaking(place, "hall.cold") as device, structlog.testing.capture_logs() as lines:
        device.say(f"{COLD}/telemetry", telemetry(seq=0, air_temp=-18))
        await tables.until("SELECT count(*) FROM ledger", 1)
        async with await psycopg.AsyncConnection.connect(server, autocommit=True) as owner:
            await owner.execute(psycopg.sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(gone))
            await owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
            for seq in range(1, 3001):
                device.say(f"{COLD}/telemetry", telemetry(ago(1), seq=seq, air_temp=-18))
            for seq in range(3001, 3121):  # more than the inbox holds: the rest is left at the broker
                large = {"ts": ago(1), "seq": seq, "values": {"air_temp": -18}, "padding": "x" * 240_000}
                device.say(f"{COLD}/telemetry", msgspec.json.encode(large))
            await asyncio.to_thread(device.delivered)
            await eventually(lambda: _said(lines, "a batch cannot be committed"))
            await owner.execute(psycopg.sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(gone))
        await tables.until("SELECT count(*) FROM ledger", 3121)
    assert await tables.one("SELECT count(*) FROM reading") == 3121
    assert await _said(lines, "the database is back")


async def test_the_brokers_crash_is_survived(place: PrivateBroker, tables: Tables) -> None:
    with speaking(place, "hall.cold") as device:
        device.say(f"{COLD}/telemetry", telemetry(seq=0, air_temp=-18))
        device.delivered()
        await tables.until("SELECT count(*) FROM ledger", 1)
    await asyncio.to_thread(place.stop, signal.SIGKILL)
    await asyncio.to_thread(place.start)
    with speaking(place, "edge.box", "mc/v1/edge/box/down") as edge:
        await eventually(lambda: _heard(edge, "down", 1))  # told again after the reconnection
    with speaking(place, "hall.cold") as device:
        device.say(f"{COLD}/telemetry", telemetry(seq=1, air_temp=-18))
        device.delivered()
    await tables.until("SELECT count(*) FROM ledger", 2)


async def test_two_workers_share_and_agree(dsn: str, broker: PrivateBroker, tables: Tables) -> None:
    """The broker deals a device's messages to both in turn: each lands once, and truth still takes turns."""
    await world.build(dsn)
    await asyncio.to_thread(world.users, broker)
    async with ingesting(config(dsn, broker, "a", shared=True)), ingesting(config(dsn, broker, "b", shared=True)):
        await world.attended(broker)
        with speaking(broker, "hall.cold") as device, speaking(broker, "hall.lift") as lift:
            for n in range(400):
                when, values = ago(8 - n / 50), {"air_temp": -5.0 if n // 40 % 2 else -18.0, "defrost": False}
                for _ in range(2):
                    device.say(f"{COLD}/telemetry", telemetry(when, seq=n, **values))
                event = {"ts": ago(8 - n / 50), "code": "1", "phase": "end" if n % 2 else "begin", "seq": n}
                lift.say(f"{LIFT}/event", msgspec.json.encode(event))
                await asyncio.sleep(0)
            device.delivered()
            lift.delivered()
        await tables.until("SELECT count(*) FROM ledger", 800)
    assert await tables.one("SELECT count(*) FROM reading") == 800
    assert await tables.one("SELECT count(*) FROM device_event") == 400
    for rule in ("warm", "button"):
        rows = await tables.rows("SELECT value FROM signal WHERE rule_code = %s AND NOT pulse ORDER BY id", rule)
        truths = [row[0] for row in rows]
        assert truths == [n % 2 == 0 for n in range(len(truths))]
    # However far the two were out of step: the newest reading is warm, and that is known in the end; and the button was
    # heard, as a begin, or as one whose end had come before it.
    assert await tables.one("SELECT value FROM predicate_state WHERE rule_code = 'warm'")
    assert await tables.one("SELECT count(*) FROM signal WHERE rule_code = 'button' AND value")


async def test_a_wrong_password_is_one_sentence(dsn: str, broker: PrivateBroker) -> None:
    await world.build(dsn)
    wrong = dataclasses.replace(config(dsn, broker), mqtt_password="wrong")
    with structlog.testing.capture_logs() as lines:
        async with ingesting(wrong):
            await eventually(lambda: _said(lines, "no broker"))
    reasons = [line["reason"] for line in lines if line["event"].startswith("no broker")]
    assert len(reasons) == 1
    assert reasons[0].endswith("does not let us in: Not authorized")


async def _said(lines: Sequence[Mapping[str, object]], text: str) -> bool:
    return any(str(line["event"]).startswith(text) for line in lines)


async def test_what_an_edge_says_of_its_load_is_kept_the_latest_only(place: PrivateBroker, tables: Tables) -> None:
    calm = EdgeLoad(NOW, 0, 1.0, 1.0, 500, 0, 0)
    busy = EdgeLoad(NOW - timedelta(seconds=60), 2, 2.0, 1.0, 500, 3, 12)
    with speaking(place, "edge.box", "mc/v1/edge/box/ack") as edge:
        edge.say(UP, batch(busy))
        await tables.until("SELECT count(*) FROM edge_load WHERE step = 2", 1)
        edge.say(UP, batch(calm, busy, first=2))
        await eventually(lambda: _answered(edge, {1, 2, 3}))
    rows = await tables.rows("SELECT code, step, missed FROM edge_load JOIN edge ON edge.id = edge_id")
    assert rows == [("box", 0, 0)]
