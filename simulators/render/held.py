"""What people hold: a phone, a cigarette in the hand or the mouth (no Blender needed)."""

from itertools import pairwise

import numpy as np

from simulators.render.body import Body, Posed, Side, Stance, body, posed
from simulators.render.mesh import Mesh, Points, box, tube
from simulators.render.person import floor
from simulators.render.thing import Finish, Part, Thing
from simulators.render.wear import Wear

LONG, THICK = 0.084, 0.0045  # a cigarette, metres; a little thicker than real: it must survive the denoiser
MOUTH = (0.014, -0.098, -0.035)  # a corner of the mouth, from the head bone


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
    lift = grip - np.array([0.0, 0.0, floor(shape)]) + turn @ np.array([0.0, 0.03, 0.0])
    parts = [Part(Mesh(p.mesh.points @ turn.T + lift, p.mesh.faces), p.finish) for p in (case, screen)]
    return Thing("phone", tuple(parts), "phone")


def phone_flat(rng: np.random.Generator) -> Thing:
    """A phone lying screen up on a surface, at the origin."""
    screen, case = _slab(rng)
    return Thing("phone", (case, screen), "phone")


def cigarette(wear: Wear, stance: Stance, rng: np.random.Generator, side: Side | None = None) -> Thing:
    """A cigarette in the mouth or, given a `side`, between two fingers of that hand; same frame as `person`."""
    shape = body(wear.shape)
    pose = posed(shape, stance)
    start, way = _lips(shape, pose, rng) if side is None else _fingers(shape, pose, side)
    start = start - [0.0, 0.0, floor(shape)]
    ends = (0.0, 0.28, 0.93, 1.0)
    spans = [np.array([[a], [(a + b) / 2], [b]]) * LONG for a, b in pairwise(ends)]
    pieces = [tube(start + way * span, [THICK] * 3, 8) for span in spans]
    looks = (
        Finish("plain", ((0.5, 0.25, 0.08), (0.75, 0.75, 0.72))[int(rng.integers(2))]),
        Finish("plain", (0.85, 0.85, 0.83), rough=0.8),
        Finish("glow", (1.0, 0.25, 0.04), strength=float(rng.uniform(0.6, 2.5))),
    )
    return Thing("cigarette", tuple(Part(m, f) for m, f in zip(pieces, looks, strict=True)), "cigarette")


def tip(stick: Thing) -> tuple[float, float, float]:
    """Where a cigarette burns, metres."""
    x, y, z = stick.parts[-1].mesh.points.mean(0)
    return float(x), float(y), float(z)


def _lips(shape: Body, pose: Posed, rng: np.random.Generator) -> tuple[Points, Points]:
    """Where a cigarette begins in the mouth's corner, and its direction: forward, hanging a little."""
    i, s = shape.bone("head"), 1.0 if rng.random() < 0.5 else -1.0
    way = np.array([s * rng.uniform(-0.1, 0.5), -1.0, rng.uniform(-0.5, 0.1)])
    start = pose.heads[i] + pose.turns[i] @ (np.array(MOUTH) * [s, 1, 1])
    return start, pose.turns[i] @ (way / np.linalg.norm(way))


def _fingers(shape: Body, pose: Posed, side: Side) -> tuple[Points, Points]:
    """Between the first two fingers, pointing from the mouth outwards past the knuckles."""
    near = [pose.heads[shape.bone(f"finger{k}-{j}.{side}")] for k, j in ((2, 2), (3, 2), (2, 3), (3, 3))]
    grip = np.mean(near, 0)
    i = shape.bone("head")
    mouth = pose.heads[i] + pose.turns[i] @ np.array([0.0, -0.11, -0.035])
    knuckle = np.mean([pose.heads[shape.bone(f"finger{k}-1.{side}")] for k in (2, 3)], 0)
    wrist = pose.heads[shape.bone(f"wrist.{side}")]
    along = (knuckle - wrist) / np.linalg.norm(knuckle - wrist)
    out = grip - mouth
    out = out - along * float(out @ along) * 0.7  # more across the fingers than along them
    out = out / (np.linalg.norm(out) + 1e-9)
    return grip - out * LONG * 0.3, out


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
