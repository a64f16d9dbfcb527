"""What is seen in a clip, and at what cost: by the edge's way of looking, and by the usual loop's.

Both have the same eye, tracker and rules, and read the clip as fast as they can; its own times count.
"""

import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

import av
import cv2

from domain.camera import Camera, Zone
from domain.scene import Scene
from domain.schedule import ALWAYS_CLOSED, ALWAYS_OPEN
from edge.analyst import Analyst, Watcher
from edge.counters import Counters
from edge.gate import CALM_S, FORCED_S, ChangeGate
from edge.health import HealthMonitor, HealthTimes
from edge.mailbox import Mailbox
from edge.ring import EncodedPacket, Ring, StreamFormat
from edge.sampler import Sampler
from inference.detections import Image
from inference.eye import Eye, traits_for
from inference.scenes import Cleared, SceneJudge, Violation
from inference.tracker import Tracker
from mingchu.bench.usual import FPS
from mingchu.services import shipped_weights
from simulators.scenario_file import FOOTAGE

CLIPS = ("rat-night", "intrusion-night", "smoking", "no-uniform")
BUSY = FOOTAGE / "walkby.mp4"  # somebody is always on the move
T0 = datetime(2026, 1, 1, tzinfo=UTC)
_WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
# DOMAIN §1 gives a bin five minutes and a flame three; the clips are shorter.
_SOONER = {Scene.BIN_OPEN: {"min_s": 20.0, "open_lid.min_s": 20.0}, Scene.FIRE_UNATTENDED: {"min_s": 15.0}}


@dataclass(frozen=True, slots=True)
class Sights:
    """The violations with their second in the clip, how many pictures the eye got, and the CPU seconds of all."""

    violations: tuple[tuple[float, Violation], ...]
    looks: int
    cpu_s: float

    @property
    def scenes(self) -> frozenset[Scene]:
        return frozenset(violation.scene for _, violation in self.violations)


@cache
def truth(clip: str) -> dict[str, Any]:
    """What is in a bundled clip."""
    return tomllib.loads((FOOTAGE / f"{clip}.toml").read_text(encoding="utf-8"))


def camera(clip: str) -> Camera:
    """All nine scenes, over the whole picture unless the truth has a zone for them; closed hours at night."""
    named = {zone["name"]: tuple(map(tuple, zone["polygon"])) for zone in truth(clip).get("zone", [])}
    places = {Scene.FIRE_UNATTENDED: named.get("stove", _WHOLE), Scene.INTRUSION: named.get("restricted", _WHOLE)}
    zones = tuple(
        Zone(
            *(scene.lower().replace("_", "-"), "区", "zone", places.get(scene, _WHOLE), (scene,)),
            restricted=scene is Scene.INTRUSION and "restricted" in named,
            overrides=_SOONER,
        )
        for scene in Scene
    )
    return Camera("cam", "site", "rtsp://x", zones, ALWAYS_CLOSED if clip.endswith("-night") else ALWAYS_OPEN)


@cache
def eye() -> Eye:
    """Loaded before any time is taken."""
    return Eye.open(shipped_weights())


def by_edge(clip: str) -> Sights:
    """As the edge looks: keyframes, the change gate, and more pictures while a candidate wants them."""
    watch = _Watch(camera(clip))
    began = time.process_time()
    for form, packet in _packets(FOOTAGE / f"{clip}.mp4"):
        watch.take(form, packet)
    return Sights(tuple(watch.raised), watch.looks, time.process_time() - began)


class _Watch:
    """The edge's watch path of one camera, without its threads."""

    def __init__(self, camera: Camera) -> None:
        self.raised: list[tuple[float, Violation]] = []
        self._counters, self._ring = Counters(), Ring(60, 1 << 30)
        self._sampler = Sampler(camera.code, self._ring.group, self._counters)
        self._analyst = Analyst(eye(), Mailbox(self._counters), self._tell, self._counters)
        judge = SceneJudge(camera, eye().classes)
        gate = ChangeGate(FORCED_S, min(CALM_S, judge.longest_pause_s))
        self._watcher = Watcher(camera, judge, gate, HealthMonitor(HealthTimes()), self._ring)

    def take(self, form: StreamFormat, packet: EncodedPacket) -> None:
        """The next packet, as the camera's thread takes it."""
        self._ring.append(form, packet)
        picture = self._sampler.take(form, packet, self._watcher.wanted_fps)
        if picture is not None:
            self._analyst.look(self._watcher, picture)

    @property
    def looks(self) -> int:
        return self._counters.snapshot().get("frames_analysed", 0)

    def _tell(self, _: Camera, __: Ring, event: Violation | Cleared, ___: str) -> None:
        if isinstance(event, Violation):
            self.raised.append(((event.last - T0).total_seconds(), event))


def _packets(file: Path) -> Iterator[tuple[StreamFormat, EncodedPacket]]:
    with av.open(str(file)) as container:
        stream = container.streams.video[0]
        form = StreamFormat(stream.codec_context.name, bytes(stream.codec_context.extradata or b""))
        base = float(stream.time_base or 0)
        for packet in container.demux(stream):
            if packet.pts is not None:
                yield form, EncodedPacket(T0.timestamp() + packet.pts * base, packet.is_keyframe, bytes(packet))


def by_loop(clip: str) -> Sights:
    """As the usual loop looks: every frame is decoded and turned into colours, five a second are analysed."""
    seen, judge, tracker = camera(clip), SceneJudge(camera(clip), eye().classes), Tracker(eye().classes)
    wanted = traits_for(scene for zone in seen.zones for scene in zone.scenes)
    raised, looks, began = [], 0, time.process_time()
    for number, image in enumerate(_frames(FOOTAGE / f"{clip}.mp4")):
        if number % (25 // FPS):
            continue
        at, looks = T0 + timedelta(seconds=number / 25), looks + 1
        for event in judge.look(at, tracker.update(at, eye().look(image, wanted))):
            if isinstance(event, Violation):
                raised.append((number / 25, event))
    return Sights(tuple(raised), looks, time.process_time() - began)


def _frames(file: Path) -> Iterator[Image]:
    capture = cv2.VideoCapture(str(file), cv2.CAP_FFMPEG)
    while True:
        there, bgr = capture.read()
        if not there:
            return
        yield cast(Image, bgr[:, :, ::-1])
