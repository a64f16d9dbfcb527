"""What a kitchen and a store room are furnished with (no Blender needed). All stand at the origin, front to -y."""

import numpy as np

from simulators.render.mesh import ball, box, frustum, joined, lathe, moved, tube
from simulators.render.thing import Finish, Part, Rgb, Thing

STEEL = Finish("brushed", (0.62, 0.63, 0.64), rough=0.3, metal=1.0)
DULL = Finish("brushed", (0.42, 0.43, 0.44), rough=0.45, metal=1.0)
IRON = Finish("plain", (0.02, 0.02, 0.022), rough=0.5, metal=0.6)
BLACK = Finish("plain", (0.012, 0.012, 0.014), rough=0.55)
GOODS: tuple[Rgb, ...] = (
    (0.33, 0.22, 0.12), (0.40, 0.29, 0.18), (0.28, 0.19, 0.11), (0.6, 0.6, 0.58), (0.42, 0.42, 0.40),
    (0.35, 0.07, 0.05), (0.10, 0.17, 0.27), (0.42, 0.34, 0.14), (0.12, 0.22, 0.12), (0.08, 0.08, 0.09),
)  # fmt: skip
TOP = 0.86  # worktop height, metres


def counter(width: float, depth: float = 0.65, *, doors: bool = True) -> Thing:
    """A steel worktop, with doors or open with a shelf below."""
    top = Part(box((0, 0, TOP - 0.04), (width, depth, TOP)), STEEL)
    if doors:
        body = Part(box((0, 0.03, 0.1), (width, depth, TOP - 0.04)), DULL)
        count = max(1, round(width / 0.5))
        step = width / count
        panels = [
            box((i * step + 0.012, 0.012, 0.12), ((i + 1) * step - 0.012, 0.03, TOP - 0.07)) for i in range(count)
        ]
        grips = [
            box((i * step + step / 2 - 0.06, -0.012, TOP - 0.16), (i * step + step / 2 + 0.06, 0.012, TOP - 0.145))
            for i in range(count)
        ]
        return Thing("counter", (top, body, Part(joined(*panels), STEEL), Part(joined(*grips), BLACK)))
    legs = [
        box((x, y, 0), (x + 0.04, y + 0.04, TOP - 0.04)) for x in (0.02, width - 0.06) for y in (0.02, depth - 0.06)
    ]
    shelf = box((0.02, 0.02, 0.22), (width - 0.02, depth - 0.02, 0.25))
    return Thing("counter", (top, Part(joined(*legs, shelf), DULL)))


def stove(width: float = 1.2, depth: float = 0.7) -> Thing:
    """A range with two burners; see `burners` for their places."""
    body = Part(box((0, 0, 0.05), (width, depth, TOP - 0.02)), DULL)
    top = Part(box((-0.01, -0.02, TOP - 0.03), (width + 0.01, depth, TOP)), STEEL)
    rings = [
        moved(lathe([(0.17, 0.0), (0.19, 0.04), (0.16, 0.05), (0.13, 0.01), (0.02, 0.0)], 18), (x, y, TOP))
        for x, y in burners(width, depth)
    ]
    knobs = [
        moved(ball((0, 0, 0), (0.025, 0.03, 0.025), 6, 10), (width * k / 6, -0.02, TOP - 0.12)) for k in range(1, 6)
    ]
    back = Part(box((0, depth - 0.04, TOP), (width, depth, TOP + 0.25)), STEEL)
    return Thing("stove", (body, top, back, Part(joined(*rings), IRON), Part(joined(*knobs), BLACK)))


def burners(width: float = 1.2, depth: float = 0.7) -> tuple[tuple[float, float], tuple[float, float]]:
    """Centres (x, y) of the stove's two burners."""
    return (width * 0.27, depth * 0.48), (width * 0.73, depth * 0.48)


def wok(rng: np.random.Generator) -> Thing:
    """A wok with food in it and a handle, its foot at the origin."""
    shell = lathe(
        [(0.05, 0.0), (0.13, 0.035), (0.19, 0.10), (0.2, 0.105), (0.185, 0.10), (0.12, 0.04), (0.01, 0.015)], 22
    )
    angle = float(rng.uniform(-2.6, -0.5))
    way = np.array([np.cos(angle), np.sin(angle), 0.25])
    handle = tube(np.array([[0, 0, 0.09]]) + np.linspace(0.19, 0.42, 3)[:, None] * way, [0.014, 0.014, 0.016], 8)
    food = ball((0, 0, 0.05), (0.12, 0.12, 0.025), 6, 14)
    return Thing(
        "wok",
        (Part(shell, IRON), Part(handle, BLACK), Part(food, Finish("plain", GOODS[int(rng.integers(len(GOODS)))]))),
    )


def pot(rng: np.random.Generator) -> Thing:
    """A stock pot."""
    r, h = float(rng.uniform(0.1, 0.2)), float(rng.uniform(0.12, 0.34))
    shell = lathe(
        [
            (r, 0),
            (r, h),
            (r * 1.04, h),
            (r * 1.03, h + 0.012),
            (r * 0.3, h + 0.03),
            (0.02, h + 0.035),
            (0.02, h + 0.06),
            (0.001, h + 0.06),
        ]
    )
    return Thing("pot", (Part(shell, STEEL if rng.random() < 0.8 else IRON),))


def sink(width: float = 0.9, depth: float = 0.65) -> Thing:
    """A basin with a tap."""
    rim = [
        box((0, 0, 0.5), (width, 0.05, TOP)),
        box((0, depth - 0.08, 0.5), (width, depth, TOP + 0.08)),
        box((0, 0, 0.5), (0.05, depth, TOP)),
        box((width - 0.05, 0, 0.5), (width, depth, TOP)),
        box((0, 0, 0.5), (width, depth, 0.52)),
    ]
    legs = [box((x, y, 0), (x + 0.04, y + 0.04, 0.5)) for x in (0.02, width - 0.06) for y in (0.02, depth - 0.06)]
    x = width / 2
    tap = tube(
        np.array(
            [
                [x, depth - 0.04, TOP],
                [x, depth - 0.04, TOP + 0.3],
                [x, depth - 0.14, TOP + 0.36],
                [x, depth - 0.26, TOP + 0.28],
            ]
        ),
        [0.013] * 4,
        8,
    )
    return Thing("sink", (Part(joined(*rim, *legs), STEEL), Part(tap, STEEL)))


def fridge(width: float = 0.8, depth: float = 0.75, height: float = 1.95) -> Thing:
    """An upright steel cabinet."""
    body = box((0, 0.04, 0.1), (width, depth, height))
    doors = [
        box((0.01, 0, 0.12), (width - 0.01, 0.04, height * 0.5 - 0.01)),
        box((0.01, 0, height * 0.5 + 0.01), (width - 0.01, 0.04, height - 0.02)),
    ]
    grips = [box((width - 0.1, -0.03, height * k), (width - 0.07, 0, height * k + 0.22)) for k in (0.3, 0.55)]
    return Thing("fridge", (Part(body, DULL), Part(joined(*doors), STEEL), Part(joined(*grips), BLACK)))


def shelf(rng: np.random.Generator, width: float, height: float = 1.9, depth: float = 0.5, levels: int = 4) -> Thing:
    """A rack loaded with boxes, tins and pots."""
    posts = [box((x, y, 0), (x + 0.03, y + 0.03, height)) for x in (0, width - 0.03) for y in (0, depth - 0.03)]
    boards = [box((0, 0, z), (width, depth, z + 0.025)) for z in np.linspace(0.15, height - 0.05, levels)]
    parts = [Part(joined(*posts, *boards), DULL)]
    for z in np.linspace(0.15, height - 0.05, levels):
        parts += goods(rng, width - 0.06, depth - 0.06, float(z) + 0.025, 0.36)
    return Thing("shelf", tuple(parts))


def goods(rng: np.random.Generator, width: float, depth: float, z: float, tallest: float) -> list[Part]:
    """A row of boxes and tins on a board."""
    parts, x, end = [], 0.0, width
    while x < end - 0.12:
        w = float(rng.uniform(0.09, 0.34))
        h, d = float(rng.uniform(0.08, tallest)), float(rng.uniform(0.5, 0.95)) * depth
        look = Finish("plain", GOODS[int(rng.integers(len(GOODS)))], rough=0.7)
        if x + w > end:
            break
        if rng.random() < 0.7:
            parts.append(Part(box((x, (depth - d) / 2, z), (x + w * 0.93, (depth + d) / 2, z + h)), look))
        elif rng.random() < 0.8:
            r = min(w, depth) / 2 * 0.9
            parts.append(
                Part(
                    moved(lathe([(r, 0), (r, h), (r * 0.9, h + 0.01), (0.001, h + 0.01)], 16), (x + r, depth / 2, z)),
                    look,
                )
            )
        x += w + float(rng.uniform(0.01, 0.12))
    return parts


def hood(width: float, depth: float = 0.8) -> Thing:
    """An extractor hood, its lower edge at z = 0."""
    return Thing(
        "hood",
        (
            Part(frustum((0, 0, 0), (width, depth, 0.45), 1.0), STEEL),
            Part(box((0, -0.01, 0), (width, 0.01, 0.06)), DULL),
        ),
    )
