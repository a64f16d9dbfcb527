"""A kitchen's own broker and the messages of its devices: what a relaying edge meets, for `mingchu bench relay`."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from domain.topic import Channel, DeviceTopic
from domain.wire import Telemetry
from mingchu import broker as brokers
from mingchu.account import Account
from mingchu.bench.process import BenchError, child, until

SITE, DEVICES = "bench-site", 20
_UNDER_WAY = 2000
_CONFIGURATION = """\
listener {port} 127.0.0.1
allow_anonymous true
max_queued_messages 0
max_inflight_messages 0
set_tcp_nodelay true
log_dest stderr
log_type error
"""


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a device."""

    topic: str
    payload: bytes


def told(messages: int) -> list[Said]:
    """What DEVICES cold rooms say within a day, one after the other; all of it over since more than ten minutes."""
    step = timedelta(hours=23, minutes=30) / messages
    begin = datetime.now(UTC) - timedelta(hours=23, minutes=45)
    return [_said(number, begin + number * step) for number in range(messages)]


def code(device: int) -> str:
    """A device's code by its number."""
    return f"cold-{device}"


def _said(number: int, at: datetime) -> Said:
    device, seq = number % DEVICES, number // DEVICES
    values: dict[str, float | bool] = {"air_temp": -20 + seq % 40 / 10, "humidity": 80.0, "door_open": False}
    topic = str(DeviceTopic(SITE, code(device), Channel.TELEMETRY))
    return Said(topic, msgspec.json.encode(Telemetry(at, values, seq)))


@contextmanager
def site_broker(root: Path) -> Iterator[str]:
    """A mosquitto as a kitchen may have it; yields its address."""
    account, port = Account.find(), brokers.free_port()
    file = account.file(account.directory(root / "site") / "mosquitto.conf", _CONFIGURATION.format(port=port))
    program = brokers.Broker(root / "site", port, port, account)
    command = (*program.command()[:-1], str(file))
    with child(command, root / "site.log"):
        until(program.answers, "the site's broker does not answer")
        yield f"mqtt://127.0.0.1:{port}"


def publish(url: str, messages: Sequence[Said], user: str = "", password: str = "") -> float:
    """Say all at QoS 1 as fast as paho can; seconds until the broker has acknowledged the last. Raises BenchError."""
    room = threading.Semaphore(_UNDER_WAY)  # paho counts its messages with 16 bits: more of them would overwrite others
    client = Client(CallbackAPIVersion.VERSION2, client_id=user, protocol=MQTTv5)
    if user:
        client.username_pw_set(user, password)
    client.max_inflight_messages_set(1000)
    client.on_publish = lambda *_: room.release()
    host, port = url.removeprefix("mqtt://").split(":")
    client.connect(host, int(port))
    client.loop_start()
    began = time.monotonic()
    for one in messages:
        _acquire(room)
        client.publish(one.topic, one.payload, qos=1)
    for _ in range(_UNDER_WAY):
        _acquire(room)
    spent = time.monotonic() - began
    client.disconnect()
    client.loop_stop()
    return spent


def _acquire(room: threading.Semaphore) -> None:
    if not room.acquire(timeout=60):
        raise BenchError("the broker does not take the messages")
