"""A triangle or quad mesh as plain arrays, and the primitives that everything rendered is made of."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]  # N x 3, metres, z up
Faces = npt.NDArray[np.int64]  # M x 3 or M x 4, indices into the points


@dataclass(frozen=True, slots=True)
class Mesh:
    """Vertices in metres and faces of one arity; `smooth` asks for interpolated normals."""

    points: Points
    faces: Faces
    smooth: bool = False


def moved(mesh: Mesh, offset: Sequence[float], turn: float = 0.0) -> Mesh:
    """The mesh turned by `turn` radians about z at its origin, then moved by `offset` (metres)."""
    return Mesh(mesh.points @ about_z(turn).T + np.asarray(offset, float), mesh.faces, mesh.smooth)


def about_z(angle: float) -> npt.NDArray[np.float64]:
    """Rotation matrix 3 x 3 about z, radians."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def joined(*meshes: Mesh) -> Mesh:
    """One mesh of several of the same face arity."""
    starts = np.cumsum([0] + [len(m.points) for m in meshes[:-1]])
    faces = np.concatenate([m.faces + s for m, s in zip(meshes, starts, strict=True)])
    return Mesh(np.concatenate([m.points for m in meshes]), faces, meshes[0].smooth)


def box(low: Sequence[float], high: Sequence[float]) -> Mesh:
    """An axis-aligned box between two corners."""
    return frustum(low, high, 1.0)


def frustum(low: Sequence[float], high: Sequence[float], bottom: float) -> Mesh:
    """A box whose bottom face is scaled by `bottom` about its centre: bins and sinks taper."""
    a, b = np.asarray(low, float), np.asarray(high, float)
    corners = np.array([[x, y, z] for z in (0.0, 1.0) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))])
    points = a + corners * (b - a)
    centre = (a + b)[:2] / 2
    points[:4, :2] = centre + (points[:4, :2] - centre) * bottom
    sides = [[i, (i + 1) % 4, (i + 1) % 4 + 4, i + 4] for i in range(4)]
    return Mesh(points, np.array([[3, 2, 1, 0], [4, 5, 6, 7], *sides]))


def sheet(corners: Sequence[Sequence[float]], across: int = 1, up: int = 1) -> Mesh:
    """A quad given by four corners in order, divided into a grid of `across` x `up` faces."""
    a, b, c, d = (np.asarray(p, float) for p in corners)
    s, t = np.meshgrid(np.linspace(0, 1, across + 1), np.linspace(0, 1, up + 1))
    s, t = s.reshape(-1, 1), t.reshape(-1, 1)
    points = (a * (1 - s) + b * s) * (1 - t) + (d * (1 - s) + c * s) * t
    return Mesh(points, _grid(up, across, wrap=False))


def tube(path: Points, radii: npt.ArrayLike, sides: int = 12) -> Mesh:
    """A round tube along a path (K x 3): radii are K numbers, or K x 2 (sideways, upwards)."""
    spread = np.broadcast_to(np.asarray(radii, float).reshape(len(path), -1), (len(path), 2))
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-12
    up = np.where(np.abs(along[:, 2:]) > 0.9, [[0.0, 1.0, 0.0]], [[0.0, 0.0, 1.0]])
    side = np.cross(along, up)
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    top = np.cross(side, along)
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    ring = side[:, None] * (np.cos(angle)[None, :, None] * spread[:, None, :1])
    ring = ring + top[:, None] * (np.sin(angle)[None, :, None] * spread[:, None, 1:])
    return Mesh((path[:, None] + ring).reshape(-1, 3), _grid(len(path) - 1, sides, wrap=True), smooth=True)


def lathe(profile: Sequence[tuple[float, float]], sides: int = 20) -> Mesh:
    """A body of revolution about z from (radius, height) pairs."""
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    radius, height = np.asarray(profile, float).T
    x, y = radius[:, None] * np.cos(angle), radius[:, None] * np.sin(angle)
    z = np.repeat(height[:, None], sides, axis=1)
    return Mesh(np.stack([x, y, z], -1).reshape(-1, 3), _grid(len(profile) - 1, sides, wrap=True), smooth=True)


def ball(centre: Sequence[float], radii: Sequence[float], rows: int = 10, sides: int = 16) -> Mesh:
    """An ellipsoid."""
    tilt = np.linspace(-np.pi / 2, np.pi / 2, rows)
    unit = lathe([(float(np.cos(t)) + 1e-4, float(np.sin(t))) for t in tilt], sides)
    return Mesh(unit.points * np.asarray(radii, float) + np.asarray(centre, float), unit.faces, smooth=True)


def sampled(mesh: Mesh, enough: int = 100, steps: int = 5) -> Points:
    """Points all over the surface: the mesh's own if there are enough, else a grid on each of its quads."""
    if len(mesh.points) >= enough or mesh.faces.shape[1] != 4 or len(mesh.faces) == 0:
        return mesh.points
    a, b, c, d = (mesh.points[mesh.faces[:, k]][:, None] for k in range(4))
    s, t = (g.reshape(1, -1, 1) for g in np.meshgrid(np.linspace(0, 1, steps), np.linspace(0, 1, steps)))
    points: Points = ((a * (1 - s) + b * s) * (1 - t) + (d * (1 - s) + c * s) * t).reshape(-1, 3)
    return points


def lumpy(mesh: Mesh, rng: np.random.Generator, amount: float) -> Mesh:
    """The mesh with its points pushed about by up to `amount` metres: rubbish bags, cloth."""
    return Mesh(mesh.points + rng.uniform(-amount, amount, mesh.points.shape), mesh.faces, mesh.smooth)


def _grid(rows: int, columns: int, *, wrap: bool) -> Faces:
    width = columns if wrap else columns + 1
    r, c = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    right = (c + 1) % width
    quad = np.stack([r * width + c, r * width + right, (r + 1) * width + right, (r + 1) * width + c], -1)
    return quad.reshape(-1, 4).astype(np.int64)
