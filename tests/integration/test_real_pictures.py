"""Clips built from real pictures, encoded, decoded, detected, tracked and judged: fire raises, a plain room does not.

The pictures lie beside the checkout (`../shared/data`) and are no part of it.
"""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import cv2
import numpy as np
import pytest

from domain.camera import Camera, Zone
from domain.scene import Scene
from domain.schedule import ALWAYS_OPEN
from inference.detections import Image
from inference.detector import Detector
from inference.scenes import SceneJudge, Violation
from inference.tracker import Tracker

DATA = Path(__file__).parents[3] / "shared" / "data"
WEIGHTS = Path("models/weights/detector.toml")
SIZE = (640, 360)
SECONDS = 20
T0 = datetime(2026, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="needs the pictures of ../shared/data beside the checkout")


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector.open(WEIGHTS, threads=2)


def panned(picture: Path, clip: Path) -> Path:
    """Hold a picture for SECONDS as a camera would that trembles a little; one frame a second, H.264."""
    image = cv2.imread(str(picture))
    assert image is not None, picture
    whole = cv2.resize(image, (SIZE[0] + SECONDS, SIZE[1] + SECONDS))
    with av.open(str(clip), "w") as container:
        stream = container.add_stream("libx264", rate=1, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt, stream.time_base = *SIZE, "yuv420p", Fraction(1, 1)
        for step in range(SECONDS):
            crop = np.array(whole[step : step + SIZE[1], step : step + SIZE[0]], dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(crop, format="bgr24")))
        container.mux(stream.encode())
    return clip


def violations(detector: Detector, clip: Path) -> list[Scene]:
    """Which scenes a camera raises that shows the clip, all four watched over the whole picture in opening hours."""
    whole = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    scenes = (Scene.PHONE, Scene.PEST, Scene.FIRE_UNATTENDED, Scene.INTRUSION)
    zone = Zone("all", "全部", "all", whole, scenes, overrides={Scene.FIRE_UNATTENDED: {"min_s": 10.0}})
    judge = SceneJudge(Camera("cam", "site", "rtsp://x", (zone,), ALWAYS_OPEN), detector.classes)
    tracker, raised = Tracker(), []
    with av.open(str(clip)) as container:
        for second, frame in enumerate(container.decode(video=0)):
            at = T0 + timedelta(seconds=second)
            (found,) = detector.detect([cast(Image, frame.to_ndarray(format="rgb24"))])
            raised += [e.scene for e in judge.look(at, tracker.update(at, found)) if isinstance(e, Violation)]
    return raised


def burning(count: int) -> list[Path]:
    """Pictures of the source `fire` with a large flame box."""
    folder = DATA / "fire"
    flame = (folder / "classes.txt").read_text().split().index("flame")
    large = []
    for label in sorted((folder / "labels").glob("*.txt")):
        rows = [line.split() for line in label.read_text().splitlines()]
        if any(int(row[0]) == flame and float(row[3]) * float(row[4]) > 0.04 for row in rows):
            large.append(folder / "images" / f"{label.stem}.jpg")
    return large[:count]


def test_flames_of_real_pictures_become_violations(detector: Detector, tmp_path: Path) -> None:
    raised = [violations(detector, panned(picture, tmp_path / f"{picture.stem}.mp4")) for picture in burning(8)]
    assert len(raised) == 8
    assert sum(Scene.FIRE_UNATTENDED in scenes for scenes in raised) >= 4
    assert all(scenes.count(Scene.FIRE_UNATTENDED) <= 1 for scenes in raised)


def test_rooms_without_a_scene_raise_none(detector: Detector, tmp_path: Path) -> None:
    rooms = sorted((DATA / "interiors").glob("*.jpg"))[::27]
    assert len(rooms) == 8
    for picture in rooms:
        assert violations(detector, panned(picture, tmp_path / f"{picture.stem}.mp4")) == [], picture.name
