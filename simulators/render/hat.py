"""Hats and long hair, in the frame of the head bone (no Blender needed)."""

import numpy as np

from simulators.render.mesh import Mesh, ball, joined, lathe, tube
from simulators.render.wear import Hat

PROFILES: dict[Hat, list[tuple[float, float]]] = {
    "toque": [
        (0.089, 0.085), (0.092, 0.15), (0.10, 0.19), (0.118, 0.235), (0.105, 0.265), (0.05, 0.28), (0.001, 0.28),
    ],
    "cap": [(0.089, 0.08), (0.092, 0.13), (0.088, 0.165), (0.06, 0.185), (0.001, 0.19)],
    "net": [(0.092, 0.06), (0.098, 0.12), (0.085, 0.17), (0.045, 0.195), (0.001, 0.2)],
}  # fmt: skip


def hat(kind: Hat) -> Mesh:
    """A hat of a kind; ValueError for "none"."""
    if kind == "none":
        raise ValueError("no hat has no shape")
    crown = lathe(PROFILES[kind])
    points = crown.points * np.array([1.02, 1.24, 1.0]) + np.array([0.0, -0.006, 0.0])
    if kind != "cap":
        return Mesh(points, crown.faces, smooth=True)
    peak = tube(
        np.array([[0, -0.07, 0.088], [0, -0.12, 0.082], [0, -0.155, 0.076]]),
        [[0.08, 0.006], [0.075, 0.006], [0.03, 0.005]],
    )
    return joined(Mesh(points, crown.faces, smooth=True), peak)


def long_hair() -> Mesh:
    """Hair falling to the neck."""
    return ball((0, 0.075, 0.02), (0.075, 0.05, 0.12))
