"""What it costs to read a message: native, a vendor's JSON, Sparkplug; and to tell the broker its users."""

import subprocess
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import psutil

from domain import credential
from ingest import clock, reader
from ingest.library import profiles
from ingest.message import Message
from ingest.roster import Roster, build
from ingest.sparkplug_payload import Payload
from mingchu import broker as brokers
from mingchu.account import Account
from mingchu.bench.figure import Figure
from store.roster import DeviceRow, MetricRow, RosterRows

_DEVICES = {
    "native": "cold-store",
    "json": "cold-store-modbus-json",
    "gateway": "gateway-sparkplug",
    "sparkplug": "cold-store-sparkplug",
}
_VALUES = {"air_temp": -18.3, "set_point": -18.0, "door_open": False, "compressor": True}
_ROUNDS = 5


def measure(count: int, users: int) -> dict[str, Figure]:
    """CPU time of reading `count` messages of four values each, the best of some rounds, without the database."""
    roster, now = _roster(), datetime.now(UTC)
    native = _cost([_native(now + timedelta(milliseconds=n), n) for n in range(count)], roster)
    mapped = _cost([_json(now + timedelta(milliseconds=n), n) for n in range(count)], roster)
    spoken = _cost([_birth(now), *(_data(now + timedelta(milliseconds=n), n) for n in range(count))], roster)
    return {
        "a native message": Figure(native, "µs CPU"),
        "a vendor's JSON, mapped": Figure(mapped, "µs CPU", limit=native, bar=8 * native),
        "a Sparkplug message": Figure(spoken, "µs CPU", limit=native, bar=8 * native),
        f"the broker rereads {users} users": Figure(_reload(users), "s CPU", bar=users / 10_000 * 2),
    }


def _roster() -> Roster:
    bodies = [one for one in profiles() if one.code in _DEVICES.values()]
    metrics = [(one.code, metric.name) for one in bodies for metric in one.metrics]
    return build(
        RosterRows(
            devices=[DeviceRow(n, "s", code, known, True) for n, (code, known) in enumerate(_DEVICES.items(), 1)],
            edges=[],
            cameras=[],
            metrics=[MetricRow(n, profile, name) for n, (profile, name) in enumerate(metrics, 1)],
            profiles=[msgspec.json.encode(one).decode() for one in bodies],
            rules=[],
        )
    )


def _cost(messages: Sequence[Message], roster: Roster) -> float:
    """µs of CPU a message, in batches as ingest takes them."""
    best = float("inf")
    for _ in range(_ROUNDS):
        nodes, began = None, time.process_time()
        for start in range(0, len(messages), 1000):
            landing = reader.read(messages[start : start + 1000], roster, nodes)
            nodes = landing.nodes
            assert not landing.dead
        best = min(best, (time.process_time() - began) / len(messages) * 1e6)
    return best


def _message(topic: str, payload: bytes) -> Message:
    return Message(topic, payload, clock.now())


def _native(at: datetime, number: int) -> Message:
    return _message("mc/v1/s/native/telemetry", msgspec.json.encode({"ts": at, "seq": number, "values": _VALUES}))


def _json(at: datetime, number: int) -> Message:
    points = [{"tag": "T1", "v": -183, "q": 0}, {"tag": "SP", "v": -180, "q": 0}, {"tag": "DI", "v": 2, "q": 0}]
    body: dict[str, Any] = {"ts": int(at.timestamp() * 1000), "pkt": number, "points": points}
    return _message("mx/v1/s/json/gw/G1/data", msgspec.json.encode(body))


def _birth(at: datetime) -> Message:
    payload = Payload(timestamp=int(at.timestamp() * 1000), seq=0)
    for alias, name in enumerate(("Room/Air Temperature", "Room/Set Point", "Door/Open", "Compressor/Running"), 1):
        payload.metrics.add(name=name, alias=alias, datatype=9, float_value=0.0)
    return _message("spBv1.0/s/DBIRTH/gateway/sparkplug", payload.SerializeToString())


def _data(at: datetime, number: int) -> Message:
    payload = Payload(timestamp=int(at.timestamp() * 1000), seq=(number + 1) % 256)
    for alias, value in enumerate(_VALUES.values(), 1):
        payload.metrics.add(alias=alias, float_value=value)
    return _message("spBv1.0/s/DDATA/gateway/sparkplug", payload.SerializeToString())


def _reload(users: int) -> float:
    """CPU seconds of a broker that rereads its users at SIGHUP."""
    with tempfile.TemporaryDirectory(prefix="mingchu-bench-") as directory:
        root = Path(directory)
        root.chmod(0o711)
        broker = brokers.prepare(root, Account.find(), brokers.free_port(), brokers.free_port())
        hashed = credential.protect("secret")
        broker.write("secret", [brokers.device("s", f"d{n}", hashed) for n in range(users)])
        process = subprocess.Popen(broker.command(), cwd="/", stderr=subprocess.DEVNULL)
        try:
            while not broker.answers():
                time.sleep(0.05)
            return _reread(broker, process.pid)
        finally:
            process.terminate()
            process.wait()


def _reread(broker: brokers.Broker, pid: int) -> float:
    seen = psutil.Process(pid)
    before = sum(seen.cpu_times()[:2])
    broker.reload(pid)
    time.sleep(0.2)
    spent = -1.0
    while (now := sum(seen.cpu_times()[:2])) != spent:  # it is through when it uses no more
        spent = now
        time.sleep(0.5)
    return float(spent - before)
