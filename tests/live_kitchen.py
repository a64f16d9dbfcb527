"""A kitchen to watch live: simulated cameras, the edge that watches them, and a stand-in that configures it."""

import hashlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from domain.camera import Camera, Zone
from domain.scene import Scene
from edge.agent import run
from edge.config import AgentConfig, LiveLimits
from edge.picture import Colour
from inference.detections import Detections, Floats
from inference.traits import Trait
from tests.platform_double import PlatformDouble, platform_double
from tests.servers import PATIENCE_S, PrivateBroker, wait_for

EDGE = "edge-yx"
_WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


class ClosedEye:
    """Sees nothing, and a head on the left to hide: what a camera shows is not the question here."""

    sha256 = hashlib.sha256(b"closed").hexdigest()
    classes = ("person",)

    def look(self, image: Colour, wanted: frozenset[Trait]) -> Detections:
        return Detections.empty()

    def heads(self, image: Colour) -> Floats:
        return np.array([(0.1, 0.1, 0.4, 0.9)], dtype=np.float32)


@dataclass(frozen=True)
class Kitchen:
    """The running edge's platform side, and its cameras' addresses by code."""

    platform: PlatformDouble
    urls: dict[str, str]
    subs: dict[str, str]

    def configure(self, *codes: str, version: int) -> None:
        """Have the edge watch just these."""
        zone = Zone("all", "全部", "all", _WHOLE, (Scene.PHONE,))
        self.platform.configure(
            *(Camera(code, "canteen-1", self.urls[code], (zone,), live_url=self.subs.get(code, "")) for code in codes),
            version=version,
        )


@contextmanager
def kitchen(
    broker: PrivateBroker,
    clips: dict[str, Path],
    folder: Path,
    limits: LiveLimits | None = None,
    subs: dict[str, Path] | None = None,
) -> Iterator[Kitchen]:
    """Cameras that play these clips by their codes, and `subs` as their sub-streams; ready when all are received."""
    streams = {f"sub {code}": clip for code, clip in (subs or {}).items()}
    with cameras(clips | streams) as urls, platform_double(broker, EDGE) as platform:
        place = Kitchen(platform, urls, {code: urls[f"sub {code}"] for code in subs or {}})
        place.configure(*clips, version=1)
        config = AgentConfig(
            edge=EDGE,
            secret=platform.secret,
            mqtt_url=broker.url(platform.user),
            api_url=platform.api_url,
            data_dir=folder / "edge",
            weights=folder / "unused",
            live=limits or LiveLimits(),
        )
        stop = threading.Event()
        thread = threading.Thread(target=run, args=(config, stop, lambda *_: ClosedEye()))
        thread.start()
        try:
            wait_for(lambda: all("OK" in platform.health(code) for code in clips))
            yield place
        finally:
            stop.set()
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


@contextmanager
def cameras(clips: dict[str, Path]) -> Iterator[dict[str, str]]:
    """A camera server in a process of its own, like any stranger's."""
    argv = (sys.executable, "-m", "simulators.rtsp", "--port", "0", *map(str, clips.values()))
    root = Path(__file__).parents[1]
    process = subprocess.Popen(argv, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        first = process.stdout.readline().decode()
        assert first.startswith("rtsp://")
        yield {code: f"{first.rpartition('/')[0]}/{clip.stem}" for code, clip in clips.items()}
    finally:
        process.kill()
        process.communicate()
