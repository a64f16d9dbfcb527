"""One clip's plan: its room, its length, who does what when, and what is true in it (no Blender needed)."""

from collections.abc import Callable
from dataclasses import dataclass

from simulators.render.cast import Cast
from simulators.render.room import Room
from simulators.render.sensor import Sensor

Point = tuple[float, float]
WHOLE: tuple[Point, ...] = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Moment:
    """A state of the scene: equal keys look equal, so each is rendered once; `act` builds its cast."""

    key: tuple[object, ...]
    act: Callable[[], Cast]


@dataclass(frozen=True, slots=True)
class SceneTruth:
    """A scene that holds from `begin_s` to `end_s` in a zone (polygon relative to the picture)."""

    scene: str
    begin_s: float
    end_s: float
    zone: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Shot:
    """A clip to render: `rate` states a second are rendered and held to 25 frames a second.

    `looks_like` names the scenes that it could be taken for and that it must not raise.
    """

    name: str
    note: str
    room: Room
    width: int
    height: int
    duration_s: float
    rate: float
    brightness: float
    sensor: Sensor
    moment: Callable[[float], Moment]
    scenes: tuple[SceneTruth, ...] = ()
    zones: tuple[tuple[str, tuple[Point, ...]], ...] = ()
    looks_like: tuple[str, ...] = ()


def zone_of(plan: Room, corners: list[tuple[float, float]]) -> tuple[Point, ...]:
    """A polygon on the floor (metres) as the camera sees it, relative, clipped to the picture."""
    seen = plan.camera.project([(x, y, 0.0) for x, y in corners])
    return tuple((round(min(max(float(x), 0.0), 1.0), 4), round(min(max(float(y), 0.0), 1.0), 4)) for x, y, _ in seen)
