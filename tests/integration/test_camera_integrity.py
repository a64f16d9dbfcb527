"""Cameras that go wrong on command, as the platform hears of it: named in 15 s, over in 10 s, and only those (R9)."""

import asyncio
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import av
import cv2
import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from domain.camera import Camera, Integrity
from edge.analyst import Analyst, Watcher
from edge.baseline import BaselineShelf
from edge.camera import CameraWatch, WatchPorts
from edge.config import AgentConfig
from edge.counters import Counters
from edge.gate import ChangeGate
from edge.health import HealthMonitor, HealthTimes
from edge.lens import Lens
from edge.mailbox import Mailbox
from edge.picture import Picture
from edge.ring import Ring
from edge.source import SourceOptions
from inference.scenes import SceneJudge
from simulators import fault as faults
from simulators.clip import load_clip
from simulators.fault import Fault, Replay
from simulators.rtsp import RtspConfig, RtspServer
from simulators.rtsp_camera import Camera as Simulated
from simulators.timetable import Timetable
from simulators.wardrobe import Wardrobe
from tests.integration.test_edge import Edge
from tests.integration.test_edge import camera as watched
from tests.live_kitchen import ClosedEye
from tests.platform_double import PlatformDouble, platform_double
from tests.servers import PrivateBroker, wait_for
from tests.unit.edge.footage import FOLDER

FPS, LIVE_S = 10, 80  # no picture comes twice before the test is over
SIZE = (320, 180)
FAULTS = {"covered": "OCCLUDED", "blurred": "BLURRED", "moved": "MOVED", "replay": "REPLAYED", "low-fps": "LOW_FPS"}
SOUND = ("sound-1", "sound-2", "sound-3")
# As PROMISES R9 says where the machine is the test's alone; everyday tests run beside others.
QUIET = bool(os.environ.get("MINGCHU_FULL_FAULTS"))
BEFORE_S, NAMED_S, OVER_S, KEPT = (12.0, 15.0, 10.0, 0.95) if QUIET else (12.0, 40.0, 20.0, 0.5)
WANTED_FPS, WINDOW_S = 5.0, 2.0


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty kitchen before a sensor with noise; something blue is carried to and fro."""
    path = tmp_path_factory.mktemp("clips") / "kitchen.mp4"
    scene, random = _scene(), np.random.default_rng(3)
    with av.open(str(path), "w") as container:
        options = {"preset": "ultrafast", "bf": "0", "sc_threshold": "0"}
        stream = container.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = *SIZE, "yuv420p", 2 * FPS
        for number in range(FPS * LIVE_S):
            picture = np.clip(scene + random.normal(0, 3, scene.shape), 0, 255).astype(np.uint8)
            picture[70:130, number % 260 : number % 260 + 40] = (30, 60, 140)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def _scene() -> NDArray[np.uint8]:
    with av.open(str(FOLDER / "quiet.mp4")) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24")
    return np.asarray(cv2.resize(picture, SIZE, interpolation=cv2.INTER_AREA), dtype=np.uint8)


class Stage:
    """Simulated cameras in a thread of their own, that are told from this one."""

    def __init__(self, file: Path, looks: Path) -> None:
        self._wardrobe = Wardrobe(looks)
        self._clip = self._wardrobe.hang(load_clip(file), file)
        cameras = tuple(Simulated(code, Timetable(self._clip)) for code in (*FAULTS, *SOUND))
        self.server = RtspServer(RtspConfig(cameras, port=0))
        self._loop = asyncio.new_event_loop()

    def fault(self, name: str) -> Fault:
        """A fault that is ready to begin."""
        fault = faults.make(name, None, self._wardrobe.look) if name != "replay" else Replay(seconds=6.0)
        fault.prepare(self._clip)
        return fault

    @contextmanager
    def open(self) -> Iterator["Stage"]:
        thread = threading.Thread(target=self._loop.run_forever)
        thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self.server.open(), self._loop).result(10)
            yield self
            asyncio.run_coroutine_threadsafe(self.server.close(), self._loop).result(10)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

    def tell(self, order: Callable[[], None]) -> None:
        self._loop.call_soon_threadsafe(order)

    def camera(self, code: str) -> Camera:
        port = int(self.server.url(code).rsplit(":", 1)[1].split("/")[0])
        options = Integrity(replay=code in ("replay", *SOUND))
        return msgspec.structs.replace(watched(port, code, code=code), integrity=options)


@pytest.mark.slow
def test_each_fault_is_named_in_time_and_over_in_time_and_no_other_camera_is(
    broker: PrivateBroker, kitchen: Path, tmp_path: Path
) -> None:
    with platform_double(broker, "e1") as platform, Stage(kitchen, tmp_path / "looks").open() as stage:
        platform.configure(*(stage.camera(code) for code in (*FAULTS, *SOUND)))
        edge, ready = Edge(platform, _config(broker, platform, tmp_path)), {name: stage.fault(name) for name in FAULTS}
        edge.start()
        try:
            wait_for(lambda: all(platform.health(code) == ["OK"] for code in (*FAULTS, *SOUND)))
            time.sleep(BEFORE_S)
            for code, fault in ready.items():
                stage.tell(partial(stage.server.inject, code, fault))
            named = _times(platform, dict(FAULTS), NAMED_S)
            for code in FAULTS:
                stage.tell(partial(stage.server.clear_fault, code))
            over = _times(platform, dict.fromkeys(FAULTS, "OK"), OVER_S)
        finally:
            edge.end()
        print({code: (round(named[code], 1), round(over[code], 1)) for code in FAULTS})
        assert {code: platform.health(code) for code in FAULTS} == {
            code: ["OK", state, "OK"] for code, state in FAULTS.items()
        }
        assert [platform.health(code) for code in SOUND] == [["OK"]] * len(SOUND)


def _times(platform: PlatformDouble, wanted: dict[str, str], patience_s: float) -> dict[str, float]:
    """After how many seconds each camera was last said to be as wanted."""
    began, times = time.monotonic(), dict[str, float]()
    while len(times) < len(wanted) and time.monotonic() < began + patience_s:
        for code, state in wanted.items():
            if code not in times and platform.health(code)[-1:] == [state]:
                times[code] = time.monotonic() - began
        time.sleep(0.05)
    assert times.keys() == wanted.keys(), {code: platform.health(code) for code in wanted}
    return times


def _config(broker: PrivateBroker, platform: PlatformDouble, folder: Path) -> AgentConfig:
    return AgentConfig(
        edge="e1",
        secret=platform.secret,
        mqtt_url=broker.url(platform.user),
        api_url=platform.api_url,
        data_dir=folder / "edge",
        weights=folder / "unused",
    )


class Watching:
    """All cameras watched at a rate that a candidate wants, before an eye that sees nothing; looks are counted."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self._looks: list[tuple[str, float]] = []
        counters = Counters()
        self._mailbox = Mailbox(counters)
        self._analyst = Analyst(ClosedEye(), self._mailbox, lambda *_: None, counters)
        self._watches = [self._watch(stage.camera(code), folder, counters) for code in (*FAULTS, *SOUND)]

    def _watch(self, camera: Camera, folder: Path, counters: Counters) -> CameraWatch:
        ring = Ring(20, 1 << 24)
        health = HealthMonitor(HealthTimes(), Lens(camera.code, camera.integrity, BaselineShelf(folder)))
        self._analyst.watch(Watcher(camera, SceneJudge(camera, ClosedEye.classes), ChangeGate(10), health, ring))
        ports = WatchPorts(self._put, lambda: WANTED_FPS, health, ring, counters)
        return CameraWatch(camera.code, camera.url, SourceOptions(), ports)

    def _put(self, picture: Picture) -> None:
        self._looks.append((picture.camera, picture.at.timestamp()))
        self._mailbox.put(picture, urgent=False)

    @contextmanager
    def open(self) -> Iterator["Watching"]:
        self._analyst.open()
        for watch in self._watches:
            watch.open()
        try:
            yield self
        finally:
            for watch in self._watches:
                watch.halt()
            for watch in self._watches:
                watch.close()
            self._analyst.close()

    def looks(self, seconds: float) -> Counter[str]:
        """How often each camera was looked at in the coming seconds of its own time."""
        begin = time.time()
        time.sleep(seconds + 0.5)  # what was captured by then has come
        return Counter(code for code, at in list(self._looks) if begin <= at < begin + seconds)


@pytest.mark.slow
def test_one_bad_camera_of_eight_does_not_cost_the_others_their_frames(kitchen: Path, tmp_path: Path) -> None:
    bad, *good = list(FAULTS) + list(SOUND)
    with Stage(kitchen, tmp_path / "looks").open() as stage, Watching(stage, tmp_path).open() as watching:
        wait_for(lambda: len(watching.looks(0.5)) == len(good) + 1)
        before = watching.looks(WINDOW_S)
        for name in ("corrupt", "stall", "resolution"):
            stage.tell(partial(stage.server.inject, bad, stage.fault(name)))
            after = watching.looks(WINDOW_S)
            stage.tell(partial(stage.server.clear_fault, bad))
            assert sum(after[code] for code in good) > KEPT * sum(before[code] for code in good), (name, after, before)
