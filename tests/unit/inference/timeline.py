"""Timelines with a fake clock: what a camera is shown for how long, and what its judge makes of it."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

import numpy as np

from domain.camera import Camera, Point, Zone
from domain.scene import Scene
from domain.schedule import ALWAYS_OPEN, Opening, Schedule
from inference.detections import Detections
from inference.scenes import Cleared, SceneJudge, Violation
from inference.traits import State, Trait

T0 = datetime(2026, 1, 1, 4, tzinfo=UTC)  # noon of a Thursday in Shanghai
FIRST_MINUTE = Schedule((Opening((3,), time(12), time(12, 1)),))
CLASSES = (
    *("person", "head", "phone", "cigarette", "rat", "cat", "dog", "bin", "bin_open", "bin_overflow", "flame"),
    *("smoke", "with_mask", "without_mask"),
)
WHOLE: tuple[Point, ...] = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
LEFT: tuple[Point, ...] = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))

Event = Violation | Cleared


class Thing(NamedTuple):
    """One detection; `traits` of a person are (trait, state) pairs, all of one sureness."""

    name: str
    x1: float
    y1: float
    x2: float
    y2: float
    track: int
    traits: tuple[tuple[Trait, State], ...] = ()
    sure: float = 0.9

    def wearing(self, trait: Trait, state: State, sure: float = 0.9) -> "Thing":
        return self._replace(traits=((trait, state),), sure=sure)

    def moved(self, dx: float) -> "Thing":
        return self._replace(x1=self.x1 + dx, x2=self.x2 + dx)


PERSON = Thing("person", 0.2, 0.2, 0.4, 0.9, 1)
Span = tuple[float, Iterable[Thing]]  # so many seconds of these


def judge(scene: Scene, schedule: Schedule = ALWAYS_OPEN, **zone: object) -> SceneJudge:
    """A camera with one zone for one scene; the whole picture unless `polygon` says otherwise."""
    settings: dict[str, object] = {"polygon": WHOLE, **zone}
    place = Zone(code="z", zh="区", en="zone", scenes=(scene,), **settings)  # type: ignore[arg-type]
    return SceneJudge(Camera("cam", "site", "rtsp://x", (place,), schedule), CLASSES)


def seen(*things: Thing) -> Detections:
    traits = np.zeros((len(things), len(Trait)), dtype=np.int8)
    sureness = np.zeros((len(things), len(Trait)), dtype=np.float32)
    for row, thing in enumerate(things):
        for trait, state in thing.traits:
            traits[row, trait], sureness[row, trait] = state, thing.sure
    boxes, tracks = [thing[1:5] for thing in things], [thing.track for thing in things]
    found = Detections.of(boxes, [0.9] * len(things), [CLASSES.index(thing.name) for thing in things], tracks)
    return found.with_traits(traits, sureness)


def play(camera: SceneJudge, begin: float, end: float, step: float, *things: Thing) -> list[tuple[float, Event]]:
    """Look every `step` seconds from begin to end (exclusive); returns what happened and when."""
    events = []
    for index in range(round((end - begin) / step)):
        moment = begin + index * step
        events += [(moment, event) for event in camera.look(T0 + timedelta(seconds=moment), seen(*things))]
    return events


def tell(camera: SceneJudge, *spans: Span, step: float = 1.0) -> list[tuple[float, Event]]:
    """Play one span after the other."""
    events, now = [], 0.0
    for seconds, things in spans:
        events += play(camera, now, now + seconds, step, *things)
        now += seconds
    return events


def raised(camera: SceneJudge, *spans: Span, step: float = 1.0) -> list[float]:
    """When violations began."""
    return [moment for moment, event in tell(camera, *spans, step=step) if isinstance(event, Violation)]


def only(events: Iterable[tuple[float, Event]]) -> Violation:
    """The one event there is, which is a violation."""
    ((_, event),) = events
    assert isinstance(event, Violation)
    return event
