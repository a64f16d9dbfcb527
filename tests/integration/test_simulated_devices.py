"""Simulated devices against a real broker: what was acknowledged is in the ledger, and arrived."""

import asyncio
import base64
import json
from pathlib import Path

import msgspec
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from domain.wire import DeviceEvent, Telemetry, Transaction
from simulators import scenario, scenario_file
from tests.servers import PrivateBroker

SCRIPT = """
name = "small"
zh = ""
en = ""
duration_s = 3
repeat_s = 3
[[device]]
kind = "elevator"
site = "s"
code = "lift"
[[device]]
kind = "scale"
site = "s"
code = "scale"
fault = [{ at = 1, fault = "cover-opened", for_s = 0.5 }]
"""
TYPES = {"telemetry": Telemetry, "event": DeviceEvent, "transaction": Transaction}


def listen(broker: PrivateBroker, heard: list[MQTTMessage]) -> Client:
    client = Client(CallbackAPIVersion.VERSION2)
    client.username_pw_set("mingchu", broker.secret())
    client.on_message = lambda _client, _data, message: heard.append(message)
    client.connect("127.0.0.1", int(broker.url().rsplit(":", 1)[1]))
    client.subscribe("mc/v1/#", qos=1)
    client.loop_start()
    return client


async def play(config: scenario.ScenarioConfig, seconds: float) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, stop.set)
    await scenario.run(config, stop)


def test_every_acknowledged_message_is_noted_and_well_formed(broker: PrivateBroker, tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SCRIPT)
    secrets = dict((broker.add_device("s", "lift"), broker.add_device("s", "scale")))
    heard: list[MQTTMessage] = []
    listener = listen(broker, heard)
    config = scenario.ScenarioConfig(
        scenario_file.load(tmp_path / "small.toml"), broker.url("s.lift"), secrets, 0, "", "", tmp_path
    )
    asyncio.run(play(config, 4))
    listener.disconnect()
    listener.loop_stop()

    sent = [json.loads(line) for line in (tmp_path / "sent.jsonl").read_text().splitlines()]
    arrived = {(message.topic, message.payload) for message in heard}
    assert len(sent) >= 6
    for line in sent:
        payload = base64.b64decode(line["payload"])
        assert (line["topic"], payload) in arrived
        msgspec.json.decode(payload, type=TYPES[line["topic"].rsplit("/", 1)[1]])
    truth = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_text().splitlines()]
    assert [(line["what"], line.get("name")) for line in truth] == [
        ("start", None),
        ("fault_begin", "cover-opened"),
        ("fault_end", "cover-opened"),
    ]
    events = [message for message in heard if message.topic.endswith("/event")]
    assert [msgspec.json.decode(event.payload, type=DeviceEvent).phase for event in events] == ["begin", "end"]
