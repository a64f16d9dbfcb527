"""A dressed person: the posed body cut into skin, hair, coat, trousers and shoes, with a hat, an apron, a phone."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from simulators.render.body import SHAPES, Body, Posed, Stance, body, posed
from simulators.render.mesh import Mesh, Points, ball, box, joined, lathe, tube
from simulators.render.thing import Finish, Part, Rgb, Thing

Hat = Literal["toque", "cap", "net", "none"]
Region = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Wear:
    """How one person looks: body shape index, colours (linear), what is worn."""

    shape: int
    skin: Rgb
    hair: Rgb
    coat: Rgb
    trousers: Rgb
    hat: Hat
    hat_colour: Rgb
    apron: Rgb | None
    mask: bool
    short_sleeves: bool
    long_hair: bool


SKINS: tuple[Rgb, ...] = ((0.52, 0.30, 0.20), (0.60, 0.37, 0.25), (0.42, 0.23, 0.14), (0.22, 0.11, 0.065))
HAIRS: tuple[Rgb, ...] = ((0.01, 0.009, 0.008), (0.02, 0.013, 0.01), (0.06, 0.035, 0.02), (0.2, 0.19, 0.18))
COATS: tuple[Rgb, ...] = (
    (0.78, 0.78, 0.76), (0.72, 0.73, 0.75), (0.75, 0.74, 0.68), (0.03, 0.03, 0.035), (0.25, 0.03, 0.03),
    (0.10, 0.16, 0.32), (0.35, 0.36, 0.38), (0.06, 0.18, 0.12), (0.5, 0.32, 0.1),
)  # fmt: skip
TROUSERS: tuple[Rgb, ...] = ((0.02, 0.02, 0.025), (0.05, 0.055, 0.07), (0.2, 0.2, 0.2), (0.04, 0.07, 0.16))


def random_wear(rng: np.random.Generator) -> Wear:
    """Clothes of a kitchen worker, now and then of a visitor."""
    white = rng.random() < 0.62
    coat = COATS[rng.integers(0, 3) if white else rng.integers(3, len(COATS))]
    hat: Hat = ("toque", "cap", "net", "none")[int(rng.choice(4, p=[0.35, 0.25, 0.12, 0.28]))]
    dark = bool(rng.random() < 0.35)
    return Wear(
        shape=int(rng.integers(SHAPES)),
        skin=SKINS[int(rng.integers(len(SKINS)))],
        hair=HAIRS[int(rng.integers(len(HAIRS)))],
        coat=coat,
        trousers=TROUSERS[int(rng.integers(len(TROUSERS)))],
        hat=hat,
        hat_colour=(0.04, 0.04, 0.05) if dark and hat == "cap" else (0.8, 0.8, 0.79),
        apron=None
        if rng.random() < 0.5
        else ((0.75, 0.75, 0.73), (0.03, 0.03, 0.04), (0.05, 0.08, 0.2))[int(rng.integers(3))],
        mask=bool(rng.random() < 0.4),
        short_sleeves=bool(rng.random() < 0.25),
        long_hair=bool(rng.random() < 0.25),
    )


def person(wear: Wear, stance: Stance, name: str = "person") -> Thing:
    """The dressed body, feet on the floor (z 0), facing -y at the origin."""
    shape = body(wear.shape)
    pose = posed(shape, stance)
    pose = Posed(_puffed(shape, pose, wear), pose.heads, pose.turns)
    floor = np.array([0.0, 0.0, shape.points[:, 2].min()])
    regions = _regions(shape, wear)
    owner = np.full(len(shape.faces), len(regions))
    for i, (region, _, _) in reversed(list(enumerate(regions))):
        owner[region[shape.faces].sum(1) >= 2] = i
    parts = [
        Part(_cut(shape, pose.points, owner == i), _cloth(colour) if cloth else _skin(colour))
        for i, (_, colour, cloth) in enumerate(regions)
    ]
    parts += _extras(shape, pose, wear)
    lifted = tuple(Part(Mesh(p.mesh.points - floor, p.mesh.faces, p.mesh.smooth), p.finish) for p in parts)
    return Thing(name, lifted, "person")


def phone_in_hand(wear: Wear, stance: Stance, rng: np.random.Generator, side: str = "R") -> Thing:
    """A dark slab with a lit screen in the person's hand, tilted towards the face; same frame as `person`."""
    shape = body(wear.shape)
    pose = posed(shape, stance)
    wrist = pose.heads[shape.bone(f"wrist.{side}")]
    finger = pose.heads[shape.bone(f"finger3-2.{side}")]
    grip = wrist + (finger - wrist) * 0.9 + np.array([0.0, -0.012, 0.035])
    eyes = pose.heads[shape.bone("head")] + np.array([0.0, -0.08, 0.08])
    screen, case = _slab(rng)
    back = (eyes - grip) * np.array([1.0, 1.0, 0.4])  # held steeper than straight at the eyes
    turn = _facing(back / np.linalg.norm(back))
    lift = grip - np.array([0.0, 0.0, shape.points[:, 2].min()]) + turn @ np.array([0.0, 0.03, 0.0])
    parts = [Part(Mesh(p.mesh.points @ turn.T + lift, p.mesh.faces), p.finish) for p in (case, screen)]
    return Thing("phone", tuple(parts), "phone")


def phone_flat(rng: np.random.Generator) -> Thing:
    """A phone lying screen up on a surface, at the origin."""
    screen, case = _slab(rng)
    return Thing("phone", (case, screen), "phone")


def _slab(rng: np.random.Generator) -> tuple[Part, Part]:
    w, h, d = rng.uniform(0.036, 0.042), rng.uniform(0.075, 0.085), 0.006
    case_rgb = ((0.012, 0.012, 0.014), (0.02, 0.02, 0.03), (0.1, 0.1, 0.11), (0.3, 0.02, 0.02))[int(rng.integers(4))]
    case = Part(box((-w, -h, -d), (w, h, d)), Finish("plain", case_rgb, rough=0.25))
    lit = float(rng.uniform(0.4, 2.2))
    tint = ((0.75, 0.85, 1.0), (0.9, 0.92, 0.95), (0.4, 0.75, 0.6), (0.95, 0.8, 0.7))[int(rng.integers(4))]
    screen = box((-w * 0.93, -h * 0.95, d), (w * 0.93, h * 0.95, d + 0.0008))
    return Part(screen, Finish("glow", tint, strength=lit)), case


def _facing(normal: Points) -> Points:
    """Rotation whose z axis is `normal` and whose y axis points as far up as it can."""
    right = np.cross([0.0, 0.0, 1.0], normal)
    right = right / (np.linalg.norm(right) + 1e-9)
    return np.stack([right, np.cross(normal, right), normal], -1)


def _by_bone(shape: Body, *starts: str) -> Region:
    chosen = np.array([any(n.startswith(s) for s in starts) for n in shape.names])
    main: Region = chosen[shape.bones[np.arange(len(shape.points)), shape.weights.argmax(1)]]
    return main


def _regions(shape: Body, wear: Wear) -> list[tuple[Region, Rgb, bool]]:
    """(vertices, colour, cloth?) covering the body; earlier regions win where they overlap."""
    head = _by_bone(shape, "head", "eye", "neck02", "neck03")
    hand = _by_bone(shape, "wrist", "finger", "metacarpal")
    if wear.short_sleeves:
        hand |= _by_bone(shape, "lowerarm")
    foot = _by_bone(shape, "foot", "toe")
    leg = _by_bone(shape, "upperleg", "lowerleg", "pelvis", "root") & (shape.points[:, 2] < 0.02)
    brow = shape.heads[shape.bone("head")]
    scalp = head & _scalp(shape)
    mouth = (
        head
        & (shape.points[:, 2] < brow[2] + 0.035)
        & (shape.points[:, 2] > brow[2] - 0.055)
        & (shape.points[:, 1] < brow[1] - 0.035)
    )
    shoes: Rgb = (0.02, 0.02, 0.02)
    found = [(scalp, wear.hair, True)]
    if wear.mask:
        found.append((mouth, (0.32, 0.5, 0.66), True))
    rest = np.ones(len(shape.points), bool)
    found += [(head, wear.skin, False), (hand, wear.skin, False), (foot, shoes, True), (leg, wear.trousers, True)]
    return [*found, (rest, wear.coat, True)]


def _scalp(shape: Body) -> Region:
    brow = shape.heads[shape.bone("head")]
    high, back = shape.points[:, 2] - brow[2], shape.points[:, 1] - brow[1]
    scalp: Region = (high > 0.095) | ((back > 0.0) & (high > -0.01))
    return scalp


def _puffed(shape: Body, pose: Posed, wear: Wear) -> Points:
    """Points pushed out along the normals where cloth or hair covers the body."""
    corner = pose.points[shape.faces]
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    sums = np.zeros_like(pose.points)
    for k in range(3):
        np.add.at(sums, shape.faces[:, k], normal)
    sums /= np.linalg.norm(sums, axis=1, keepdims=True) + 1e-12
    depth = np.zeros(len(shape.points))
    for region, colour, cloth in reversed(_regions(shape, wear)):
        depth[region] = 0.0 if not cloth else 0.018
        if colour == wear.coat:
            depth[region] += 0.012 + 0.007 * np.sin(shape.points[region] @ np.array([37.0, 23.0, 31.0]))
    return _eased(shape, pose.points + sums * depth[:, None], _covered(shape, wear))


def _covered(shape: Body, wear: Wear) -> Region:
    """Vertices under coat or trousers, hands, feet and head left out."""
    bare = _by_bone(shape, "head", "eye", "neck", "wrist", "finger", "metacarpal", "foot", "toe")
    if wear.short_sleeves:
        bare |= _by_bone(shape, "lowerarm")
    return ~bare


def _eased(shape: Body, points: Points, region: Region, rounds: int = 14) -> Points:
    """The region's points smoothed towards their neighbours: cloth hangs, it does not show muscles."""
    edges = np.concatenate([shape.faces[:, [0, 1]], shape.faces[:, [1, 2]], shape.faces[:, [2, 0]]])
    start, end = np.concatenate([edges, edges[:, ::-1]]).T
    count = np.bincount(start, minlength=len(points))[:, None] + 1e-9
    eased = points.copy()
    for _ in range(rounds):
        sums = np.stack([np.bincount(start, eased[end, k], len(points)) for k in range(3)], -1)
        eased = np.where(region[:, None], sums / count, eased)
    return eased


def _cut(shape: Body, points: Points, chosen: Region) -> Mesh:
    """The chosen faces (M) as a mesh of their own."""
    faces = shape.faces[chosen]
    used, renamed = np.unique(faces, return_inverse=True)
    return Mesh(points[used], renamed.reshape(faces.shape), smooth=True)


def _extras(shape: Body, pose: Posed, wear: Wear) -> list[Part]:
    girth = _girth(shape)
    parts = [Part(_skirt(pose, girth), _cloth(wear.coat))]
    if wear.apron is not None:
        parts.append(Part(_apron(pose, girth), _cloth(wear.apron)))
    if wear.hat != "none":
        parts.append(Part(_on_head(shape, pose, _hat(shape, wear.hat)), _cloth(wear.hat_colour)))
    elif wear.long_hair:
        parts.append(Part(_on_head(shape, pose, ball((0, 0.075, 0.02), (0.075, 0.05, 0.12))), _cloth(wear.hair)))
    return parts


def _girth(shape: Body) -> Points:
    """Half width and half depth of the clothed hips, and the depth's centre (metres)."""
    trunk = _by_bone(shape, "pelvis", "root", "spine05", "upperleg01") & (np.abs(shape.points[:, 2]) < 0.1)
    low, high = shape.points[trunk].min(0), shape.points[trunk].max(0)
    return np.array([(high[0] - low[0]) / 2 + 0.035, (high[1] - low[1]) / 2 + 0.04, (high[1] + low[1]) / 2])


def _around(pose: Posed, girth: Points, profile: list[tuple[float, float]]) -> Mesh:
    wrap = lathe(profile, sides=26)
    points = wrap.points * np.array([girth[0], girth[1], 1.0]) + [0.0, girth[2], 0.0]
    return Mesh(points + (pose.heads[0] - [0, 0, pose.heads[0][2]]), wrap.faces, smooth=True)


def _skirt(pose: Posed, girth: Points) -> Mesh:
    return _around(pose, girth, [(0.70, 0.24), (0.80, 0.2), (0.95, 0.08), (1.01, -0.02), (1.06, -0.16)])


def _apron(pose: Posed, girth: Points) -> Mesh:
    whole = _around(pose, girth, [(0.92, 0.18), (1.06, 0.02), (1.12, -0.2), (1.14, -0.46)])
    front = (whole.points[whole.faces][:, :, 1] < girth[2] - 0.02).all(1)
    return Mesh(whole.points, whole.faces[front], smooth=True)


def _hat(shape: Body, kind: Hat) -> Mesh:
    """A hat in the head bone's frame."""
    if kind == "toque":
        profile = [
            (0.089, 0.085),
            (0.092, 0.15),
            (0.10, 0.19),
            (0.118, 0.235),
            (0.105, 0.265),
            (0.05, 0.28),
            (0.001, 0.28),
        ]
    elif kind == "cap":
        profile = [(0.089, 0.08), (0.092, 0.13), (0.088, 0.165), (0.06, 0.185), (0.001, 0.19)]
    else:
        profile = [(0.092, 0.06), (0.098, 0.12), (0.085, 0.17), (0.045, 0.195), (0.001, 0.2)]
    crown = lathe(profile)
    points = crown.points * np.array([0.98, 1.18, 1.0]) + np.array([0.0, -0.005, 0.0])
    if kind != "cap":
        return Mesh(points, crown.faces, smooth=True)
    peak = tube(
        np.array([[0, -0.07, 0.088], [0, -0.12, 0.082], [0, -0.155, 0.076]]),
        [[0.08, 0.006], [0.075, 0.006], [0.03, 0.005]],
    )
    return joined(Mesh(points, crown.faces, smooth=True), peak)


def _on_head(shape: Body, pose: Posed, mesh: Mesh) -> Mesh:
    i = shape.bone("head")
    return Mesh(mesh.points @ pose.turns[i].T + pose.heads[i], mesh.faces, mesh.smooth)


def _cloth(colour: Rgb) -> Finish:
    return Finish("cloth", colour, rough=0.85)


def _skin(colour: Rgb) -> Finish:
    return Finish("plain", colour, rough=0.5)
