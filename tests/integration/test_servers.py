"""The private servers: what the embedded database and the generated broker configuration let through."""

import queue
import signal
from urllib.parse import urlsplit

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from mingchu import broker as brokers
from store.connection import ServiceRole, connect
from tests.servers import PATIENCE_S, PrivateBroker, wait_for


class Party:
    """One MQTT client that remembers what it hears."""

    def __init__(self, broker: PrivateBroker, user: str, *, client_id: str = "", secret: str | None = None) -> None:
        self.heard: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.refused: list[ReasonCode] = []
        self.client = Client(CallbackAPIVersion.VERSION2, client_id, protocol=MQTTProtocolVersion.MQTTv5)
        self.client.username_pw_set(user, broker.secret(user) if secret is None else secret)
        self.client.on_message = self._on_message
        self.client.on_connect = self._on_connect
        place = urlsplit(broker.url(user))
        self.client.connect(str(place.hostname), int(place.port or 1883))
        self.client.loop_start()
        wait_for(lambda: self.client.is_connected() or bool(self.refused))

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self.heard.put((message.topic, bytes(message.payload)))

    def _on_connect(
        self, client: Client, _data: object, _flags: object, code: ReasonCode, _properties: Properties | None
    ) -> None:
        if code.is_failure:
            self.refused.append(code)
            client.disconnect()

    def says(self, topic: str, text: str) -> None:
        self.client.publish(topic, text, qos=1).wait_for_publish(PATIENCE_S)

    def listens(self, topic: str) -> None:
        done: queue.Queue[None] = queue.Queue()
        self.client.on_subscribe = lambda *_: done.put(None)
        self.client.subscribe(topic, qos=1)
        done.get(timeout=PATIENCE_S)

    def hears(self) -> tuple[str, bytes]:
        return self.heard.get(timeout=PATIENCE_S)

    def leaves(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


async def test_a_fresh_database_is_migrated_and_takes_the_services_roles(dsn: str) -> None:
    connection = await connect(dsn, ServiceRole.API)
    rows = await (await connection.execute("SELECT current_user, count(*) FROM alert")).fetchall()
    assert rows == [(ServiceRole.API, 0)]
    await connection.close()


def test_a_device_speaks_below_its_own_topic_only(broker: PrivateBroker) -> None:
    user, _ = broker.add_device("market", "scale-1")
    worker, device = Party(broker, brokers.SERVICE), Party(broker, user)
    worker.listens("$share/ingest/mc/v1/#")
    for topic in ("mc/v1/market/scale-2/telemetry", "mc/v1/market/scale-1/ack", "mc/v1/edge/scale-1/up", "$SYS/x"):
        device.says(topic, "not mine")
    device.says("mc/v1/market/scale-1/telemetry", "mine")
    assert worker.hears() == ("mc/v1/market/scale-1/telemetry", b"mine")
    device.listens("#")
    device.says("mc/v1/market/scale-1/event", "again")
    assert worker.hears() == ("mc/v1/market/scale-1/event", b"again")
    assert device.heard.empty()


def test_an_edge_hears_its_own_acknowledgement_and_configuration(broker: PrivateBroker) -> None:
    one, other = (Party(broker, broker.add_edge(code)[0]) for code in ("edge-1", "edge-2"))
    worker = Party(broker, brokers.SERVICE)
    for edge in (one, other):
        edge.listens("mc/v1/edge/+/ack")
    worker.listens("mc/v1/#")
    worker.says("mc/v1/edge/edge-1/ack", "1")
    worker.says("mc/v1/edge/edge-2/ack", "2")
    assert (one.hears(), other.hears()) == (("mc/v1/edge/edge-1/ack", b"1"), ("mc/v1/edge/edge-2/ack", b"2"))
    assert one.heard.empty()
    assert other.heard.empty()


@pytest.mark.parametrize("user", ["", "#", "market.scale-9", brokers.SERVICE])
def test_strangers_and_wrong_passwords_are_refused(broker: PrivateBroker, user: str) -> None:
    party = Party(broker, user, secret="guess")
    assert [str(code) for code in party.refused] == ["Not authorized"]


def test_a_device_cannot_take_over_the_session_of_a_service(broker: PrivateBroker) -> None:
    worker = Party(broker, brokers.SERVICE, client_id="ingest-1")
    worker.listens("mc/v1/#")
    thief = Party(broker, broker.add_device("market", "scale-1")[0], client_id="ingest-1")
    thief.says("mc/v1/market/scale-1/state", "hello")
    assert worker.hears() == ("mc/v1/market/scale-1/state", b"hello")
    assert worker.client.is_connected()


def test_what_was_saved_survives_a_restart(broker: PrivateBroker) -> None:
    worker = Party(broker, brokers.SERVICE)
    worker.client.publish("mc/v1/edge/edge-1/down", "configuration", qos=1, retain=True).wait_for_publish(PATIENCE_S)
    worker.leaves()
    broker.stop(signal.SIGTERM)
    broker.start()
    edge = Party(broker, broker.add_edge("edge-1")[0])
    edge.listens("mc/v1/edge/edge-1/down")
    assert edge.hears() == ("mc/v1/edge/edge-1/down", b"configuration")
