"""What a patrolled camera keeps between two visits: thumbnails and state, no video."""

import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from domain.camera import Camera, Integrity, Mode, Zone
from domain.scene import Scene
from edge.analyst import Watcher
from edge.baseline import BaselineShelf
from edge.gate import ChangeGate
from edge.health import HealthMonitor, HealthTimes
from edge.lens import Lens
from edge.picture import Grey
from edge.ring import EncodedPacket, Ring, StreamFormat
from inference.detections import Detections
from inference.scenes import SceneJudge

MOST_BYTES = 1024 * 1024
CAMERAS, VISITS = 20, 6
WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
CLASSES = ("person", "rat")
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
KEYFRAME = 200_000  # bytes: 1080p at 4 Mbit/s


def watcher(number: int, shelf: BaselineShelf) -> Watcher:
    zone = Zone("all", "全", "all", WHOLE, (Scene.PEST, Scene.INTRUSION))
    camera = Camera(f"cam-{number}", "site", "rtsp://h/1", (zone,), mode=Mode.PATROL)
    health = HealthMonitor(HealthTimes(), Lens(camera.code, Integrity(), shelf))
    health.visit(0.0, on=True)
    return Watcher(camera, SceneJudge(camera, CLASSES), ChangeGate(600.0), health, Ring(50.0, 384 * 1024))


def visit(subject: Watcher, number: int, thumb: Grey) -> None:
    at = BEGAN + timedelta(minutes=number)
    subject.ring.clear()
    subject.ring.append(StreamFormat("h264", b""), EncodedPacket(at.timestamp(), True, bytes(KEYFRAME)))
    subject.health.visited(60.0 * number)
    subject.health.looked(60.0 * number, thumb)
    subject.gate.wants(thumb, at.timestamp())
    subject.judge.look(at, subject.tracker.update(at, Detections.of([(0.2, 0.2, 0.4, 0.9)], [0.9], [0])))


def test_a_patrolled_camera_keeps_less_than_a_megabyte(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    room = np.kron(random.integers(40, 200, (9, 16), dtype=np.uint8), np.ones((15, 15), dtype=np.uint8))
    shelf = BaselineShelf(tmp_path)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        kept = [watcher(number, shelf) for number in range(CAMERAS)]
        for subject in kept:
            for number in range(VISITS):
                visit(subject, number, room + random.integers(0, 8, room.shape, dtype=np.uint8))
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (after - before) / CAMERAS < MOST_BYTES
