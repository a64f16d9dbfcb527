"""Clips built from real pictures, encoded, decoded, seen, tracked and judged: scenes raise, plain rooms do not.

The pictures lie beside the checkout (`../shared/data`) and are no part of it.
"""

import csv
import json
from collections import Counter
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
from inference.eye import Eye
from inference.scenes import SceneJudge, Violation
from inference.tracker import Tracker
from inference.traits import Trait

DATA = Path(__file__).parents[3] / "shared" / "data"
WEIGHTS = Path("models/weights/detector.toml")
SIZE = (640, 360)
SECONDS = 30
T0 = datetime(2026, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="needs the pictures of ../shared/data beside the checkout")


@pytest.fixture(scope="module")
def eye() -> Eye:
    return Eye.open(WEIGHTS, threads=2)


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


def violations(eye: Eye, clip: Path) -> list[Scene]:
    """Which scenes a camera raises that shows the clip, all nine watched over the whole picture in opening hours."""
    whole = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    zone = Zone("all", "全部", "all", whole, tuple(Scene), overrides={Scene.FIRE_UNATTENDED: {"min_s": 10.0}})
    judge = SceneJudge(Camera("cam", "site", "rtsp://x", (zone,), ALWAYS_OPEN), eye.classes)
    tracker, raised = Tracker(eye.classes), []
    with av.open(str(clip)) as container:
        for second, frame in enumerate(container.decode(video=0)):
            at = T0 + timedelta(seconds=second)
            seen = eye.look(cast(Image, frame.to_ndarray(format="rgb24")), frozenset(Trait))
            raised += [e.scene for e in judge.look(at, tracker.update(at, seen)) if isinstance(e, Violation)]
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


def cooks(label: str, count: int) -> list[Path]:
    """Pictures of a single cook whose labelled head is large: hat or no_hat."""
    with (DATA / "professions" / "hat_labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    alone = Counter(row["image"] for row in rows)
    faces = Counter(f["image"] for f in json.loads((DATA / "professions" / "chef_faces.json").read_text()))
    chosen = [
        DATA / "professions" / row["image"]
        for row in sorted(rows, key=lambda row: row["image"])
        if row["label"] == label and alone[row["image"]] == faces[row["image"]] == 1 and float(row["face_h"]) > 0.16
    ]
    return chosen[:count]


def test_flames_of_real_pictures_become_violations(eye: Eye, tmp_path: Path) -> None:
    raised = [violations(eye, panned(picture, tmp_path / f"{picture.stem}.mp4")) for picture in burning(8)]
    assert len(raised) == 8
    assert sum(Scene.FIRE_UNATTENDED in scenes for scenes in raised) >= 4
    assert all(scenes.count(Scene.FIRE_UNATTENDED) <= 1 for scenes in raised)


def test_a_cook_without_a_hat_is_told_from_one_with_a_hat(eye: Eye, tmp_path: Path) -> None:
    raised = {
        label: [
            Scene.NO_HAT in violations(eye, panned(picture, tmp_path / f"{picture.stem}.mp4"))
            for picture in cooks(label, 6)
        ]
        for label in ("hat", "no_hat")
    }
    assert [len(each) for each in raised.values()] == [6, 6]
    assert sum(raised["no_hat"]) >= 4
    assert sum(raised["hat"]) <= 1


def test_rooms_without_a_scene_raise_none(eye: Eye, tmp_path: Path) -> None:
    rooms = sorted((DATA / "interiors").glob("*.jpg"))[::27]
    assert len(rooms) == 8
    for picture in rooms:
        assert violations(eye, panned(picture, tmp_path / f"{picture.stem}.mp4")) == [], picture.name
