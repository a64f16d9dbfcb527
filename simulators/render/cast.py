"""Who and what is in a room at one moment, by seed: people with or without phones, rats, cats, bins, fires."""

from dataclasses import dataclass, replace

import numpy as np

from simulators.render import animal, flame, furniture
from simulators.render.camera import Camera
from simulators.render.mesh import Mesh, sheet
from simulators.render.person import person, phone_in_hand, random_wear
from simulators.render.room import Room, Spot
from simulators.render.stance import cooking, phoning, standing, walking
from simulators.render.thing import Finish, Label, Part, Thing


@dataclass(frozen=True, slots=True)
class Fire:
    """A flame or smoke picture to stand upright in the room, facing the camera."""

    name: str
    label: Label
    at: tuple[float, float, float]
    width: float
    height: float
    sprite: flame.Sprite
    strength: float


@dataclass(frozen=True, slots=True)
class Cast:
    """Things and fires of one moment."""

    things: tuple[Thing, ...]
    fires: tuple[Fire, ...]


def cast(plan: Room, seed: int) -> Cast:
    """The cast of a seed in a room. Night rooms have rats and now and then an intruder."""
    rng = np.random.default_rng([seed, 23])
    night = plan.light == "night"
    things: list[Thing] = []
    people = int(rng.choice([0, 1], p=[0.6, 0.4])) if night else int(rng.choice([0, 1, 2, 3], p=[0.1, 0.4, 0.35, 0.15]))
    spots = list(plan.spots)
    rng.shuffle(spots)
    for i, spot in enumerate(_apart(spots, people)):
        things += _worker(rng, spot, plan.camera, i)
    rats = int(rng.choice([0, 1, 2], p=[0.15, 0.6, 0.25])) if night else int(rng.choice([0, 1, 2], p=[0.45, 0.4, 0.15]))
    things += [_running(rng, plan, i) for i in range(rats)]
    if rng.random() < 0.15:
        x, y = _floor(rng, plan)
        things.append(
            replace(
                animal.cat(rng, stride=float(rng.uniform(0, 6))).moved((x, y, 0), float(rng.uniform(0, 6.3))),
                name="cat-0",
            )
        )
    things += _bins(rng, plan)
    if rng.random() < 0.2 and not night:
        things.append(_lying_phone(rng, plan))
    fires = _fires(rng, plan) if not night or rng.random() < 0.1 else []
    return Cast(tuple(things), tuple(fires))


def _apart(spots: list[Spot], count: int) -> list[Spot]:
    kept: list[Spot] = []
    for s in spots:
        if len(kept) < count and all((s.x - k.x) ** 2 + (s.y - k.y) ** 2 > 0.6 for k in kept):
            kept.append(s)
    return kept


def _worker(rng: np.random.Generator, spot: Spot, camera: Camera, index: int) -> list[Thing]:
    wear, t = random_wear(rng), float(rng.uniform(0, 20))
    to_camera = float(np.arctan2(camera.eye[0] - spot.x, -(camera.eye[1] - spot.y)))
    turn, at = spot.turn, (spot.x, spot.y, 0.0)
    roll = rng.random()
    if roll < 0.5:
        side = "R" if rng.random() < 0.7 else "L"
        stance = phoning(t, bool(rng.random() < 0.35), float(rng.uniform(-0.06, 0.2)), 1.0 if side == "R" else -1.0)
        turn = to_camera + float(rng.uniform(-1.7, 1.7))
        body = person(wear, stance, f"person-{index}").moved(at, turn)
        phone = phone_in_hand(wear, stance, rng, side).moved(at, turn)
        return [body, replace(phone, name=f"phone-{index}")]
    if spot.work:
        stance = cooking(t, int(rng.integers(3)))
    else:
        stance = walking(t) if rng.random() < 0.6 else standing(t, float(rng.uniform(-0.6, 0.6)))
        turn = float(rng.uniform(-3.1, 3.1))
    return [person(wear, stance, f"person-{index}").moved(at, turn)]


def _floor(rng: np.random.Generator, plan: Room) -> tuple[float, float]:
    """A place on the floor in view, more often at the foot of the furniture than in the middle."""
    for _ in range(80):
        x, y = float(rng.uniform(0.3, plan.width - 0.3)), float(rng.uniform(plan.depth * 0.3, plan.depth - 0.2))
        if rng.random() < 0.6:
            y = plan.depth - 0.8 - float(rng.uniform(0.1, 0.35))
        seen = plan.camera.project([(x, y, 0.0)])[0]
        in_view = bool((seen[:2] > 0.04).all() and (seen[:2] < 0.96).all() and seen[2] > 0)
        if in_view and all(x < a - 0.1 or x > c + 0.1 or y < b - 0.1 or y > d + 0.1 for a, b, c, d in plan.taken):
            return x, y
    return plan.camera.target[0], plan.camera.target[1]


def _running(rng: np.random.Generator, plan: Room, index: int) -> Thing:
    x, y = _floor(rng, plan)
    one = animal.rat(rng, float(rng.uniform(0, 6.3)), float(rng.uniform(-1, 1)), float(rng.uniform(0.2, 0.32)))
    return replace(one.moved((x, y, 0.0), float(rng.uniform(-3.1, 3.1))), name=f"rat-{index}")


def _bins(rng: np.random.Generator, plan: Room) -> list[Thing]:
    bins: list[Thing] = []
    places = list(plan.corners)
    for i in range(min(int(rng.choice([0, 1, 2], p=[0.35, 0.45, 0.2])), len(places))):
        x, y = places[int(rng.integers(len(places)))]
        if any(
            abs(x - float(b.parts[0].mesh.points[:, 0].mean())) + abs(y - float(b.parts[0].mesh.points[:, 1].mean()))
            < 0.8
            for b in bins
        ):
            continue
        one = furniture.bin_closed(rng) if rng.random() < 0.5 else furniture.bin_overflow(rng)
        bins.append(replace(one.moved((x, y, 0.0), float(rng.uniform(-0.5, 0.5))), name=f"bin-{i}"))
    return bins


def _lying_phone(rng: np.random.Generator, plan: Room) -> Thing:
    from simulators.render.person import phone_flat

    works = [s for s in plan.spots if s.work]
    if not works:
        return replace(phone_flat(rng).moved((*_floor(rng, plan), 0.01)), name="phone-flat")
    s = works[int(rng.integers(len(works)))]
    ahead = (s.x + 0.45 * float(np.sin(s.turn)), s.y - 0.45 * float(np.cos(s.turn)), furniture.TOP + 0.008)
    return replace(phone_flat(rng).moved(ahead, float(rng.uniform(0, 6))), name="phone-flat")


def _fires(rng: np.random.Generator, plan: Room) -> list[Fire]:
    fires: list[Fire] = []
    for i, (x, y, z) in enumerate(plan.fires):
        if rng.random() < 0.55:
            fires.append(
                burner(
                    f"flame-{i}",
                    (x, y - 0.12, z),
                    int(rng.integers(1 << 30)),
                    float(rng.uniform(0, 9)),
                    float(rng.uniform(0.16, 0.5)),
                )
            )
            if rng.random() < 0.25:
                fires.append(
                    smoke(
                        f"smoke-{i}",
                        (x, y - 0.05, z + 0.2),
                        int(rng.integers(1 << 30)),
                        float(rng.uniform(0, 9)),
                        float(rng.uniform(0.5, 1.0)),
                    )
                )
    if rng.random() < 0.12:
        at = (*_floor(rng, plan), 0.0)
        size = float(rng.uniform(0.4, 1.0))
        fires.append(
            Fire(
                "flame-big", "flame", at, size, size * 1.2, flame.tongues(int(rng.integers(1 << 30)), 1.0, 4, 0.0), 1.9
            )
        )
        fires.append(smoke("smoke-big", (at[0], at[1] + 0.05, size * 0.8), int(rng.integers(1 << 30)), 1.0, 1.3))
    return fires


def burner(name: str, at: tuple[float, float, float], seed: int, t: float, height: float) -> Fire:
    """A burner's flames licking around a wok: blue at the root, orange above."""
    sprite = flame.tongues(seed, t, 3 + seed % 3, blue=0.35 if height < 0.25 else 0.12)
    return Fire(name, "flame", at, 0.34 + height * 0.25, height, sprite, 1.7)


def smoke(name: str, at: tuple[float, float, float], seed: int, t: float, height: float) -> Fire:
    """Smoke rising from a pan."""
    return Fire(name, "smoke", at, height * 0.8, height, flame.puff(seed, t), 0.7)


def standing_sprite(fire: Fire, camera: Camera, brightening: float = 1.0) -> Thing:
    """The upright plane of a fire, turned to the camera; its picture has the fire's name.

    `brightening` is what the exposure multiplies light by; a flame saturates the sensor whatever it is.
    """
    x, y, z = fire.at
    away = np.array([camera.eye[0] - x, camera.eye[1] - y])
    side = np.array([-away[1], away[0]]) / np.linalg.norm(away) * fire.width / 2
    a, b = (x - side[0], y - side[1]), (x + side[0], y + side[1])
    plane: Mesh = sheet([(*a, z), (*b, z), (*b, z + fire.height), (*a, z + fire.height)])
    return Thing(
        fire.name,
        (Part(plane, Finish("sprite", (1, 1, 1), strength=fire.strength / brightening, image=fire.name)),),
        fire.label,
    )


def outline(fire: Fire, camera: Camera) -> Mesh:
    """Points (as a mesh grid) over what is visible of the fire's picture."""
    left, bottom, right, top = flame.extent(fire.sprite)
    plane = standing_sprite(fire, camera).parts[0].mesh.points
    origin, across, up = plane[0], plane[1] - plane[0], plane[2] - plane[0]
    ends = ((left, bottom), (right, bottom), (right, top), (left, top))
    return sheet([(origin + across * s + up * t).tolist() for s, t in ends], 8, 8)
