"""A dressed person: the posed body cut into skin, hair, top, trousers and shoes, with a hat, an apron, buttons."""

import numpy as np

from simulators.render.body import Body, Posed, Stance, body, posed
from simulators.render.dress import by_bone, cloth, cut, dressed, owners, patches, top_finish, waist
from simulators.render.hat import hat, long_hair
from simulators.render.mesh import Mesh, Points, ball, joined, lathe
from simulators.render.thing import Part, Thing
from simulators.render.trim import trims
from simulators.render.wear import Wear

Profile = list[tuple[float, float]]
HEMS: dict[str, Profile] = {
    "coat": [(1.0, 0.24), (1.0, 0.17), (1.0, 0.1), (0.99, 0.03), (1.02, -0.02), (1.06, -0.16)],
    "shirt": [(1.0, 0.2), (1.0, 0.1), (0.98, 0.03), (0.98, -0.02), (0.99, -0.07)],
}
FITTED = 0.04  # above this height over the pelvis a wrap lies on the body, below it hangs; metres


def person(wear: Wear, stance: Stance, name: str = "person") -> Thing:
    """The dressed body, feet on the floor (z 0), facing -y at the origin."""
    shape = body(wear.shape)
    pose = posed(shape, stance)
    pose = Posed(dressed(shape, pose, wear), pose.heads, pose.turns)
    found = patches(shape, wear)
    owner = owners(shape, found)
    parts = [Part(cut(shape, pose.points, owner == i), p.finish) for i, p in enumerate(found)]
    parts += _garments(shape, pose, wear) + _headwear(shape, pose, wear)
    low = np.array([0.0, 0.0, floor(shape)])
    lifted = tuple(Part(Mesh(p.mesh.points - low, p.mesh.faces, p.mesh.smooth), p.finish) for p in parts)
    return Thing(name, lifted, "person")


def floor(shape: Body) -> float:
    """Height of the soles in the body's own frame, metres."""
    return float(shape.points[:, 2].min())


def on_head(shape: Body, pose: Posed, mesh: Mesh) -> Mesh:
    """A mesh of the head bone's frame in the body's frame."""
    i = shape.bone("head")
    return Mesh(mesh.points @ pose.turns[i].T + pose.heads[i], mesh.faces, mesh.smooth)


def _garments(shape: Body, pose: Posed, wear: Wear) -> list[Part]:
    girth = _girth(shape)
    parts: list[Part] = []
    if wear.top == "none":
        w = waist(shape)
        parts.append(Part(_around(shape, pose, girth, [(0.94, w + 0.012), (0.96, w - 0.035)]), cloth(wear.trousers)))
    else:
        parts.append(Part(_around(shape, pose, girth, HEMS[wear.top]), top_finish(wear)))
    if wear.apron is not None:
        parts += [Part(m, cloth(wear.apron)) for m in (_apron(shape, pose, girth), _band(shape, pose, girth))]
    if wear.buttons is not None and not (wear.apron is not None and wear.bib):
        parts.append(Part(_buttons(shape, pose), cloth(wear.buttons)))
    return [*parts, *trims(shape, pose, wear)]


def _headwear(shape: Body, pose: Posed, wear: Wear) -> list[Part]:
    if wear.hat != "none":
        return [Part(on_head(shape, pose, hat(wear.hat)), cloth(wear.hat_colour))]
    return [Part(on_head(shape, pose, long_hair()), cloth(wear.hair))] if wear.long_hair else []


def _girth(shape: Body) -> Points:
    """Half width and half depth of the clothed hips, and the depth's centre (metres)."""
    trunk = by_bone(shape, "pelvis", "root", "spine05", "upperleg01") & (np.abs(shape.points[:, 2]) < 0.1)
    low, high = shape.points[trunk].min(0), shape.points[trunk].max(0)
    return np.array([(high[0] - low[0]) / 2 + 0.035, (high[1] - low[1]) / 2 + 0.04, (high[1] + low[1]) / 2])


def _around(shape: Body, pose: Posed, girth: Points, profile: Profile) -> Mesh:
    """A wrap about the hips from (radius relative to the girth, height) pairs; its upper part lies on the body."""
    wrap = lathe([(1.0, z) for _, z in profile], sides=26)
    scale = np.array([_ring(shape, pose, girth, r, z) for r, z in profile]).repeat(26, axis=0)
    points = np.stack([wrap.points[:, 0] * scale[:, 0], wrap.points[:, 1] * scale[:, 1] + scale[:, 2]], -1)
    points = np.concatenate([points + pose.heads[0][:2], wrap.points[:, 2:]], -1)
    return Mesh(points, wrap.faces, smooth=True)


def _ring(shape: Body, pose: Posed, girth: Points, radius: float, high: float) -> Points:
    """Half width, half depth and the depth's centre of a wrap at one height."""
    trunk = pose.points[by_bone(shape, "spine", "pelvis", "root", "upperleg01")] - pose.heads[0] * [1.0, 1.0, 0.0]
    near = trunk[np.abs(trunk[:, 2] - high) < 0.02]
    if high < FITTED or len(near) == 0:
        return girth * [radius, radius, 1.0]
    low, top = near.min(0), near.max(0)
    wide, deep = ((top - low)[:2] / 2 * 1.05 + 0.01) * radius
    return np.array([wide, deep, (top[1] + low[1]) / 2])


def _apron(shape: Body, pose: Posed, girth: Points) -> Mesh:
    whole = _around(
        shape, pose, girth, [(1.0, 0.17), (1.0, 0.1), (1.06, 0.03), (1.08, 0.0), (1.12, -0.2), (1.14, -0.46)]
    )
    out = whole.points - np.array([0.0, 0.012, 0.0])
    front = (out[whole.faces][:, :, 1] < girth[2] - 0.02).all(1)
    return Mesh(out, whole.faces[front], smooth=True)


def _band(shape: Body, pose: Posed, girth: Points) -> Mesh:
    """The apron's ties, all the way round."""
    band = _around(shape, pose, girth, [(1.0, 0.15), (1.0, 0.11)])
    return Mesh(band.points * [1.03, 1.03, 1.0], band.faces, smooth=True)


def _buttons(shape: Body, pose: Posed) -> Mesh:
    """Two rows of buttons on the chest."""
    chest = shape.heads[shape.bone("spine02")]
    front = by_bone(shape, "spine", "breast") & (shape.points[:, 1] < chest[1])
    places = [(s * 0.045, chest[2] + z) for s in (-1, 1) for z in (-0.16, -0.07, 0.02, 0.11)]
    found = []
    for x, z in places:
        far = np.hypot(shape.points[:, 0] - x, shape.points[:, 2] - z) + np.where(front, 0.0, 9.0)
        at = pose.points[int(far.argmin())]
        found.append(ball(at, (0.011, 0.011, 0.011), 5, 8))
    return joined(*found)
