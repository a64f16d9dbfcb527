"""A CCTV camera: where it hangs, what it sees, and boxes of projected points (no Blender needed)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole camera at `eye` looking at `target` (metres), `fov` radians wide, aspect width / height."""

    eye: tuple[float, float, float]
    target: tuple[float, float, float]
    fov: float
    aspect: float = 16 / 9

    def axes(self) -> Array:
        """Rows: right, up, backwards (the way Blender's camera looks along -z)."""
        back = np.subtract(self.eye, self.target)
        back = back / np.linalg.norm(back)
        right = np.cross([0.0, 0.0, 1.0], back)
        right = right / np.linalg.norm(right)
        return np.stack([right, np.cross(back, right), back])

    def project(self, points: npt.ArrayLike) -> Array:
        """N x 3 points in metres to N x 3: x and y relative to the picture (0..1, y down) and depth in metres.

        Depth is along the view axis; a point behind the camera has depth <= 0 and no meaning otherwise.
        """
        seen = (np.asarray(points, float) - self.eye) @ self.axes().T
        depth = -seen[:, 2]
        safe = np.where(depth > 1e-6, depth, 1e-6)
        scale = 0.5 / np.tan(self.fov / 2)
        x = 0.5 + seen[:, 0] / safe * scale
        y = 0.5 - seen[:, 1] / safe * scale * self.aspect
        return np.stack([x, y, depth], -1)


@dataclass(frozen=True, slots=True)
class Box:
    """A box relative to the picture, 0..1, y down."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def area(self) -> float:
        return max(self.x2 - self.x1, 0.0) * max(self.y2 - self.y1, 0.0)


def bound(projected: Array, visible: npt.NDArray[np.bool_]) -> Box | None:
    """The box around the visible projected points, clipped to the picture; None when nothing is in it."""
    keep = visible & (projected[:, 2] > 0)
    inside = keep & (projected[:, :2] >= 0).all(1) & (projected[:, :2] <= 1).all(1)
    if not inside.any():
        return None
    x1, y1 = projected[inside, :2].min(0)
    x2, y2 = projected[inside, :2].max(0)
    return Box(float(x1), float(y1), float(x2), float(y2))
