"""Flames and smoke in a room: upright pictures that face the camera (no Blender needed)."""

from dataclasses import dataclass

import numpy as np

from simulators.render import flame
from simulators.render.camera import Camera
from simulators.render.mesh import Mesh, sheet
from simulators.render.thing import Finish, Label, Part, Thing


@dataclass(frozen=True, slots=True)
class Fire:
    """A flame or smoke picture to stand upright in the room, facing the camera; without a label it gets no box."""

    name: str
    label: Label | None
    at: tuple[float, float, float]
    width: float
    height: float
    sprite: flame.Sprite
    strength: float


def burner(name: str, at: tuple[float, float, float], seed: int, t: float, height: float) -> Fire:
    """A burner's flames licking around a wok: blue at the root, orange above."""
    sprite = flame.tongues(seed, t, 3 + seed % 3, blue=0.35 if height < 0.25 else 0.12)
    return Fire(name, "flame", at, 0.34 + height * 0.25, height, sprite, 1.7)


def smoke(name: str, at: tuple[float, float, float], seed: int, t: float, height: float) -> Fire:
    """Smoke rising from a pan: mostly pale, now and then dark."""
    return Fire(name, "smoke", at, height * 0.8, height, flame.puff(seed, t), 0.12 if seed % 5 == 0 else 1.5)


def wisp(name: str, at: tuple[float, float, float], seed: int) -> Fire:
    """The thread of smoke over a cigarette: too thin to be labelled."""
    return Fire(name, None, at, 0.1, 0.22, flame.thread(seed), 0.7)


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
