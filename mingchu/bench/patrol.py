"""`mingchu bench patrol`: how many cameras one edge visits in a minute, what a look costs, and what a camera keeps.

One process serves two clips as hundreds of 1080p25 cameras (moving noise at 4 Mbit/s, and an empty kitchen), which
begin at different places of their clip; a visit waits for the next keyframe, as with a real camera. The edge as
shipped patrols them and analyses every look. All of it runs on the same two cores. The bare limit of a look is that of
`av.open`, the first keyframe decoded, and the detector's raw `session.run`, on the same cameras.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import psutil
from paho.mqtt import publish

from domain import credential
from domain.camera import Camera, EdgeConfig, Mode, Zone
from domain.scene import Scene
from domain.topic import Channel, EdgeTopic
from domain.wire import EdgeDown
from mingchu import broker as brokers
from mingchu.account import Account
from mingchu.bench.cameras import film
from mingchu.bench.figure import Figure
from mingchu.bench.process import BenchError, checkout, child, memory, spent, until
from mingchu.services import shipped_weights
from simulators.scenario_file import FOOTAGE

CAMERAS, PERIOD_S, WATCH_S = 500, 60.0, 120.0
CORES = 2
FEW = 20  # cameras before the many come: what each of those keeps is the difference
SETTLE_S = 15.0
_BARE_S = 120.0  # patience with the bare looks
_EDGE = "bench"
_SCENES = (Scene.PHONE, Scene.PEST, Scene.FIRE_UNATTENDED)
_WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))

# Visits cameras in eight threads and prints the CPU seconds of one look; the waiting costs none.
_BARE = """
import resource, sys
from concurrent.futures import ThreadPoolExecutor
import av, numpy as np, onnxruntime as ort
model, shape, urls = sys.argv[1], eval(sys.argv[2]), sys.argv[3:]
options = ort.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
options.add_session_config_entry("session.intra_op.allow_spinning", "0")
session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
feed = {session.get_inputs()[0].name: np.zeros((1, 3, *shape), np.float32)}
session.run(None, feed)
def look(url):
    with av.open(url, options={"rtsp_transport": "tcp"}, timeout=(10, 10)) as container:
        stream = container.streams.video[0]
        stream.codec_context.skip_frame = "NONKEY"
        stream.codec_context.thread_count = 1
        next(container.decode(stream))
    session.run(None, feed)
def spent():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
before = spent()
with ThreadPoolExecutor(8) as pool:
    list(pool.map(look, urls))
print("bare", (spent() - before) / len(urls), flush=True)
"""


@dataclass(frozen=True, slots=True)
class _Span:
    """What was counted between two of the edge's reports, in so many seconds."""

    seconds: float
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Edge:
    """The agent's process, its log, and how to tell it of its cameras."""

    process: psutil.Popen
    log: Path
    broker: brokers.Broker
    service: str

    def configure(self, urls: Sequence[str], version: int) -> None:
        cameras = tuple(_camera(number, url) for number, url in enumerate(urls))
        publish.single(
            str(EdgeTopic(_EDGE, Channel.DOWN)),
            msgspec.json.encode(EdgeDown(EdgeConfig(version, cameras))),
            qos=1,
            retain=True,
            port=self.broker.service_port,
            auth={"username": brokers.SERVICE, "password": self.service},
        )

    def reports(self) -> list[dict[str, Any]]:
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [msgspec.json.decode(line) for line in lines if '"event": "counters"' in line]


def measure(cameras: int = CAMERAS, period_s: float = PERIOD_S, seconds: float = WATCH_S) -> dict[str, Figure]:
    """Patrol so many cameras, each once in `period_s`, and count for `seconds`. Raises BenchError."""
    with ExitStack() as stack:
        stack.enter_context(_two_cores())
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mingchu-bench-")))
        root.chmod(0o711)
        port = brokers.free_port()
        clips = (film(root / "noise.mp4"), FOOTAGE / "quiet.mp4")
        copies = (cameras + 1) // 2
        command = (sys.executable, "-m", "simulators.rtsp", "--port", str(port), "--copies", str(copies))
        server = stack.enter_context(child((*command, *map(str, clips)), root / "rtsp.log", PYTHONPATH=checkout()))
        names = [f"{clip.stem}-{n + 1}" for n in range(copies) for clip in clips][:cameras]
        urls = [f"rtsp://127.0.0.1:{port}/{name}" for name in names]
        until(lambda: urls[-1] in (root / "rtsp.log").read_text(encoding="utf-8"), "the cameras are not served")
        with _edge(root, period_s) as edge:
            figures = _patrol(edge, server, urls, period_s, seconds)
        bare = _bare(urls[: min(48, cameras)])
    look = figures["patrol_look"]
    return {**figures, "patrol_look": Figure(look.value, look.unit, limit=bare * 1000)}


def _patrol(
    edge: _Edge, server: psutil.Popen, urls: Sequence[str], period_s: float, seconds: float
) -> dict[str, Figure]:
    few = urls[:FEW]
    edge.configure(few, 1)
    time.sleep(period_s + SETTLE_S)
    held = memory(edge.process)
    edge.configure(urls, 2)
    time.sleep(period_s + SETTLE_S)
    busy, served = spent(edge.process), spent(server)
    began, first = time.monotonic(), edge.reports()[-1]
    connections = _sample(edge.process, urls[0], seconds)
    lasted = time.monotonic() - began
    busy, served = spent(edge.process) - busy, spent(server) - served
    span = _span(first, edge.reports()[-1])
    looks = span.counts.get("visits", 0)
    if not looks:
        raise BenchError("the edge visited no camera")
    analysed, grown = span.counts.get("frames_analysed", 0), memory(edge.process) - held
    per_look = busy / (looks / span.seconds * lasted) * 1000
    return {
        "patrol_cameras": Figure(
            looks / span.seconds * period_s, f"looks per {period_s:.0f} s", bar=0.98 * len(urls), sense="at least"
        ),
        "patrol_missed": Figure(edge.reports()[-1].get("periods_missed", 0), "periods", bar=0.0),
        "patrol_analysed": Figure(analysed / looks, "of looks", bar=0.99, sense="at least"),
        "patrol_look": Figure(per_look, "ms CPU"),
        "patrol_edge": Figure(busy / lasted, "cores"),
        "patrol_simulators": Figure(served / lasted, "cores"),
        "patrol_memory": Figure(grown / 2**20 / (len(urls) - len(few)), "MiB a camera", bar=1.0),
        "patrol_connections": Figure(sum(connections) / len(connections), "at once"),
        "patrol_connections_most": Figure(max(connections), "at once"),
        "patrol_failed": Figure(span.counts.get("visits_failed", 0), "visits", bar=0.0),
        "patrol_promotions": Figure(span.counts.get("promotions", 0), "cameras"),
    }


@contextmanager
def _two_cores() -> Iterator[None]:
    """What is started within runs on two cores, however many there are."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(cores)[:CORES])
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


@contextmanager
def _edge(root: Path, period_s: float) -> Iterator[_Edge]:
    broker = brokers.prepare(root, Account.find(), brokers.free_port(), brokers.free_port())
    service, secret = credential.generate(), credential.generate()
    broker.write(service, [brokers.edge(_EDGE, credential.protect(secret))])
    with child(broker.command(), root / "mosquitto.log"):
        until(broker.answers, "the broker does not answer")
        settings = {
            "MINGCHU_DATA_DIR": str(root),
            "MINGCHU_MQTT_URL": broker.url,
            "MINGCHU_EDGE": _EDGE,
            "MINGCHU_CAMERA_NETWORKS": "127.0.0.0/8",
            "MINGCHU_EDGE_SECRET": secret,
            "MINGCHU_PATROL_PERIOD_S": str(period_s),
            "MINGCHU_PATROL_FORCED_VISITS": "1",
        }
        log = root / "edge.log"
        with child((sys.executable, "-m", "mingchu", "edge"), log, PYTHONPATH=checkout(), **settings) as process:
            until(lambda: "connected to the broker" in log.read_text(encoding="utf-8"), "the edge does not begin")
            yield _Edge(process, log, broker, service)


def _camera(number: int, url: str) -> Camera:
    return Camera(f"cam-{number}", "site", url, (Zone("all", "全部", "all", _WHOLE, _SCENES),), mode=Mode.PATROL)


def _sample(process: psutil.Popen, url: str, seconds: float) -> list[int]:
    """The edge's connections to the cameras, twice a second."""
    found = re.search(r":(\d+)/", url)
    assert found is not None
    port, counts, until_ = int(found[1]), [], time.monotonic() + seconds
    while time.monotonic() < until_:
        time.sleep(0.5)
        open_ = process.net_connections("tcp")
        counts.append(sum(each.status == psutil.CONN_ESTABLISHED and each.raddr[1:] == (port,) for each in open_))
    return counts


def _span(first: dict[str, Any], last: dict[str, Any]) -> _Span:
    stamps = (datetime.fromisoformat(report["timestamp"]) for report in (first, last))
    before, after = stamps
    counts = {name: value - first.get(name, 0) for name, value in last.items() if isinstance(value, int)}
    seconds = (after - before).total_seconds()
    if seconds <= 0:
        raise BenchError("the edge reported nothing meanwhile: measure for longer")
    return _Span(seconds, counts)


def _bare(urls: Sequence[str]) -> float:
    """CPU seconds of one bare look."""
    from inference import letterbox, weights

    manifest, _ = weights.load(shipped_weights())
    shape = letterbox.shape((1080, 1920), manifest.input.longest, manifest.input.area)
    model = shipped_weights().with_name(manifest.file)
    command = (sys.executable, "-c", _BARE, str(model), str(tuple(shape)), *urls)
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", timeout=_BARE_S, check=False)
    said = done.stdout.split()
    if "bare" not in said:
        raise BenchError(f"the bare looks failed: {done.stderr[-300:]}")
    return float(said[said.index("bare") + 1])
