"""Where a person's head and face are, as marks for the truth, and which way the face looks (no Blender needed)."""

from dataclasses import dataclass

import numpy as np

from simulators.render.body import Array, Body, Posed, Stance, body, posed
from simulators.render.dress import by_bone, puffed
from simulators.render.hat import hat, long_hair
from simulators.render.mesh import Mesh, Points, about_z
from simulators.render.person import floor
from simulators.render.wear import Wear

TALLEST = 1.3  # a hat counts for the head's box up to this many head heights over the chin
BROW, CHEEK = 0.075, -0.02  # the face: below this height, before this depth, from the head bone in metres
NO_FACES = np.zeros((0, 3), np.int64)


@dataclass(frozen=True, slots=True)
class Head:
    """Points of head (with hair and the lower hat) and face, and the unit vector that the face looks along."""

    skull: Points
    face: Points
    forward: Array

    def moved(self, offset: tuple[float, float, float], turn: float = 0.0) -> "Head":
        """The head turned about z, then moved (metres, radians)."""
        spin = about_z(turn).T
        return Head(self.skull @ spin + offset, self.face @ spin + offset, self.forward @ spin)

    def aside(self, eye: tuple[float, float, float]) -> float:
        """The angle between where the face looks and the way to an eye, radians."""
        way = np.asarray(eye) - self.face.mean(0)
        return float(np.arccos(np.clip(self.forward @ way / np.linalg.norm(way), -1, 1)))


def head_of(wear: Wear, stance: Stance) -> Head:
    """The head of a person; the same frame as `person`."""
    shape = body(wear.shape)
    pose = posed(shape, stance)
    i = shape.bone("head")
    own = (puffed(shape, pose, wear) - pose.heads[i]) @ pose.turns[i]
    rest = shape.points - shape.heads[i]
    skull = by_bone(shape, "head", "eye") & (rest[:, 2] > -0.1)
    face = skull & (rest[:, 1] < CHEEK) & (rest[:, 2] < BROW)
    whole = np.concatenate([own[skull], *_worn(own[skull], wear)])
    return Head(_placed(shape, pose, whole), _placed(shape, pose, own[face]), pose.turns[i] @ [0.0, -1.0, 0.0])


def trunk_of(wear: Wear, stance: Stance) -> Points:
    """Points of chest and belly, by which clothes are judged; the same frame as `person`."""
    shape = body(wear.shape)
    trunk = by_bone(shape, "spine", "breast", "clavicle", "shoulder")
    return posed(shape, stance).points[trunk] - [0.0, 0.0, floor(shape)]


def mesh_of(points: Points) -> Mesh:
    """Points as a mesh without faces."""
    return Mesh(points, NO_FACES)


def _worn(skull: Points, wear: Wear) -> list[Points]:
    if wear.hat == "none":
        return [long_hair().points] if wear.long_hair else []
    chin, crown = skull[:, 2].min(), skull[:, 2].max()
    points = hat(wear.hat).points.copy()
    points[:, 2] = np.minimum(points[:, 2], chin + TALLEST * (crown - chin))
    return [points]


def _placed(shape: Body, pose: Posed, points: Points) -> Points:
    i = shape.bone("head")
    placed: Points = points @ pose.turns[i].T + pose.heads[i] - [0.0, 0.0, floor(shape)]
    return placed
