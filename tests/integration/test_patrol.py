"""An edge on patrol against real simulated cameras: most are quiet, one is dead, and in one something happens."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from structlog.testing import capture_logs

from domain.camera import Camera, Mode, Zone
from domain.scene import Scene
from domain.schedule import ALWAYS_CLOSED
from domain.wire import EdgeLoad, EvidenceAdded, EvidenceKind, Health, SceneBegan, SceneEnded
from edge.agent import run
from edge.config import AgentConfig, PatrolLimits
from tests.integration.test_edge import EVERYWHERE, BlockEye
from tests.platform_double import PlatformDouble, platform_double
from tests.servers import PATIENCE_S, PrivateBroker, wait_for

SIZE = (320, 180)
QUIET = 18
PERIOD_S = 4.0


def film(path: Path, seconds: int, busy: range) -> Path:
    """Noise over a pattern; somebody stands there in the `busy` seconds."""
    random = np.random.default_rng(7)
    room = np.kron(random.integers(40, 200, (9, 16), dtype=np.uint8), np.ones((20, 20), dtype=np.uint8))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"preset": "ultrafast", "sc_threshold": "0"})
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = *SIZE, "yuv420p", 10
        for number in range(seconds * 10):
            grain = random.integers(0, 12, (*room.shape, 3), dtype=np.uint8)
            picture = np.repeat(room[:, :, None], 3, axis=2) + grain
            if number // 10 in busy:
                picture[60:150, 120:160] = (255, 0, 0)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


@contextmanager
def serving(port: int, *arguments: str) -> Iterator[None]:
    argv = (sys.executable, "-m", "simulators.rtsp", "--port", str(port), *arguments)
    process = subprocess.Popen(argv, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"rtsp://")
        yield
    finally:
        process.kill()
        process.communicate()


@contextmanager
def mute() -> Iterator[int]:
    """A camera that lets clients connect and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        yield listener.getsockname()[1]


def patrolled(code: str, url: str, weight: int = 1) -> Camera:
    overrides = {Scene.INTRUSION: {"clear_s": 2.0}}
    zone = Zone("store", "库", "store", EVERYWHERE, (Scene.INTRUSION,), overrides=overrides)
    return Camera(code, "site", url, (zone,), ALWAYS_CLOSED, mode=Mode.PATROL, weight=weight)


@contextmanager
def agent(config: AgentConfig) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(config, stop, lambda *_: BlockEye()))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


@pytest.mark.slow
def test_what_a_visit_finds_is_watched_told_with_its_evidence_and_left_again(
    broker: PrivateBroker, free_port: Callable[[], int], tmp_path: Path
) -> None:
    quiet, busy = film(tmp_path / "quiet.mp4", 6, range(0)), film(tmp_path / "busy.mp4", 30, range(3, 15))
    port, other = free_port(), free_port()
    with platform_double(broker, "e1") as platform, mute() as dead, capture_logs() as logs:
        config = AgentConfig(
            edge="e1",
            secret=platform.secret,
            mqtt_url=broker.url(platform.user),
            api_url=platform.api_url,
            data_dir=tmp_path / "edge",
            weights=tmp_path / "unused",
            open_timeout_s=2.0,
            offline_s=4.0,
            patrol=PatrolLimits(period_s=PERIOD_S, connections=16, watches=2, calm_s=3.0),
        )
        platform.configure(
            *(patrolled(f"quiet-{n}", f"rtsp://127.0.0.1:{port}/quiet-{n}") for n in range(1, QUIET + 1)),
            patrolled("busy", f"rtsp://127.0.0.1:{other}/busy"),
            patrolled("dead", f"rtsp://127.0.0.1:{dead}/dead", weight=2),
        )
        with (
            serving(port, "--copies", str(QUIET), str(quiet)),
            serving(other, str(busy)),
            agent(config),
        ):
            wait_for(lambda: bool(clips(platform)))
            wait_for(lambda: said(logs, "a camera is on patrol again"))
            wait_for(lambda: all(_is_well(platform, f"quiet-{n}") for n in range(1, QUIET + 1)))
    began: SceneBegan = platform.bodies(SceneBegan)[0]
    clip = clips(platform)[0]
    assert (began.camera, began.scene, clip.id) == ("busy", Scene.INTRUSION, began.id)
    assert {item.kind for item in began.evidence} >= {EvidenceKind.FRAME, EvidenceKind.BOXED, EvidenceKind.CROP}
    assert clip.item.complete
    rounding = timedelta(milliseconds=2)  # a clip's times are in ticks of 1/90,000 s
    assert clip.item.begin - rounding <= began.first <= began.last <= clip.item.end + rounding
    assert [ended.id for ended in platform.bodies(SceneEnded)][:1] == [began.id]
    assert {entry["camera"] for entry in logs if entry["event"] == "a camera is on patrol again"} == {"busy"}
    assert platform.health("dead") == [Health.OFFLINE]
    loads: list[EdgeLoad] = platform.bodies(EdgeLoad)
    assert (loads[-1].patrolled, {load.promoted for load in loads} <= {0, 1}) == (QUIET + 2, True)


def clips(platform: PlatformDouble) -> list[EvidenceAdded]:
    return [body for body in platform.bodies(EvidenceAdded) if body.item.kind is EvidenceKind.CLIP]


def said(logs: list[Any], event: str) -> bool:
    return any(entry["event"] == event for entry in list(logs))


def _is_well(platform: PlatformDouble, code: str) -> bool:
    return platform.health(code)[-1:] == [Health.OK]
