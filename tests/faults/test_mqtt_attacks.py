"""Attacks over MQTT (PROMISES S4): whoever has a device's password can do no more than speak as that device."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
import structlog
from paho.mqtt import MQTTException, publish
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from domain import code
from domain.wire import Relayed
from ingest import clock
from tests import ingest_world as world
from tests.ingest_world import Tables, ago, batch, config, eventually, ingesting, speaking, telemetry
from tests.servers import PrivateBroker, wait_for

COLD, LIFT = "mc/v1/hall/cold", "mc/v1/hall/lift"


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


class Attacker:
    """An MQTT client that chooses its client id, and notes what it hears and how it is answered."""

    def __init__(self, broker: PrivateBroker, user: str, secret: str, client_id: str = "") -> None:
        self.heard: list[MQTTMessage] = []
        self.answers: list[str] = []
        self.cut = 0
        self.client = Client(CallbackAPIVersion.VERSION2, client_id, protocol=MQTTProtocolVersion.MQTTv5)
        self.client.username_pw_set(user, secret)
        self.client.on_connect = self._connected
        self.client.on_disconnect = self._disconnected
        self.client.on_message = lambda _c, _u, message: self.heard.append(message)
        self.client.on_subscribe = lambda _c, _u, _m, reasons, _p: self.answers.extend(map(str, reasons))
        self.client.on_publish = lambda _c, _u, _m, reason, _p: self.answers.append(str(reason))
        self.client.connect("127.0.0.1", urlsplit(broker.url("devices")).port or 0)
        self.client.loop_start()
        wait_for(lambda: bool(self.answers))

    def _connected(self, _c: Client, _u: Any, _f: Any, reason: Any, _p: Any) -> None:
        self.answers.append(str(reason))

    def _disconnected(self, *_: Any) -> None:
        self.cut += 1

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


async def landed(place: PrivateBroker, tables: Tables) -> None:
    """Whatever was said before is landed by now, if it ever is."""
    with speaking(place, "market.scale") as scale:
        scale.say("mc/v1/market/scale/telemetry", telemetry(battery=55.0))
        scale.delivered()
    await tables.until("SELECT count(*) FROM reading WHERE value = 55", 1)


async def test_anothers_topic(place: PrivateBroker, tables: Tables) -> None:
    with speaking(place, "edge.box", "mc/v1/edge/box/down") as edge:
        await eventually(lambda: _any(edge.heard))
        before = len(edge.heard)
        attacker = Attacker(place, "hall.cold", place.secret("hall.cold"))
        topics = (f"{LIFT}/telemetry", "mc/v1/edge/box/up", "mc/v1/edge/box/down", f"{COLD}/sub/x", "$SYS/x")
        for topic in topics:
            attacker.client.publish(topic, telemetry(car_speed=1.0), qos=1).wait_for_publish(10)
        await landed(place, tables)
        attacker.close()
        assert attacker.answers == ["Success", *["Not authorized"] * len(topics)]
        assert len(edge.heard) == before
    assert await tables.one("SELECT count(*) FROM ledger") == 1
    assert await tables.one("SELECT count(*) FROM dead_letter") == 0


async def _any(things: list[Any]) -> bool:
    return bool(things)


async def test_listening_to_others(place: PrivateBroker, tables: Tables) -> None:
    attacker = Attacker(place, "hall.cold", place.secret("hall.cold"))
    for topic in ("#", "+/#", "$SYS/#", "mc/v1/+/+/telemetry", "$share/ingest/mc/v1/+/+/telemetry", f"{LIFT}/#"):
        attacker.client.subscribe(topic, qos=1)
    await asyncio.to_thread(wait_for, lambda: len(attacker.answers) >= 7)
    with speaking(place, "hall.lift") as lift:
        for n in range(20):
            lift.say(f"{LIFT}/telemetry", telemetry(seq=n, car_speed=1.0))
        lift.delivered()
    await tables.until("SELECT count(*) FROM ledger WHERE seq < 20", 20)  # none went to the attacker instead
    attacker.close()
    assert attacker.heard == []


@pytest.mark.parametrize("name", ["#", "+", "hall.#", "$SYS", "hall.nobody", "mingchu"])
def test_names_that_are_patterns_and_strangers(broker: PrivateBroker, name: str) -> None:
    """The services' own user has no password where the devices connect."""
    attacker = Attacker(broker, name, broker.secret())
    attacker.close()
    assert attacker.answers[0] == "Not authorized"


def test_nobody_comes_without_a_name(broker: PrivateBroker) -> None:
    """Anonymous, to devices' and to services' door (PROMISES S8); who has a name and a secret comes in by the first."""
    name, secret = broker.add_device("hall", "door")
    for port in (broker.broker.port, broker.broker.service_port):
        with pytest.raises(MQTTException):
            publish.single("probe", port=port)
    assert broker.lets_in(name, secret)


@pytest.mark.parametrize("name", ["#", "+", "a/b", "$sys", "a.b", ""])
def test_patterns_are_no_codes(name: str) -> None:
    with pytest.raises(code.BadCodeError):
        code.check(name)


async def test_taking_over_a_client_id(place: PrivateBroker, tables: Tables) -> None:
    """A device's client id is its user name whatever it asks for, so that nobody else is thrown out."""
    lift = Attacker(place, "hall.lift", place.secret("hall.lift"))
    for victim in ("hall.lift", "mingchu-ingest-test", "edge.box"):
        attacker = Attacker(place, "hall.cold", place.secret("hall.cold"), client_id=victim)
        attacker.client.subscribe("#", qos=1)
        lift.client.publish(f"{LIFT}/telemetry", telemetry(car_speed=1.0), qos=1).wait_for_publish(10)
        attacker.close()
        assert attacker.heard == []
    await landed(place, tables)
    assert await tables.one("SELECT count(*) FROM ledger") == 4
    assert lift.cut == 0
    lift.close()


async def test_speaking_for_another_in_the_body(place: PrivateBroker, tables: Tables) -> None:
    forged = [msgspec.json.encode({"ts": ago(n), "values": {"air_temp": 1}, "device": "lift"}) for n in range(5)]
    with structlog.testing.capture_logs() as lines, speaking(place, "hall.cold") as device:
        for payload in forged:
            device.say(f"{COLD}/telemetry", payload)
        device.delivered()
        await tables.until("SELECT sum(seen)::int FROM dead_letter", 5)
        await landed(place, tables)
    assert sum(line["event"] == "message refused" for line in lines) == 5
    assert await tables.one("SELECT count(*) FROM ledger") == 1
    assert await tables.one("SELECT count(*) FROM device WHERE code IN ('cold', 'lift') AND last_seen IS NOT NULL") == 0


async def test_a_replay_an_hour_later(place: PrivateBroker, tables: Tables) -> None:
    """By the device itself, and by an edge that may relay for it."""
    said = telemetry(ago(3600), air_temp=5.0, defrost=False)
    with speaking(place, "hall.cold") as device, speaking(place, "edge.box") as edge:
        device.say(f"{COLD}/telemetry", said)
        device.delivered()
        await tables.until("SELECT count(*) FROM reading", 2)
        device.say(f"{COLD}/telemetry", said)
        relayed = Relayed(f"{COLD}/telemetry", said, clock.moment(clock.now()))
        edge.say("mc/v1/edge/box/up", batch(relayed))
        device.delivered()
        edge.delivered()
        await landed(place, tables)
    assert await tables.one("SELECT count(*) FROM ledger") == 2
    assert await tables.one("SELECT count(*) FROM reading WHERE value = 5") == 1
    assert await tables.one("SELECT count(*) FROM signal") == 0
