"""Baselines: what a camera's view was when it was enrolled, kept on the edge's disk as a thumbnail."""

import os
from pathlib import Path

import cv2
import numpy as np
import structlog

from edge.picture import Grey
from edge.view import View, agreement

log = structlog.get_logger(__name__)

LOOKS, SPAN_S = 3, 4.0  # so many pictures over so long a time must agree before they are the view
LIKE_EACH_OTHER = 0.7
LEAST_CONTRAST = 6.0  # grey levels: a covered lens or a dark room is not enrolled


class BaselineShelf:
    """One file per camera below a folder; another `view` number makes the kept one void."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, camera: str, view: int) -> Grey | None:
        """The thumbnail enrolled under this number; None when there is none that can be read."""
        file = self._file(camera, view)
        try:
            stored = np.frombuffer(file.read_bytes(), dtype=np.uint8)
        except FileNotFoundError:
            return None
        except OSError as error:
            log.warning("a camera's baseline cannot be read, it is enrolled anew", camera=camera, why=str(error))
            return None
        thumb = cv2.imdecode(stored, cv2.IMREAD_GRAYSCALE) if stored.size else None
        if thumb is None:
            log.warning("a camera's baseline is damaged, it is enrolled anew", camera=camera)
            return None
        return np.asarray(thumb, dtype=np.uint8)

    def save(self, camera: str, view: int, thumb: Grey) -> None:
        """Replace the kept one, whole or not at all; for this user's eyes only, it shows the kitchen."""
        file = self._file(camera, view)
        part = file.with_suffix(".part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
                handle.write(cv2.imencode(".png", thumb)[1].tobytes())
                handle.flush()
                os.fsync(handle.fileno())
            part.replace(file)
            for older in set(self._folder.glob(f"{camera}.*.png")) - {file}:
                older.unlink(missing_ok=True)
        except OSError as error:
            log.warning(
                "a camera's baseline could not be kept, it holds until a restart", camera=camera, why=str(error)
            )

    def _file(self, camera: str, view: int) -> Path:
        return self._folder / f"{camera}.{view}.png"


class Enrolment:
    """Waits for a good view: pictures that show something, and the same for a while. Times in seconds of one clock."""

    def __init__(self) -> None:
        self._looks: list[tuple[float, Grey, View]] = []

    def offer(self, now: float, thumb: Grey, view: View) -> Grey | None:
        """The view, once there is one: the middle of its pictures, so that who walked through is not in it."""
        if not view.telling or view.contrast < LEAST_CONTRAST or not self._continues(thumb, view):
            self._looks.clear()
        if view.telling and view.contrast >= LEAST_CONTRAST:
            self._looks.append((now, thumb, view))
        if len(self._looks) < LOOKS or now - self._looks[0][0] < SPAN_S:
            return None
        middle = np.median(np.stack([each for _, each, _ in self._looks[-15:]]), axis=0)
        self._looks.clear()
        return np.asarray(middle, dtype=np.uint8)

    def _continues(self, thumb: Grey, view: View) -> bool:
        if not self._looks:
            return True
        _, before, seen = self._looks[-1]
        return before.shape == thumb.shape and agreement(view, seen) >= LIKE_EACH_OTHER
