"""Simulated devices against a real broker: what was acknowledged is in the ledger, and arrived."""

import asyncio
import base64
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from domain.wire import DeviceEvent, Telemetry, Transaction
from simulators import scenario, scenario_file
from simulators.placing import told_out
from tests.servers import PATIENCE_S, PrivateBroker, wait_for

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
    sent = [json.loads(line) for line in (tmp_path / "sent.jsonl").read_text().splitlines()]
    noted = {(line["topic"], base64.b64decode(line["payload"])) for line in sent}
    wait_for(lambda: noted <= {(message.topic, message.payload) for message in list(heard)})
    listener.disconnect()
    listener.loop_stop()

    assert len(sent) >= 6
    for topic, payload in noted:
        msgspec.json.decode(payload, type=TYPES[topic.rsplit("/", 1)[1]])
    truth = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_text().splitlines()]
    assert [(line["what"], line.get("name")) for line in truth] == [
        ("start", None),
        ("fault_began", "cover-opened"),
        ("fault_ended", "cover-opened"),
    ]
    events = [message for message in heard if message.topic.endswith("/event")]
    assert [msgspec.json.decode(event.payload, type=DeviceEvent).phase for event in events] == ["begin", "end"]


CUT = """
name = "cut"
zh = ""
en = ""
duration_s = 6
repeat_s = 6
[[device]]
kind = "elevator"
site = "s"
code = "lift"
every_s = 0.5
[[switch]]
at = 1
for_s = 3
sites = ["s"]
"""


def test_behind_a_dead_switch_the_broker_tells_the_will_and_later_everything_arrives_once(
    broker: PrivateBroker, tmp_path: Path
) -> None:
    (tmp_path / "cut.toml").write_text(CUT)
    secrets = dict([broker.add_device("s", "lift")])
    heard: list[MQTTMessage] = []
    listener = listen(broker, heard)
    played = told_out(scenario_file.load(tmp_path / "cut.toml"))
    config = scenario.ScenarioConfig(played, broker.url("s.lift"), secrets, 0, "", "", tmp_path)
    asyncio.run(play(config, 8))
    listener.disconnect()
    listener.loop_stop()
    states = [json.loads(message.payload)["online"] for message in heard if message.topic.endswith("/state")]
    assert states[:2] == [True, False]
    stamps = [json.loads(message.payload)["ts"] for message in heard if message.topic.endswith("/telemetry")]
    assert stamps == sorted(set(stamps))
    assert len(stamps) >= 12
    truth = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_text().splitlines()]
    assert [line["what"] for line in truth if line.get("name") == "cut-off"] == ["fault_began", "fault_ended"]


def test_a_device_alone_speaks_to_anybodys_broker_by_command(broker: PrivateBroker, tmp_path: Path) -> None:
    user, secret = broker.add_device("s", "lift")
    heard: list[MQTTMessage] = []
    listener = listen(broker, heard)
    command = [sys.executable, "-m", "mingchu", "simulate", "device", "elevator", "--site", "s", "--code", "lift"]
    command += ["--broker", broker.url(user), "--user", user, "--every", "0.5", "--fault", "alarm-button@1:1"]
    environment = {**os.environ, "MINGCHU_DEVICE_PASSWORD": secret, "MINGCHU_DATA_DIR": str(tmp_path)}
    with subprocess.Popen([*command, "--out", str(tmp_path / "sent.jsonl")], env=environment) as process:
        wait_for(lambda: any(message.topic.endswith("/event") for message in heard))
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=PATIENCE_S) == 0
    listener.disconnect()
    listener.loop_stop()
    acknowledged = [json.loads(line)["topic"] for line in (tmp_path / "sent.jsonl").read_text().splitlines()]
    assert {"mc/v1/s/lift/telemetry", "mc/v1/s/lift/event"} <= set(acknowledged)


def test_a_device_that_cannot_be_is_refused_with_one_sentence() -> None:
    command = [sys.executable, "-m", "mingchu", "simulate", "device", "elevator", "--fault", "flood@1:1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 2
    assert "no fault 'flood'" in done.stderr
    assert "Traceback" not in done.stderr
