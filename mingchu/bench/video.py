"""`mingchu bench video`: what one watched camera costs while nothing moves, against bare demux and the usual loop.

Three processes watch the same simulated 1080p camera in the same seconds: the edge agent as shipped (inference
included), a bare loop that demuxes and decodes keyframes with PyAV, and the loop that people write: OpenCV's read()
of every frame.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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
from mingchu.bench.figure import Figure
from mingchu.bench.process import checkout, child, until, watch

EDGE = "bench"
WARM_S, WATCH_S = 15.0, 60.0
SCENES = (Scene.PHONE, Scene.PEST, Scene.FIRE_UNATTENDED, Scene.INTRUSION)

# Each prints nothing and ends when it is killed; their CPU time is read from outside.
_BARE = """
import av, sys
with av.open(sys.argv[1], options={"rtsp_transport": "tcp"}, timeout=(5, 5)) as container:
    stream = container.streams.video[0]
    stream.codec_context.skip_frame = "NONKEY"
    for packet in container.demux(stream):
        if packet.is_keyframe:
            packet.decode()
"""
_USUAL = """
import cv2, sys
capture = cv2.VideoCapture(sys.argv[1], cv2.CAP_FFMPEG)
while capture.read()[0]:
    pass
"""


def measure(clip: Path, seconds: float = WATCH_S) -> dict[str, Figure]:
    """Watch `clip` in a loop as one camera for `seconds`; CPU milliseconds per second of video of each process."""
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mingchu-bench-")))
        root.chmod(0o711)
        url = stack.enter_context(_camera(clip, root))
        edge = stack.enter_context(_edge(root, url))
        bare = stack.enter_context(child((sys.executable, "-c", _BARE, url), root / "bare.log"))
        usual = stack.enter_context(child((sys.executable, "-c", _USUAL, url), root / "usual.log"))
        time.sleep(WARM_S)
        spent = watch((edge, bare, usual), seconds)
    cost, limit, loop = (value / seconds * 1000 for value in spent)
    return {
        "idle_camera": Figure(cost, "ms CPU per s of video", limit=limit, bar=60.0),
        "opencv_read_every_frame": Figure(loop, "ms CPU per s of video", limit=limit),
        "usual_loop_over_edge": Figure(loop / cost, "ratio"),
    }


@contextmanager
def _camera(clip: Path, root: Path) -> Iterator[str]:
    port = brokers.free_port()
    command = (sys.executable, "-m", "simulators.rtsp", "--port", str(port), str(clip.absolute()))
    with child(command, root / "rtsp.log", PYTHONPATH=checkout()):
        yield f"rtsp://127.0.0.1:{port}/{clip.stem}"


@contextmanager
def _edge(root: Path, url: str) -> Iterator[psutil.Popen]:
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
            yield process


def _watched(url: str) -> Camera:
    whole = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    return Camera("cam", "site", url, (Zone("all", "全部", "all", whole, SCENES),))
