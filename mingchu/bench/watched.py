"""A simulated camera and an edge that watches it, as processes of their own whose cost can be read from outside."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class Watched:
    """The edge's process, and its broker with the services' secret."""

    process: psutil.Popen
    broker: brokers.Broker
    secret: str


@contextmanager
def camera(clip: Path, root: Path) -> Iterator[str]:
    """A camera that plays the clip in a loop; yields its address."""
    port = brokers.free_port()
    command = (sys.executable, "-m", "simulators.rtsp", "--port", str(port), str(clip.absolute()))
    with child(command, root / "rtsp.log", PYTHONPATH=checkout()):
        yield f"rtsp://127.0.0.1:{port}/{clip.stem}"


@contextmanager
def watched(root: Path, url: str) -> Iterator[Watched]:
    """The agent, told by a retained message of the one camera that it has; ready once it is connected to it."""
    broker = brokers.prepare(root, Account.find(), brokers.free_port(), brokers.free_port())
    service, secret = credential.generate(), credential.generate()
    broker.write(service, [brokers.edge(EDGE, credential.protect(secret))])
    with child(broker.command(), root / "mosquitto.log"):
        until(broker.answers, "the broker does not answer")
        publish.single(
            str(EdgeTopic(EDGE, Channel.DOWN)),
            msgspec.json.encode(EdgeDown(EdgeConfig(1, (_watched(url),)))),
            qos=1,
            retain=True,
            port=broker.service_port,
            auth={"username": brokers.SERVICE, "password": service},
        )
        log = root / "edge.log"
        settings = {
            "MINGCHU_DATA_DIR": str(root),
            "MINGCHU_MQTT_URL": broker.url,
            "MINGCHU_EDGE": EDGE,
            "MINGCHU_EDGE_SECRET": secret,
        }
        command = (sys.executable, "-m", "mingchu", "edge")
        with child(command, log, PYTHONPATH=checkout(), **settings) as process:
            until(lambda: "camera connected" in log.read_text(encoding="utf-8"), "the edge does not reach its camera")
            yield Watched(process, broker, service)


def _watched(url: str) -> Camera:
    whole = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    return Camera(CAMERA, "site", url, (Zone("all", "全部", "all", whole, SCENES),))
