"""The body's surface cut into what covers it: hair, mask, skin, top, trousers, shoes (no Blender needed)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulators.render.body import Body, Posed
from simulators.render.mesh import Mesh, Points
from simulators.render.thing import Finish, Rgb
from simulators.render.wear import Wear

Region = npt.NDArray[np.bool_]
SHOES: Rgb = (0.02, 0.02, 0.02)


@dataclass(frozen=True, slots=True)
class Patch:
    """Vertices (N) of the body with one finish, which stands off the skin by `depth` metres."""

    region: Region
    finish: Finish
    depth: float = 0.0
    wrinkled: bool = False


def cloth(colour: Rgb) -> Finish:
    """Woven and matt."""
    return Finish("cloth", colour, rough=0.85)


def top_finish(wear: Wear) -> Finish:
    """The top's cloth, striped or plain."""
    if wear.stripe is None:
        return cloth(wear.coat)
    return Finish("stripe", wear.coat, rough=0.85, size=0.07 + 0.02 * wear.shape, second=wear.stripe)


def by_bone(shape: Body, *starts: str) -> Region:
    """Vertices that mainly follow one of the bones whose names start so."""
    chosen = np.array([any(n.startswith(s) for s in starts) for n in shape.names])
    main: Region = chosen[shape.bones[np.arange(len(shape.points)), shape.weights.argmax(1)]]
    return main


def waist(shape: Body) -> float:
    """Height of the trousers' top over the pelvis when nothing hangs over it, metres."""
    return float(shape.heads[shape.bone("spine05")][2]) - 0.02


def patches(shape: Body, wear: Wear) -> list[Patch]:
    """What covers the body; earlier patches win where they overlap."""
    skin = Finish("plain", wear.skin, rough=0.5)
    head = by_bone(shape, "head", "eye", "neck02", "neck03")
    foot = by_bone(shape, "foot", "toe")
    found = [Patch(head & _scalp(shape), cloth(wear.hair), 0.018 if wear.hat == "none" else 0.0)]
    if wear.mask:
        found.append(Patch(head & _mouth(shape), cloth(wear.mask_colour), 0.018))
    found += [Patch(head | _uncovered(shape, wear), skin), Patch(foot, cloth(SHOES), 0.018)]
    found.append(Patch(_legs(shape, wear), cloth(wear.trousers), 0.018))
    if wear.sleeve is not None:
        found.append(Patch(by_bone(shape, "upperarm", "lowerarm"), cloth(wear.sleeve), 0.03, wrinkled=True))
    return [*found, Patch(np.ones(len(shape.points), bool), top_finish(wear), 0.03, wrinkled=True)]


def puffed(shape: Body, pose: Posed, wear: Wear) -> Points:
    """Points pushed out along the normals where cloth or hair covers the body."""
    corner = pose.points[shape.faces]
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    sums = np.zeros_like(pose.points)
    for k in range(3):
        np.add.at(sums, shape.faces[:, k], normal)
    sums /= np.linalg.norm(sums, axis=1, keepdims=True) + 1e-12
    depth = np.zeros(len(shape.points))
    for patch in reversed(patches(shape, wear)):
        depth[patch.region] = patch.depth
        if patch.wrinkled:
            depth[patch.region] += 0.007 * np.sin(shape.points[patch.region] @ np.array([37.0, 23.0, 31.0]))
    return pose.points + sums * depth[:, None]


def dressed(shape: Body, pose: Posed, wear: Wear) -> Points:
    """Points of the covered body: cloth hangs, it does not show muscles."""
    covered = ~(_uncovered(shape, wear) | by_bone(shape, "head", "eye", "neck", "foot", "toe"))
    hung = _eased(shape, puffed(shape, pose, wear), covered)
    chest = by_bone(shape, "spine", "clavicle", "shoulder") & (shape.points[:, 1] < 0)
    return _eased(shape, hung, covered & chest, 120)


def cut(shape: Body, points: Points, chosen: Region) -> Mesh:
    """The chosen faces (M) as a mesh of their own."""
    faces = shape.faces[chosen]
    used, renamed = np.unique(faces, return_inverse=True)
    return Mesh(points[used], renamed.reshape(faces.shape), smooth=True)


def owners(shape: Body, found: list[Patch]) -> npt.NDArray[np.int64]:
    """The patch of each face (M)."""
    owner = np.full(len(shape.faces), len(found) - 1)
    for i, patch in reversed(list(enumerate(found))):
        owner[patch.region[shape.faces].sum(1) >= 2] = i
    return owner


def _scalp(shape: Body) -> Region:
    brow = shape.heads[shape.bone("head")]
    side, back, high = (shape.points - brow).T
    ear = (np.abs(side) > 0.076) & (high < 0.06)
    scalp: Region = (high > 0.095) | ((back > 0.0) & (high > -0.01) & ~ear)
    return scalp


def _mouth(shape: Body) -> Region:
    """Nose to chin."""
    x, y, z = (shape.points - shape.heads[shape.bone("head")]).T
    mouth: Region = (z < 0.024 - 0.1 * np.abs(x)) & (z > -0.1) & (y < -0.035)
    return mouth


def _uncovered(shape: Body, wear: Wear) -> Region:
    """Skin below the head."""
    bare = by_bone(shape, "wrist", "finger", "metacarpal")
    if wear.short_sleeves:
        bare |= by_bone(shape, "lowerarm")
    if wear.top == "shirt":
        bare |= _throat(shape)
        bare |= by_bone(shape, "upperarm02") if wear.short_sleeves else bare
    if wear.shorts:
        bare |= by_bone(shape, "lowerleg")
    if wear.top == "none":
        bare |= ~by_bone(shape, "foot", "toe", "upperleg", "lowerleg") & (shape.points[:, 2] > waist(shape))
        bare |= by_bone(shape, "neck", "clavicle", "shoulder", "upperarm", "lowerarm")
    return bare


def _throat(shape: Body) -> Region:
    """The neck above a shirt's collar."""
    x, _, z = (shape.points - shape.heads[shape.bone("neck01")]).T
    throat: Region = by_bone(shape, "neck") & (np.abs(x) < 0.075) & (z > 0.0)
    return throat


def _legs(shape: Body, wear: Wear) -> Region:
    leg = by_bone(shape, "upperleg", "lowerleg", "pelvis", "root", "spine")
    return leg & (shape.points[:, 2] < (waist(shape) if wear.top == "none" else 0.02))


def _eased(shape: Body, points: Points, region: Region, rounds: int = 14) -> Points:
    """The region's points smoothed towards their neighbours."""
    edges = np.concatenate([shape.faces[:, [0, 1]], shape.faces[:, [1, 2]], shape.faces[:, [2, 0]]])
    start, end = np.concatenate([edges, edges[:, ::-1]]).T
    inside = region[start]
    start, end = start[inside], end[inside]
    count = np.bincount(start, minlength=len(points))[:, None] + 1e-9
    eased = points.copy()
    for _ in range(rounds):
        sums = np.stack([np.bincount(start, eased[end, k], len(points)) for k in range(3)], -1)
        eased = np.where(region[:, None], sums / count, eased)
    return eased
