"""Simulated cameras and an edge that watches them, as processes of their own whose cost can be read from outside."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import psutil
from paho.mqtt import publish

from domain import credential
from domain.camera import Camera, EdgeConfig, Zone
from domain.scene import Scene
from domain.topic import Channel, EdgeTopic
from domain.wire import EdgeDown
from mingchu import broker as brokers
from mingchu.account import Account
from mingchu.bench.process import checkout, child, until

EDGE, CAMERA = "bench", "cam"
SCENES = (Scene.PHONE, Scene.PEST, Scene.FIRE_UNATTENDED, Scene.INTRUSION)
SHIPPED = (sys.executable, "-m", "mingchu", "edge")


@dataclass(frozen=True, slots=True)
class Watched:
    """The edge's process and what it logs, and its broker with the services' secret."""

    process: psutil.Popen
    broker: brokers.Broker
    secret: str
    log: Path

    def configure(self, urls: Sequence[str], version: int) -> None:
        """Have it watch these cameras; ready once it has reached them all."""
        before = self.log.read_text(encoding="utf-8").count("camera connected")
        _configure(self.broker, self.secret, urls, version)
        cameras = len(urls) - before
        until(lambda: self._connected() >= before + cameras, "the edge does not reach its cameras")

    def counters(self) -> list[dict[str, Any]]:
        """What it has reported so far, every ten seconds."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [msgspec.json.decode(line) for line in lines if '"event": "counters"' in line]

    def _connected(self) -> int:
        return self.log.read_text(encoding="utf-8").count("camera connected")


@contextmanager
def camera(clip: Path, root: Path) -> Iterator[str]:
    """A camera that plays the clip in a loop; yields its address."""
    with cameras(clip, root, 1) as (url,):
        yield url


@contextmanager
def cameras(clip: Path, root: Path, count: int) -> Iterator[list[str]]:
    """So many cameras that play the clip in a loop; yields their addresses."""
    port = brokers.free_port()
    files = (str(clip.absolute()), "--copies", str(count))
    command = (sys.executable, "-m", "simulators.rtsp", "--port", str(port), *files)
    names = [clip.stem] if count == 1 else [f"{clip.stem}-{n + 1}" for n in range(count)]
    with child(command, root / f"{clip.stem}-{port}.log", PYTHONPATH=checkout()):
        yield [f"rtsp://127.0.0.1:{port}/{name}" for name in names]


@contextmanager
def watched(root: Path, *urls: str, command: Sequence[str] = SHIPPED) -> Iterator[Watched]:
    """The agent, told by a retained message of the cameras that it has; ready once it is connected to them."""
    broker = brokers.prepare(root, Account.find(), brokers.free_port(), brokers.free_port())
    service, secret = credential.generate(), credential.generate()
    broker.write(service, [brokers.edge(EDGE, credential.protect(secret))])
    with child(broker.command(), root / "mosquitto.log"):
        until(broker.answers, "the broker does not answer")
        _configure(broker, service, urls, 1)
        log = root / "edge.log"
        settings = {
            "MINGCHU_DATA_DIR": str(root),
            "MINGCHU_MQTT_URL": broker.url,
            "MINGCHU_EDGE": EDGE,
            "MINGCHU_CAMERA_NETWORKS": "127.0.0.0/8",
            "MINGCHU_EDGE_SECRET": secret,
        }
        with child(command, log, PYTHONPATH=checkout(), **settings) as process:
            edge = Watched(process, broker, service, log)
            until(lambda: edge._connected() >= len(urls), "the edge does not reach its camera")
            yield edge


def _configure(broker: brokers.Broker, service: str, urls: Sequence[str], version: int) -> None:
    publish.single(
        str(EdgeTopic(EDGE, Channel.DOWN)),
        msgspec.json.encode(EdgeDown(EdgeConfig(version, tuple(map(_watched, range(len(urls)), urls))))),
        qos=1,
        retain=True,
        port=broker.service_port,
        auth={"username": brokers.SERVICE, "password": service},
    )


def _watched(number: int, url: str) -> Camera:
    whole = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    code = CAMERA if number == 0 else f"{CAMERA}-{number + 1}"
    return Camera(code, "site", url, (Zone("all", "全部", "all", whole, SCENES),))
