"""The people of a cast: who stands where, dressed how, doing what, with what in the hand (no Blender needed)."""

from dataclasses import dataclass, replace

import numpy as np

from simulators.render.body import Side, Stance, body
from simulators.render.camera import Camera
from simulators.render.fire import Fire, wisp
from simulators.render.head import Head, head_of, trunk_of
from simulators.render.held import cigarette, phone_in_hand, tip
from simulators.render.mesh import Points, about_z
from simulators.render.person import person
from simulators.render.room import Spot
from simulators.render.stance import cooking, phoning, smoking, standing, walking
from simulators.render.thing import Thing
from simulators.render.wear import Wear, random_wear


@dataclass(frozen=True, slots=True)
class Figure:
    """One person as the truth needs it: the thing's name, what is worn, head and trunk in the room.

    `turn` is where the body faces (radians about z; 0 faces -y), `cigarette` the name of the one that is smoked.
    """

    name: str
    wear: Wear
    head: Head
    trunk: Points
    turn: float
    cigarette: str | None = None


@dataclass(frozen=True, slots=True)
class Worker:
    """A figure with the things and sprites that belong to it."""

    figure: Figure
    things: tuple[Thing, ...]
    fires: tuple[Fire, ...] = ()


@dataclass(frozen=True, slots=True)
class _Act:
    """A stance with what is held, in the person's own frame; `aside` turns it away from the camera."""

    stance: Stance
    held: tuple[Thing, ...] = ()
    turn: float | None = None


def worker(rng: np.random.Generator, spot: Spot, camera: Camera, index: int, *, near: bool = False) -> Worker:
    """Somebody at a spot; `near` ones face the camera and smoke more often."""
    wear, smokes = random_wear(rng), bool(rng.random() < (0.4 if near else 0.2))
    if smokes:
        wear = replace(wear, mask=False)
    to_camera = float(np.arctan2(camera.eye[0] - spot.x, -(camera.eye[1] - spot.y)))
    act = _smokes(rng, wear) if smokes else _works(rng, wear, spot)
    turn = spot.turn if act.turn is None else act.turn
    if smokes or act.held or (near and rng.random() < 0.7):
        turn = to_camera + float(rng.uniform(-1.7, 1.7)) * (0.75 if near else 1.0)
    at = (spot.x, spot.y, 0.0)
    name = f"person-{index}"
    held = tuple(replace(t.moved(at, turn), name=f"{t.name}-{index}") for t in act.held)
    sticks = [t for t in held if t.label == "cigarette"]
    who = replace(figure(wear, act.stance, at, turn), name=name, cigarette=sticks[0].name if sticks else None)
    fires = tuple(wisp(f"wisp-{index}", tip(t), int(rng.integers(1 << 30))) for t in sticks if rng.random() < 0.5)
    return Worker(who, (person(wear, act.stance, name).moved(at, turn), *held), fires)


def figure(wear: Wear, stance: Stance, at: tuple[float, float, float], turn: float) -> Figure:
    """What is true of a person at a place; without a name yet."""
    head = head_of(wear, stance).moved(at, turn)
    return Figure("", wear, head, trunk_of(wear, stance) @ about_z(turn).T + at, turn)


def _works(rng: np.random.Generator, wear: Wear, spot: Spot) -> _Act:
    """On the phone, at work, on the way, or with a hand at the face and nothing in it."""
    t, roll = float(rng.uniform(0, 20)), rng.random()
    if roll < 0.45:
        side: Side = "R" if rng.random() < 0.7 else "L"
        stance = phoning(t, bool(rng.random() < 0.35), float(rng.uniform(-0.06, 0.2)), 1.0 if side == "R" else -1.0)
        return _Act(stance, (phone_in_hand(wear, stance, rng, side),))
    if roll < 0.52:
        return _Act(_hand_at_mouth(rng, wear)[0])
    if spot.work:
        return _Act(cooking(t, int(rng.integers(3))))
    stance = walking(t) if rng.random() < 0.6 else standing(t, float(rng.uniform(-0.6, 0.6)))
    return _Act(stance, turn=float(rng.uniform(-3.1, 3.1)))


def _smokes(rng: np.random.Generator, wear: Wear) -> _Act:
    t = float(rng.uniform(0, 20))
    if rng.random() < 0.55:
        stance, side = _hand_at_mouth(rng, wear)
        return _Act(stance, (cigarette(wear, stance, rng, side),))
    stance = (standing(t, float(rng.uniform(-0.6, 0.6))), walking(t), cooking(t, 1), phoning(t))[int(rng.integers(4))]
    return _Act(stance, (cigarette(wear, stance, rng),))


def _hand_at_mouth(rng: np.random.Generator, wear: Wear) -> tuple[Stance, Side]:
    shape = body(wear.shape)
    side: Side = "R" if rng.random() < 0.7 else "L"
    high = float(shape.heads[shape.bone("head")][2])
    return smoking(float(rng.uniform(0, 20)), high, float(rng.uniform(0, 1)) ** 2, side), side
