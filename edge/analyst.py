"""The analyst: the one thread that looks. Picture → change gate → eye → tracker → scene judge."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import structlog

from domain.camera import Camera
from domain.scene import KINDS
from domain.severity import Severity
from edge.counters import Counters
from edge.gate import ChangeGate
from edge.health import HealthMonitor
from edge.mailbox import Mailbox
from edge.picture import Colour, Picture
from edge.ring import Ring
from inference.detections import Detections
from inference.eye import traits_for
from inference.scenes import Cleared, SceneJudge, Violation
from inference.tracker import Tracker
from inference.traits import Trait

log = structlog.get_logger(__name__)

Tell = Callable[[Camera, Ring, Violation | Cleared, str], None]  # the last: SHA-256 of the weights


class Sees(Protocol):
    """What the analyst needs of inference.eye.Eye."""

    @property
    def sha256(self) -> str: ...

    @property
    def classes(self) -> tuple[str, ...]: ...

    def look(self, image: Colour, wanted: frozenset[Trait]) -> Detections: ...


class Watcher:
    """What the analyst remembers of one camera; touched by its thread only, but for `wanted_fps`, which is read."""

    def __init__(
        self,
        camera: Camera,
        judge: SceneJudge,
        gate: ChangeGate,
        health: HealthMonitor,
        ring: Ring,
        *,
        eye: Sees | None = None,
    ) -> None:
        """`eye` None: the analyst's own."""
        self.eye = self._next_eye = eye
        self.camera, self.judge, self.gate, self.health, self.ring = camera, judge, gate, health, ring
        self.tracker = Tracker(judge.classes)
        self.seen: datetime | None = None
        self.last = Detections.empty()
        self.wanted_fps = 0.0
        self.is_doubtful = self.is_unsettled = False
        self.looked: Callable[[datetime], None] = _nobody
        self.urgent = is_urgent(camera)
        self.wanted_traits = traits_for(scene for zone in camera.zones for scene in zone.scenes)

    def mind(self, at: datetime) -> None:
        """Looks come in time order; when the clock was set back, what is remembered lies in the future: forget it."""
        if self.seen is not None and at < self.seen:
            log.warning("the clock was set back, the camera is judged anew", camera=self.camera.code)
            self._judge_anew(self.judge.classes)
        if self._next_eye is not None and self._next_eye is not self.eye:
            self.eye = self._next_eye
            self._judge_anew(self.eye.classes)
            self.last = Detections.empty()
            self.gate.renew()
        self.seen = at

    def turn_to(self, eye: Sees) -> None:
        """From the next picture on it is looked at with another eye, and judged anew. By any thread."""
        self._next_eye = eye

    def _judge_anew(self, classes: tuple[str, ...]) -> None:
        self.judge, self.tracker = SceneJudge(self.camera, classes), Tracker(classes)


def _nobody(_: datetime) -> None:
    """Nobody waits to hear that a camera's picture, captured then, was looked at."""


def is_urgent(camera: Camera) -> bool:
    """True when the camera watches for a scene of class I."""
    return any(KINDS[scene].severity is Severity.I for zone in camera.zones for scene in zone.scenes)


class Analyst:
    """Opens with an eye, runs in a thread of its own, closes when its work in hand is done."""

    def __init__(self, eye: Sees, mailbox: Mailbox, tell: Tell, counters: Counters) -> None:
        self._eye, self._mailbox, self._tell, self._counters = eye, mailbox, tell, counters
        self._watchers: dict[str, Watcher] = {}
        self._thread = threading.Thread(target=self._run, name="analyst", daemon=True)

    def open(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop looking; waits for the look in hand."""
        self._mailbox.close()
        self._thread.join()

    def watch(self, watcher: Watcher) -> None:
        self._watchers[watcher.camera.code] = watcher

    def forget(self, camera: str) -> None:
        self._watchers.pop(camera, None)

    def _run(self) -> None:
        while (picture := self._mailbox.take()) is not None:
            watcher = self._watchers.get(picture.camera)
            if watcher is None:
                continue  # its camera was removed meanwhile
            try:
                self.look(watcher, picture)
            except Exception:
                self._counters.add("looks_failed")
                log.exception("a picture could not be analysed", camera=picture.camera)
            watcher.looked(picture.at)

    def look(self, watcher: Watcher, picture: Picture) -> None:
        """Analyse one picture, or let the last detections hold when nothing has changed; tell what comes of it."""
        watcher.mind(picture.at)
        thumb = picture.thumb()
        watcher.health.looked(time.monotonic(), thumb)
        if watcher.gate.wants(thumb, picture.at.timestamp(), forced=watcher.wanted_fps > 0):
            self._analyse(watcher, picture)
        else:
            self._counters.add("frames_skipped")
        tracked = watcher.tracker.update(picture.at, watcher.last)  # also when skipped: what stands still lives on
        events = watcher.judge.look(picture.at, tracked)
        watcher.wanted_fps = watcher.judge.wanted_fps(picture.at)
        told = any(isinstance(event, Violation) for event in events)
        watcher.is_doubtful = told or watcher.judge.is_doubtful(picture.at)
        watcher.is_unsettled = watcher.judge.is_unsettled
        for event in events:
            self._tell(watcher.camera, watcher.ring, event, self._eye_of(watcher).sha256)
        self._counters.ages.add(time.time() - picture.at.timestamp())

    def _analyse(self, watcher: Watcher, picture: Picture) -> None:
        seen = self._eye_of(watcher).look(picture.rgb(), watcher.wanted_traits)
        if not seen.same_kinds(watcher.last):
            watcher.gate.stir()
        watcher.last = seen
        self._counters.add("frames_analysed")

    def _eye_of(self, watcher: Watcher) -> Sees:
        return self._eye if watcher.eye is None else watcher.eye
