"""A rat and a cat, lofted along a spine (no Blender needed)."""

from typing import Literal

import numpy as np

from simulators.render.mesh import Mesh, ball, tube
from simulators.render.thing import Finish, Part, Rgb, Thing

RAT_FURS: tuple[Rgb, ...] = ((0.10, 0.08, 0.065), (0.17, 0.145, 0.125), (0.06, 0.05, 0.045), (0.24, 0.21, 0.18))
CAT_FURS: tuple[Rgb, ...] = ((0.03, 0.03, 0.03), (0.35, 0.2, 0.09), (0.3, 0.29, 0.27), (0.6, 0.58, 0.55))


def rat(
    rng: np.random.Generator,
    stride: float = 0.0,
    bent: float = 0.0,
    length: float = 0.24,
    fur: Rgb | None = None,
) -> Thing:
    """A rat at the origin running towards -y; `stride` is the gait's phase (radians), `bent` curves the spine.

    `length` is head and body in metres (the tail is as long again); without `fur` the colour is by chance.
    """
    t = np.linspace(0, 1, 9)
    hop = 0.05 * float(np.abs(np.sin(stride))) * length
    back = np.array([0.16, 0.175, 0.20, 0.215, 0.235, 0.255, 0.262, 0.22, 0.16])
    spine = np.stack([bent * 0.2 * np.sin(t * np.pi), t - 0.5, back], -1) * length + [0, 0, hop]
    wide = np.array([0.02, 0.08, 0.115, 0.13, 0.17, 0.20, 0.21, 0.165, 0.04]) * length
    high = np.array([0.02, 0.085, 0.12, 0.14, 0.185, 0.22, 0.232, 0.18, 0.04]) * length
    fur = fur or RAT_FURS[int(rng.integers(len(RAT_FURS)))]
    coat = Finish("fur", fur, rough=0.75, second=(fur[0] * 2.2, fur[1] * 2.2, fur[2] * 2.2))
    pink = Finish("plain", (0.3, 0.17, 0.14), rough=0.6)
    parts = [Part(tube(spine, np.stack([wide, high], -1), 14), coat)]
    parts += [
        Part(
            ball(
                (s * 0.095 * length, -0.26 * length, 0.325 * length + hop),
                (0.065 * length, 0.022 * length, 0.07 * length),
                6,
                10,
            ),
            pink,
        )
        for s in (-1, 1)
    ]
    parts += [
        Part(
            ball((s * 0.058 * length, -0.39 * length, 0.215 * length + hop), [0.018 * length] * 3, 5, 8),
            Finish("plain", (0.005, 0.005, 0.005), rough=0.1),
        )
        for s in (-1, 1)
    ]
    parts += [Part(leg, pink) for leg in _legs(length, stride, 0.09, hop)]
    # the tail stays out of the box, as in real labelled pictures
    return Thing("rat", (*parts, Part(_tail(length, stride, bent, 0.9, 0.028), pink, boxed=False)), "rat")


def cat(
    rng: np.random.Generator, pose: Literal["walk", "sit"] = "walk", stride: float = 0.0, fur: Rgb | None = None
) -> Thing:
    """A cat at the origin facing -y; without `fur` the colour is by chance."""
    fur = fur or CAT_FURS[int(rng.integers(len(CAT_FURS)))]
    coat = Finish("fur", fur, rough=0.8, second=(fur[0] * 1.7, fur[1] * 1.6, fur[2] * 1.5))
    t = np.linspace(0, 1, 7)
    rise = 0.0 if pose == "walk" else 0.55
    spine = np.stack([0 * t, (t - 0.5) * 0.38, 0.22 + rise * 0.2 * (0.5 - t)], -1)
    body = tube(spine, np.array([0.055, 0.075, 0.075, 0.07, 0.08, 0.08, 0.03]), 14)
    top = float(spine[0, 2])
    head = ball((0, -0.25, top + 0.09), (0.055, 0.058, 0.05))
    ears = [
        Part(
            tube(
                np.array(
                    [[s * 0.035, -0.245, top + 0.12], [s * 0.042, -0.245, top + 0.15], [s * 0.046, -0.245, top + 0.175]]
                ),
                [0.026, 0.017, 0.002],
                8,
            ),
            coat,
        )
        for s in (-1, 1)
    ]
    neck = tube(np.array([[0, -0.17, top], [0, -0.21, top + 0.05], [0, -0.24, top + 0.08]]), [0.06, 0.05, 0.045], 10)
    legs = [Part(leg, coat) for leg in _legs(0.40, stride, 0.5, 0.0)]
    tail = tube(
        np.array([[0, 0.19, 0.22], [0, 0.28, 0.27], [0.02, 0.35, 0.36], [0.05, 0.38, 0.45]]),
        [0.022, 0.02, 0.018, 0.012],
        8,
    )
    return Thing("cat", (Part(body, coat), Part(head, coat), Part(neck, coat), *ears, *legs, Part(tail, coat)), "cat")


def _legs(length: float, stride: float, height: float, hop: float) -> list[Mesh]:
    legs = []
    for y, phase in ((-0.22, 0.0), (0.25, np.pi)):
        for s in (-1, 1):
            swing = 0.10 * float(np.sin(stride + phase + (0.8 if s > 0 else 0.0)))
            top = np.array([s * 0.11, y, height + 0.08 + hop / length])
            foot = np.array([s * 0.12, y + swing, 0.02])
            legs.append(
                tube(
                    np.stack([top, (top + foot) / 2 + [0, 0.03, 0], foot]) * length,
                    np.array([0.055, 0.035, 0.03]) * length,
                    8,
                )
            )
    return legs


def _tail(length: float, stride: float, bent: float, long: float, thick: float) -> Mesh:
    t = np.linspace(0, 1, 8)
    path = np.stack(
        [0.12 * np.sin(t * 4 + stride * 0.5) * t + bent * 0.3 * t, 0.47 + t * long, 0.20 - 0.17 * t**0.6], -1
    )
    return tube(path * length, thick * length * (1 - 0.8 * t), 7)
