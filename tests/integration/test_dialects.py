"""Foreign messages through a real broker into the tables: a vendor's JSON, and Sparkplug with its births."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from ingest.sparkplug_payload import Payload
from store import registry
from store.connection import connect
from tests.ingest_world import Tables, ago, attended, batch, build, config, ingesting, speaking, users
from tests.servers import PrivateBroker, wait_for

ADDED = {
    ("hall", "modbus"): "cold-store-modbus-json",
    ("hall", "gw"): "gateway-sparkplug",
    ("hall", "room"): "cold-store-sparkplug",
    ("market", "yuan"): "scale-yuan-gbk",
}
NOW = 0  # milliseconds, set for each test


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the test, not of the import: an old reading is history, and no rule's affair."""
    monkeypatch.setitem(globals(), "NOW", int(datetime.now(UTC).timestamp() * 1000))


@pytest.fixture
async def tables(dsn: str, broker: PrivateBroker) -> Tables:
    """The small district with foreign devices; the room stands behind the gateway and has no login."""
    await build(dsn)
    async with await connect(dsn, autocommit=True) as connection:
        for (site, code), profile in ADDED.items():
            hashed = None if code == "room" else "secret"
            await registry.put_device(connection, registry.NewDevice(site, code, profile, code, code, hashed))
    users(broker)
    broker.add_device("hall", "modbus", foreign=True)
    broker.add_device("market", "yuan", foreign=True)
    broker.add_device("hall", "gw", sparkplug=True)
    return Tables(dsn)


def poll(temperature: int, packet: int) -> bytes:
    points = [{"tag": "T1", "v": temperature, "q": 0}, {"tag": "DI", "v": 1, "q": 0}, {"tag": "XX", "v": 1, "q": 0}]
    return msgspec.json.encode({"ts": NOW + packet, "pkt": packet, "points": points})


async def value(tables: Tables, code: str, metric: str) -> Any:
    return await tables.one(
        "SELECT value FROM reading_latest JOIN device ON device.id = device_id JOIN metric ON metric.id = metric_id"
        " WHERE device.code = %s AND metric.name = %s",
        code,
        metric,
    )


async def test_a_vendors_json_lands_once_and_rules_of_its_base_see_it(
    dsn: str, broker: PrivateBroker, tables: Tables
) -> None:
    async with ingesting(config(dsn, broker)):
        await attended(broker)
        with speaking(broker, "hall.modbus") as device:
            topic = "mx/v1/hall/modbus/gw/G1/data"
            for message in (poll(-100, 1), poll(-100, 1), b"{", poll(-101, 2)):
                device.say(topic, message)
            device.say("mx/v1/hall/cold/gw/G1/data", poll(0, 3))  # another's prefix: the broker does not carry it
            device.delivered()
        await tables.until("SELECT count(*) FROM ledger", 2)
        await tables.until("SELECT count(*) FROM dead_letter", 2)
    assert await value(tables, "modbus", "air_temp") == -10.1
    assert await value(tables, "modbus", "door_open") == 1.0
    reasons = {str(row[0]).partition(":")[0] for row in await tables.rows("SELECT reason FROM dead_letter")}
    assert reasons == {"not JSON", "profile cold-store-modbus-json does not read XX"}
    assert await tables.rows("SELECT rule_code, value FROM signal") == [("warm", True)]


async def test_a_sale_in_yuan_and_gbk_is_in_fen_and_in_chinese(dsn: str, broker: PrivateBroker, tables: Tables) -> None:
    local = datetime.now(UTC).timestamp() + 8 * 3600
    when = f"{datetime.fromtimestamp(local, UTC):%Y%m%d%H%M%S}"
    sale = {"XH": "S-1", "LSH": 1, "SPMC": "猪肉", "MZ": 1.25, "PZ": 0.01, "JZ": 1.24, "DJ": 36.0, "JE": 44.64}
    text = msgspec.json.encode({**sale, "SJ": when, "ZF": 1}).decode().encode("gbk")
    async with ingesting(config(dsn, broker)):
        await attended(broker)
        with speaking(broker, "market.yuan") as scale:
            scale.say("mx/v1/market/yuan/jy", text)
            scale.delivered()
        await tables.until("SELECT count(*) FROM transaction", 1)
    (row,) = await tables.rows("SELECT product, net_g, unit_price, amount, pay FROM transaction")
    assert (row[0], *map(float, row[1:4]), row[4]) == ("猪肉", 1240.0, 3600.0, 4464.0, "wechat")


async def test_an_edge_relays_a_vendors_own_message(dsn: str, broker: PrivateBroker, tables: Tables) -> None:
    relayed = {"kind": "relayed", "topic": "mx/v1/hall/modbus/gw/G1/data", "payload": poll(-183, 5), "heard": ago()}
    async with ingesting(config(dsn, broker)):
        await attended(broker)
        with speaking(broker, "edge.box", "mc/v1/edge/box/ack") as edge:
            edge.say("mc/v1/edge/box/up", batch(relayed))
            edge.delivered()
            await tables.until("SELECT count(*) FROM ledger", 1)
            await asyncio.to_thread(wait_for, lambda: bool(edge.heard))
    assert await value(tables, "modbus", "air_temp") == pytest.approx(-18.3)


def metrics(*made: dict[str, Any], seq: int | None, after: int = 0) -> bytes:
    payload = Payload(timestamp=NOW + after) if seq is None else Payload(timestamp=NOW + after, seq=seq)
    for metric in made:
        payload.metrics.add(**metric)
    encoded: bytes = payload.SerializeToString()
    return encoded


SESSION = {"name": "bdSeq", "datatype": 8, "long_value": 1}
AIR = {"name": "Room/Air Temperature", "alias": 1, "datatype": 9, "float_value": -18.5}


async def test_sparkplug_births_data_and_deaths(dsn: str, broker: PrivateBroker, tables: Tables) -> None:
    with speaking(broker, "hall.gw", "spBv1.0/hall/NCMD/gw") as node:
        async with ingesting(config(dsn, broker)):
            await attended(broker)
            node.say("spBv1.0/hall/DDATA/gw/room", metrics({"alias": 1, "float_value": -1.0}, seq=9))
            await tables.until("SELECT count(*) FROM dead_letter WHERE reason LIKE 'no BIRTH of hall/gw/room%%'", 1)
            await asyncio.to_thread(wait_for, lambda: bool(node.heard))
            assert Payload.FromString(node.heard[0].payload).metrics[0].name == "Node Control/Rebirth"
            node.say("spBv1.0/hall/NBIRTH/gw", metrics(SESSION, seq=0))
            node.say("spBv1.0/hall/DBIRTH/gw/room", metrics(AIR, seq=1))
            node.say("spBv1.0/hall/DDATA/gw/room", metrics({"alias": 1, "float_value": -17.5}, seq=2, after=1000))
            await tables.until("SELECT count(*) FROM ledger", 2)
            await tables.until("SELECT count(*) FROM device WHERE online AND code IN ('gw', 'room')", 2)
        # The worker, after a restart, knows the births that were stored.
        async with ingesting(config(dsn, broker)):
            await attended(broker)
            node.say("spBv1.0/hall/DDATA/gw/room", metrics({"alias": 1, "float_value": -16.5}, seq=3, after=2000))
            await tables.until("SELECT count(*) FROM ledger", 3)
            node.say("spBv1.0/hall/NDEATH/gw", metrics(SESSION, seq=None, after=3000))
            await tables.until("SELECT count(*) FROM device WHERE online AND code IN ('gw', 'room')", 0)
    assert await value(tables, "room", "air_temp") == -16.5
    assert await tables.one("SELECT count(*) FROM sparkplug_birth") == 2


async def test_a_gateway_speaks_for_sparkplug_devices_of_its_site_only(
    dsn: str, broker: PrivateBroker, tables: Tables
) -> None:
    with speaking(broker, "hall.gw") as node:
        async with ingesting(config(dsn, broker)):
            await attended(broker)
            for device in ("cold", "nobody"):
                node.say(f"spBv1.0/hall/DBIRTH/gw/{device}", metrics(AIR, seq=1))
            node.say("spBv1.0/market/DBIRTH/gw/scale", metrics(AIR, seq=1))  # the broker does not carry it
            node.delivered()
            await tables.until("SELECT count(*) FROM dead_letter", 2)
    reasons = {str(row[0]) for row in await tables.rows("SELECT reason FROM dead_letter")}
    assert reasons == {
        "device cold at site hall does not speak through a gateway",
        "no device nobody is registered at site hall",
    }


async def test_a_message_is_traced_to_the_profiles_version(dsn: str, broker: PrivateBroker, tables: Tables) -> None:
    async with ingesting(config(dsn, broker)):
        await attended(broker)
        with speaking(broker, "hall.modbus") as device:
            device.say("mx/v1/hall/modbus/gw/G1/data", poll(-183, 1))
            await tables.until("SELECT count(*) FROM ledger", 1)
    versions = "INSERT INTO device_profile_version (code, version, body) VALUES ('cold-store-modbus-json', 9, '{}')"
    await tables.rows(f"{versions} RETURNING 1")
    found = await tables.rows("SELECT profile_code, version FROM message_profile")
    assert found == [("cold-store-modbus-json", 1)]
