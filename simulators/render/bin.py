"""Rubbish bins: lidded, open with little in them, and overflowing (no Blender needed). All stand at the origin."""

import numpy as np

from simulators.render.furniture import BLACK, GOODS
from simulators.render.mesh import Mesh, about_z, ball, box, frustum, joined, lathe, lumpy, moved, tube
from simulators.render.thing import Finish, Label, Part, Rgb, Thing

COLOURS: tuple[Rgb, ...] = (
    (0.02, 0.12, 0.05), (0.12, 0.13, 0.14), (0.02, 0.05, 0.18), (0.03, 0.03, 0.035), (0.3, 0.3, 0.31),
    (0.35, 0.28, 0.03), (0.3, 0.04, 0.03),
)  # fmt: skip
WALL = 0.025  # metres; thicker than real, so that a rim shows


def any_bin(rng: np.random.Generator) -> Thing:
    """One of the three kinds."""
    make = (closed, opened, overflowing)[int(rng.choice(3, p=[0.36, 0.36, 0.28]))]
    return make(rng)


def closed(rng: np.random.Generator) -> Thing:
    """A lidded bin: wheelie, pedal or round."""
    colour = _colour(rng)
    if rng.random() < 0.3:
        r, h = _round_size(rng)
        shell = lathe(
            [(r * 0.85, 0), (r, h), (r * 1.06, h), (r * 1.06, h + 0.03), (r * 0.7, h + 0.08), (0.001, h + 0.1)]
        )
        return Thing("bin", (Part(shell, colour),), "bin")
    w, d, h = _size(rng)
    lid = frustum((-w / 2 - 0.02, -d / 2 - 0.03, h), (w / 2 + 0.02, d / 2 + 0.02, h + 0.06), 1.06)
    bar = tube(
        np.array([[-w / 2, d / 2 + 0.05, h + 0.02], [0, d / 2 + 0.05, h + 0.02], [w / 2, d / 2 + 0.05, h + 0.02]]),
        [0.015] * 3,
        8,
    )
    return Thing(
        "bin",
        (Part(_tub(w, d, h), colour), Part(lid, _darker(colour)), Part(bar, colour), Part(_wheels(w, d), BLACK)),
        "bin",
    )


def opened(rng: np.random.Generator) -> Thing:
    """A bin without a lid or with the lid up: its mouth shows a dark inside, rubbish lies well below the rim."""
    colour, sides = _colour(rng), 20 if rng.random() < 0.35 else 4
    r, tall = _round_size(rng)
    w, d, h = (2 * r, 2 * r, tall) if sides == 20 else _size(rng)
    parts = [Part(_shell(w, d, h, sides), colour), Part(_inside(w, d, h, sides), _darker(colour, 0.25))]
    if rng.random() < 0.35:
        parts.append(Part(_liner(w, d, h, sides), Finish("plain", _any_bag(rng), rough=0.3)))
    if sides == 4:
        parts.append(Part(_wheels(w, d), BLACK))
        if rng.random() < 0.5:
            parts.append(Part(_raised_lid(w, d, h), _darker(colour)))
    if rng.random() < 0.6:
        level = h - float(rng.uniform(0.36, max(0.37, h - 0.18)))
        parts += _rubbish(rng, w * 0.58, d * 0.58, level)
    return Thing("bin", tuple(parts), "bin_open")


def overflowing(rng: np.random.Generator) -> Thing:
    """A bin whose lid is up or gone, rubbish above the rim."""
    colour = _colour(rng)
    if rng.random() < 0.25:
        r, h = _round_size(rng)
        shell = Part(_shell(r * 2, r * 2, h, 20), colour)
        return Thing("bin", (shell, *_rubbish(rng, r * 1.8, r * 1.8, h)), "bin_overflow")
    w, d, h = _size(rng)
    parts = [Part(_tub(w, d, h), colour), Part(_wheels(w, d), BLACK)]
    if rng.random() < 0.6:
        parts.append(Part(_raised_lid(w, d, h), _darker(colour)))
    return Thing("bin", (*parts, *_rubbish(rng, w, d, h)), "bin_overflow")


def lidded(state: Label) -> Thing:
    """One and the same bin: "bin" is closed, of "bin_open" the lid hangs behind, of "bin_overflow" it stands up."""
    colour, rng = Finish("plain", COLOURS[0], rough=0.45), np.random.default_rng(0)
    w, d, h = 0.5, 0.52, 0.82
    wheels = Part(_wheels(w, d), BLACK)
    if state == "bin":
        lid = frustum((-w / 2 - 0.02, -d / 2 - 0.03, h), (w / 2 + 0.02, d / 2 + 0.02, h + 0.06), 1.06)
        return Thing("bin", (Part(_tub(w, d, h), colour), Part(lid, _darker(colour)), wheels), state)
    if state == "bin_overflow":
        lid_up = Part(_raised_lid(w, d, h), _darker(colour))
        return Thing("bin", (Part(_tub(w, d, h), colour), wheels, lid_up, *_rubbish(rng, w, d, h)), state)
    hollow = (Part(_shell(w, d, h, 4), colour), Part(_inside(w, d, h, 4), _darker(colour, 0.25)))
    return Thing("bin", (*hollow, wheels, *_rubbish(rng, w * 0.58, d * 0.58, h - 0.2)), state)


def _rubbish(rng: np.random.Generator, w: float, d: float, h: float) -> list[Part]:
    parts = [
        Part(
            lumpy(ball((0, 0, h + 0.02), (w * 0.5, d * 0.5, 0.16), 8, 12), rng, 0.025),
            Finish("plain", _any_bag(rng), rough=0.3),
        )
    ]
    for _ in range(int(rng.integers(4, 9))):
        x, y = rng.uniform(-0.4, 0.4) * w, rng.uniform(-0.4, 0.4) * d
        at = (float(x), float(y), h + float(rng.uniform(0.05, 0.2)))
        look = Finish("plain", GOODS[int(rng.integers(len(GOODS)))], rough=0.6)
        s = float(rng.uniform(0.04, 0.11))
        lump = (
            ball((0, 0, 0), (s, s * 0.7, s * 0.8), 6, 8)
            if rng.random() < 0.5
            else box((-s, -s * 0.6, -s * 0.4), (s, s * 0.6, s * 0.4))
        )
        parts.append(Part(moved(lumpy(lump, rng, s * 0.25), at, float(rng.uniform(0, 6))), look))
    return parts


def _size(rng: np.random.Generator) -> tuple[float, float, float]:
    return float(rng.uniform(0.38, 0.52)), float(rng.uniform(0.4, 0.55)), float(rng.uniform(0.6, 0.95))


def _tub(w: float, d: float, h: float) -> Mesh:
    return joined(
        frustum((-w / 2, -d / 2, 0.03), (w / 2, d / 2, h), 0.78),
        box((-w / 2 - 0.015, -d / 2 - 0.015, h - 0.05), (w / 2 + 0.015, d / 2 + 0.015, h - 0.01)),
    )


def _wheels(w: float, d: float) -> Mesh:
    return joined(*(ball((s * w * 0.4, d * 0.42, 0.08), (0.025, 0.08, 0.08), 8, 12) for s in (-1, 1)))


def _shell(w: float, d: float, h: float, sides: int) -> Mesh:
    """The outside and the rim of a hollow tub, tapered to the foot."""
    rim = 1 - 2 * WALL / w
    profile = [(0.001, 0.02), (0.41, 0.02), (0.5, h - 0.06), (0.525, h - 0.06), (0.525, h), (0.5 * rim, h)]
    return _turned(profile, (w, d), sides)


def _inside(w: float, d: float, h: float, sides: int) -> Mesh:
    rim = 1 - 2 * WALL / w
    return _turned([(0.5 * rim, h), (0.41 * rim, 0.06), (0.001, 0.06)], (w, d), sides)


def _liner(w: float, d: float, h: float, sides: int) -> Mesh:
    """A bag's edge folded over the rim."""
    profile = [(0.55, h - 0.14), (0.54, h + 0.008), (0.45, h + 0.006), (0.44, h - 0.2)]
    return _turned(profile, (w, d), sides)


def _turned(profile: list[tuple[float, float]], size: tuple[float, float], sides: int) -> Mesh:
    """A profile (radii relative, heights in metres) turned to a width and a depth: four sides make a square."""
    turned = lathe(profile, sides)
    square = sides == 4
    points = turned.points @ about_z(np.pi / 4).T * [2**0.5, 2**0.5, 1] if square else turned.points
    return Mesh(points * [*size, 1.0], turned.faces, smooth=not square)


def _raised_lid(w: float, d: float, h: float) -> Mesh:
    return box((-w / 2, d / 2, h), (w / 2, d / 2 + 0.04, h + d * 0.95))


def _colour(rng: np.random.Generator) -> Finish:
    return Finish("plain", COLOURS[int(rng.integers(len(COLOURS)))], rough=0.45)


def _any_bag(rng: np.random.Generator) -> Rgb:
    bags: tuple[Rgb, ...] = ((0.02, 0.02, 0.022), (0.5, 0.5, 0.5), (0.05, 0.1, 0.3))
    return bags[int(rng.integers(len(bags)))]


def _round_size(rng: np.random.Generator) -> tuple[float, float]:
    return float(rng.uniform(0.19, 0.26)), float(rng.uniform(0.5, 0.75))


def _darker(look: Finish, share: float = 0.7) -> Finish:
    r, g, b = look.rgb
    return Finish("plain", (r * share, g * share, b * share), rough=look.rough)
