"""Cameras that go wrong on command, as the platform hears of it: named in 15 s, over in 10 s, and only those (R9)."""

import asyncio
import threading
import time
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
from edge.config import AgentConfig
from simulators import fault as faults
from simulators.clip import load_clip
from simulators.fault import Fault, Replay
from simulators.rtsp import RtspConfig, RtspServer
from simulators.rtsp_camera import Camera as Simulated
from simulators.timetable import Timetable
from simulators.wardrobe import Wardrobe
from tests.integration.test_edge import Edge
from tests.integration.test_edge import camera as watched
from tests.platform_double import PlatformDouble, platform_double
from tests.servers import PrivateBroker, wait_for
from tests.unit.edge.footage import FOLDER

FPS, LIVE_S = 10, 80  # no picture comes twice before the test is over
SIZE = (320, 180)
FAULTS = {"covered": "OCCLUDED", "blurred": "BLURRED", "moved": "MOVED", "replay": "REPLAYED", "low-fps": "LOW_FPS"}
SOUND = ("sound-1", "sound-2", "sound-3")
BEFORE_S, NAMED_S, OVER_S = 12.0, 15.0, 10.0


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
        wardrobe = Wardrobe(looks)
        clip = wardrobe.hang(load_clip(file), file)
        self.faults: dict[str, Fault] = {
            name: faults.make(name, None, wardrobe.look) if name != "replay" else Replay(seconds=6.0) for name in FAULTS
        }
        for fault in self.faults.values():
            fault.prepare(clip)
        cameras = tuple(Simulated(code, Timetable(clip)) for code in (*FAULTS, *SOUND))
        self.server = RtspServer(RtspConfig(cameras, port=0))
        self._loop = asyncio.new_event_loop()

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
        edge = Edge(platform, _config(broker, platform, tmp_path))
        edge.start()
        try:
            wait_for(lambda: all(platform.health(code) == ["OK"] for code in (*FAULTS, *SOUND)), patience_s=20)
            time.sleep(BEFORE_S)
            for code, fault in stage.faults.items():
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
