"""Who and what is in a room at one moment, by seed: people with or without phones, rats, cats, bins, fires."""

from dataclasses import dataclass, replace

import numpy as np

from simulators.render import animal, flame, furniture
from simulators.render.bin import any_bin
from simulators.render.crew import Figure, worker
from simulators.render.fire import Fire, burner, smoke
from simulators.render.held import phone_flat
from simulators.render.room import Room, Spot
from simulators.render.thing import Thing


@dataclass(frozen=True, slots=True)
class Cast:
    """Things and fires of one moment, and who of the things are people."""

    things: tuple[Thing, ...]
    fires: tuple[Fire, ...]
    figures: tuple[Figure, ...] = ()


def cast(plan: Room, seed: int) -> Cast:
    """The cast of a seed in a room. Night rooms have rats and now and then an intruder."""
    rng = np.random.default_rng([seed, 23])
    night = plan.light == "night"
    spots = list(plan.spots)
    rng.shuffle(spots)
    places = enumerate(_apart(spots, _people(rng, plan)))
    crew = [worker(rng, spot, plan.camera, i, near=plan.near) for i, spot in places]
    things: list[Thing] = [t for w in crew for t in w.things]
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
    things += _bins(rng, plan, things)
    if rng.random() < 0.2 and not night:
        things.append(_lying_phone(rng, plan))
    fires = _fires(rng, plan) if not night or rng.random() < 0.1 else []
    fires += [f for w in crew for f in w.fires]
    return Cast(tuple(things), tuple(fires), tuple(w.figure for w in crew))


def _people(rng: np.random.Generator, plan: Room) -> int:
    if plan.near:
        return int(rng.choice([0, 1, 2], p=[0.06, 0.6, 0.34]))
    if plan.light == "night":
        return int(rng.choice([0, 1], p=[0.6, 0.4]))
    return int(rng.choice([0, 1, 2, 3], p=[0.1, 0.4, 0.35, 0.15]))


def _apart(spots: list[Spot], count: int) -> list[Spot]:
    kept: list[Spot] = []
    for s in spots:
        if len(kept) < count and all((s.x - k.x) ** 2 + (s.y - k.y) ** 2 > 0.6 for k in kept):
            kept.append(s)
    return kept


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


def _bins(rng: np.random.Generator, plan: Room, others: list[Thing]) -> list[Thing]:
    """Bins in corners, clear of each other and of who stands or runs there."""
    bins: list[Thing] = []
    places = list(plan.corners)
    for i in range(min(int(rng.choice([0, 1, 2], p=[0.35, 0.45, 0.2])), len(places))):
        x, y = places[int(rng.integers(len(places)))]
        if all(_apart_from(b, x, y) > 0.8 for b in bins) and all(_apart_from(t, x, y) > 0.45 for t in others):
            bins.append(replace(any_bin(rng).moved((x, y, 0.0), float(rng.uniform(-0.5, 0.5))), name=f"bin-{i}"))
    return bins


def _apart_from(thing: Thing, x: float, y: float) -> float:
    """How far a thing's first part is from a place on the floor, metres along the walls."""
    centre = thing.parts[0].mesh.points.mean(0)
    return float(abs(centre[0] - x) + abs(centre[1] - y))


def _lying_phone(rng: np.random.Generator, plan: Room) -> Thing:
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
