"""A furnished room by seed: walls, furniture, lamps, the camera, and where people may stand (no Blender needed)."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from simulators.render import furniture as make
from simulators.render.camera import Camera
from simulators.render.light import Lamp
from simulators.render.mesh import box, sheet
from simulators.render.thing import Finish, Part, Rgb, Thing

Kind = Literal["kitchen", "store"]
Light = Literal["day", "dim", "night"]
HEIGHT = 2.8

FLOORS: tuple[tuple[Rgb, Rgb], ...] = (
    ((0.32, 0.30, 0.27), (0.12, 0.11, 0.10)), ((0.22, 0.08, 0.05), (0.1, 0.08, 0.07)),
    ((0.42, 0.42, 0.40), (0.2, 0.2, 0.2)), ((0.13, 0.14, 0.15), (0.06, 0.06, 0.06)),
    ((0.36, 0.29, 0.2), (0.16, 0.13, 0.1)), ((0.10, 0.17, 0.15), (0.05, 0.06, 0.06)),
)  # fmt: skip
WALLS: tuple[Rgb, ...] = ((0.68, 0.68, 0.66), (0.6, 0.62, 0.6), (0.62, 0.58, 0.5), (0.5, 0.58, 0.6), (0.55, 0.55, 0.5))


@dataclass(frozen=True, slots=True)
class Spot:
    """A place to stand (x, y) and the way to face (radians about z; 0 faces -y)."""

    x: float
    y: float
    turn: float
    work: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """Everything that does not move, and the places for what does."""

    width: float
    depth: float
    light: Light
    camera: Camera
    lamps: tuple[Lamp, ...]
    ambient: tuple[Rgb, float]
    things: tuple[Thing, ...]
    spots: tuple[Spot, ...]
    corners: tuple[tuple[float, float], ...]
    fires: tuple[tuple[float, float, float], ...]
    taken: tuple[tuple[float, float, float, float], ...]
    near: bool = False  # the camera hangs close to where people stand, at the height of their heads


def room(seed: int, kind: Kind = "kitchen", light: Light = "day") -> Room:
    """The room of a seed: the same seed, the same room."""
    rng = np.random.default_rng([seed, 11])
    width, depth = float(rng.uniform(4.2, 6.4)), float(rng.uniform(3.8, 5.6))
    things: list[Thing] = _shell(rng, width, depth)
    fill = _Fill(rng, things)
    if kind == "kitchen":
        fill.back_wall(width, depth)
        fill.side_wall(0.0, depth)
        if rng.random() < 0.6 and depth > 4.4:
            fill.island(width, depth)
    else:
        fill.racks(width, depth)
    worked = [s for s in fill.spots if _free(s.x, s.y, fill.taken, 0.02)]
    spots = worked + _floor_spots(rng, width, depth, fill.taken)
    return Room(
        width=width,
        depth=depth,
        light=light,
        camera=_camera(rng, width, depth, kind),
        lamps=_lamps(rng, width, depth, light),
        ambient=_ambient(rng, light),
        things=tuple(replace(t, name=f"{t.name}-{i}", label=t.label) for i, t in enumerate(things)),
        spots=tuple(spots),
        corners=_corners(rng, width, depth, fill.taken),
        fires=tuple(fill.fires),
        taken=tuple(fill.taken),
    )


class _Fill:
    """Places furniture along the walls and keeps account of the floor that it takes."""

    def __init__(self, rng: np.random.Generator, things: list[Thing]) -> None:
        self.rng, self.things = rng, things
        self.spots: list[Spot] = []
        self.fires: list[tuple[float, float, float]] = []
        self.taken: list[tuple[float, float, float, float]] = []

    def add(self, thing: Thing, x: float, y: float, z: float = 0.0, turn: float = 0.0) -> None:
        self.things.append(thing.moved((x, y, z), turn))

    def back_wall(self, width: float, depth: float) -> None:
        """A line of stove, counters, sink and fridge along the far wall, with a hood and a wall shelf."""
        x, rng, have_stove = 0.05, self.rng, False
        while x < width - 0.95:
            roll = rng.random()
            if (not have_stove and (roll < 0.45 or x > width * 0.45)) and x + 1.25 < width:
                have_stove = True
                self._stove(x, depth - 0.72)
                x += 1.24
            elif roll < 0.72:
                w = min(float(rng.uniform(0.8, 1.5)), width - x - 0.05)
                self.add(make.counter(w, doors=bool(rng.random() < 0.6)), x, depth - 0.67)
                self._clutter(x, depth - 0.6, w, 0.45)
                self.spots.append(Spot(x + w / 2, depth - 1.0, np.pi, work=True))
                if rng.random() < 0.6:
                    self._board(x, depth, w)
                x += w
            elif roll < 0.87:
                self.add(make.sink(), x, depth - 0.67)
                self.spots.append(Spot(x + 0.45, depth - 1.0, np.pi, work=True))
                x += 0.9
            else:
                self.add(make.fridge(), x, depth - 0.8)
                x += 0.82
        self.taken.append((0.0, depth - 0.8, width, depth))

    def side_wall(self, x: float, depth: float) -> None:
        """Counters or a rack along the left wall, fronts to the room."""
        y, rng = depth - 1.2, self.rng
        while y > depth * 0.45:
            w = float(rng.uniform(0.8, 1.3))
            thing = make.counter(w) if rng.random() < 0.6 else make.shelf(rng, w)
            self.add(thing, x + 0.68, y - w, 0.0, np.pi / 2)
            if thing.name == "counter":
                self.spots.append(Spot(x + 1.0, y - w / 2, -np.pi / 2, work=True))
                self.add(
                    Thing("goods", tuple(make.goods(rng, w, 0.4, make.TOP, 0.25))), x + 0.58, y - w, 0.0, np.pi / 2
                )
            y -= w
        self.taken.append((0.0, y, 0.72, depth))

    def island(self, width: float, depth: float) -> None:
        """A worktop in the middle: who works behind it faces the camera."""
        w = float(self.rng.uniform(1.3, 2.0))
        x = float(self.rng.uniform(0.3, 0.7)) * width - w / 2
        y = depth * 0.5 - 0.1
        self.add(make.counter(w, doors=bool(self.rng.random() < 0.4)), x, y)
        self._clutter(x, y + 0.08, w, 0.3)
        self.spots += [Spot(x + w * 0.3, y + 1.0, 0.0, work=True), Spot(x + w * 0.75, y + 1.0, 0.0, work=True)]
        self.spots.append(Spot(x + w * 0.6, y - 0.34, np.pi, work=True))
        self.taken.append((x - 0.05, y - 0.05, x + w + 0.05, y + 0.7))

    def racks(self, width: float, depth: float) -> None:
        """A store room: racks along the far and the left wall, boxes on the floor."""
        x, rng = 0.05, self.rng
        while x < width - 1.0:
            w = float(rng.uniform(0.9, 1.4))
            self.add(make.shelf(rng, w, levels=int(rng.integers(4, 6))), x, depth - 0.52)
            x += w + float(rng.uniform(0.02, 0.3))
        y = depth - 0.9
        while y > depth * 0.4:
            self.add(make.shelf(rng, 1.1), 0.53, y - 1.1, 0.0, np.pi / 2)
            y -= 1.2
        self.add(Thing("goods", tuple(make.goods(rng, 1.2, 0.5, 0.0, 0.5))), width - 1.3, depth - 1.2)
        self.taken += [(0.0, depth - 0.6, width, depth), (0.0, y, 0.6, depth)]
        self.taken.append((width - 1.4, depth - 1.25, width, depth))

    def _stove(self, x: float, y: float) -> None:
        self.add(make.stove(), x, y)
        self.add(make.hood(1.3), x - 0.05, y - 0.1, 1.95)
        for bx, by in make.burners():
            self.add(
                make.wok(self.rng) if self.rng.random() < 0.6 else make.pot(self.rng), x + bx, y + by, make.TOP + 0.05
            )
            self.fires.append((x + bx, y + by, make.TOP + 0.03))
        self.spots.append(Spot(x + 0.6, y - 0.33, np.pi, work=True))

    def _clutter(self, x: float, y: float, width: float, depth: float) -> None:
        if self.rng.random() < 0.5:
            self.add(make.pot(self.rng), x + 0.25, y + depth * 0.6, make.TOP)
            self.add(
                Thing("goods", tuple(make.goods(self.rng, width - 0.5, depth * 0.6, make.TOP, 0.22))), x + 0.48, y + 0.1
            )
        else:
            self.add(Thing("goods", tuple(make.goods(self.rng, width, depth * 0.6, make.TOP, 0.2))), x, y + 0.1)

    def _board(self, x: float, depth: float, width: float) -> None:
        board = box((0, 0, 0), (width, 0.3, 0.03))
        parts = (Part(board, make.STEEL), *make.goods(self.rng, width, 0.28, 0.03, 0.3))
        self.add(Thing("board", parts), x, depth - 0.32, 1.5)


def _shell(rng: np.random.Generator, w: float, d: float) -> list[Thing]:
    floor, grout = FLOORS[int(rng.integers(len(FLOORS)))]
    wall = WALLS[int(rng.integers(len(WALLS)))]
    ground = Finish(
        "tile", floor, rough=float(rng.uniform(0.25, 0.6)), size=float(rng.choice([0.2, 0.3, 0.4])), second=grout
    )
    side = Finish(
        "tile",
        wall,
        rough=0.3,
        size=float(rng.choice([0.15, 0.2, 0.3])),
        second=(wall[0] * 0.6, wall[1] * 0.6, wall[2] * 0.6),
    )
    h = HEIGHT
    walls = [
        sheet([(0, d, 0), (w, d, 0), (w, d, h), (0, d, h)]), sheet([(0, 0, 0), (0, d, 0), (0, d, h), (0, 0, h)]),
        sheet([(w, d, 0), (w, 0, 0), (w, 0, h), (w, d, h)]),
    ]  # fmt: skip
    parts = [Part(sheet([(0, 0, 0), (w, 0, 0), (w, d, 0), (0, d, 0)]), ground)]
    parts += [Part(m, side) for m in walls]
    parts.append(Part(sheet([(0, 0, h), (0, d, h), (w, d, h), (w, 0, h)]), Finish("plain", (0.7, 0.7, 0.69))))
    if rng.random() < 0.6:
        x = float(rng.uniform(0.5, 0.8)) * w
        door = box((w - 0.03, d * 0.35, 0), (w - 0.005, d * 0.35 + 0.9, 2.05))
        parts.append(Part(door, Finish("plain", ((0.3, 0.32, 0.34), (0.25, 0.16, 0.09))[int(rng.integers(2))])))
        mat = box((x - 0.4, d - 1.45, 0), (x + 0.4, d - 0.9, 0.012))
        parts.append(Part(mat, Finish("plain", (0.03, 0.03, 0.03), rough=0.9)))
    return [Thing("shell", tuple(parts))]


def _camera(rng: np.random.Generator, w: float, d: float, kind: Kind) -> Camera:
    x = float(rng.choice([0.12, 0.5, 0.88])) * w + float(rng.uniform(-0.2, 0.2))
    eye = (float(np.clip(x, 0.25, w - 0.25)), float(rng.uniform(0.12, 0.4)), float(rng.uniform(2.3, 2.65)))
    target = (w * float(rng.uniform(0.4, 0.6)), d * float(rng.uniform(0.62, 0.78)), float(rng.uniform(0.6, 0.95)))
    return Camera(eye, target, float(rng.uniform(1.15, 1.5)))


def _lamps(rng: np.random.Generator, w: float, d: float, light: Light) -> tuple[Lamp, ...]:
    warm = float(rng.uniform(0.82, 1.08))
    rgb = (1.0, 0.5 + 0.47 * warm, 0.1 + 0.85 * warm) if warm < 1 else (0.93, 0.97, 1.0)
    power = {"day": float(rng.uniform(45, 75)), "dim": float(rng.uniform(9, 20)), "night": 0.0}[light]
    if light == "night":
        return ()
    rows = [(w * 0.3, d * 0.35), (w * 0.7, d * 0.35), (w * 0.3, d * 0.72), (w * 0.7, d * 0.72)]
    return tuple(Lamp("AREA", (x, y, HEIGHT - 0.05), (x, y, 0.0), power, rgb, 1.2, 0.3) for x, y in rows)


def close(plan: Room, seed: int) -> Room:
    """The same room seen from nearer: every second seed at heads, else at a place on the floor."""
    rng = np.random.default_rng([seed, 31])
    near = bool(rng.random() < 0.5)
    spots = [s for s in plan.spots if not s.work] or list(plan.spots)
    spot = spots[int(rng.integers(len(spots)))]
    x, y = _vantage(rng, plan, spot, (1.2, 2.3) if near else (1.5, 2.5))
    eye = (x, y, float(rng.uniform(1.75, 2.4) if near else rng.uniform(1.6, 2.5)))
    target = (spot.x, spot.y + 0.1, float(rng.uniform(1.3, 1.6) if near else rng.uniform(0.45, 1.0)))
    before = [s for s in plan.spots if s == spot or s.y > y + 0.6]
    kept = sorted(before, key=lambda s: (s.x - spot.x) ** 2 + (s.y - spot.y) ** 2)[: 3 if near else 4]
    return replace(plan, camera=Camera(eye, target, float(rng.uniform(0.75, 1.05))), spots=tuple(kept), near=near)


def _vantage(rng: np.random.Generator, plan: Room, spot: Spot, away: tuple[float, float]) -> tuple[float, float]:
    """A place for a camera before a spot, clear of the furniture if there is one."""
    x, y = spot.x, max(spot.y - away[1], 0.12)
    for _ in range(8):
        x = float(np.clip(spot.x + rng.uniform(-1.0, 1.0), 0.2, plan.width - 0.2))
        y = max(spot.y - float(rng.uniform(*away)), 0.12)
        if _free(x, y, list(plan.taken), 0.15):
            break
    return x, y


def infrared(camera: Camera, watts: float = 120.0) -> Lamp:
    """The ring of infrared diodes around a camera's lens."""
    x, y, z = camera.eye
    return Lamp("SPOT", (x, y, z + 0.04), camera.target, watts, (1.0, 1.0, 1.0), 0.05, angle=2.3)


def _ambient(rng: np.random.Generator, light: Light) -> tuple[Rgb, float]:
    strength = {"day": float(rng.uniform(0.25, 0.45)), "dim": 0.07, "night": 0.015}[light]
    return (1.0, 0.98, 0.94), strength


def _free(x: float, y: float, taken: list[tuple[float, float, float, float]], margin: float) -> bool:
    return all(x < a - margin or x > c + margin or y < b - margin or y > d + margin for a, b, c, d in taken)


def _floor_spots(
    rng: np.random.Generator, w: float, d: float, taken: list[tuple[float, float, float, float]]
) -> list[Spot]:
    spots: list[Spot] = []
    for _ in range(60):
        x, y = float(rng.uniform(0.6, w - 0.6)), float(rng.uniform(d * 0.38, d - 0.9))
        if _free(x, y, taken, 0.3) and all((x - s.x) ** 2 + (y - s.y) ** 2 > 0.5 for s in spots):
            spots.append(Spot(x, y, float(rng.uniform(-2.0, 2.0))))
    return spots


def _corners(
    rng: np.random.Generator, w: float, d: float, taken: list[tuple[float, float, float, float]]
) -> tuple[tuple[float, float], ...]:
    """Free floor near walls: where bins stand."""
    tried = [(w - 0.4, float(rng.uniform(d * 0.5, d - 0.5))) for _ in range(6)]
    tried += [(0.4, float(rng.uniform(d * 0.3, d * 0.6))) for _ in range(6)]
    tried += [(float(rng.uniform(0.5, w - 0.5)), d - 1.15) for _ in range(4)]
    return tuple(p for p in tried if _free(*p, taken, 0.25))
