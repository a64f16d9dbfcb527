"""A lamp of the scene."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Lamp:
    """Where a lamp hangs and points to (metres), its power (W, Blender's), colour, size (m) or cone (radians)."""

    kind: Literal["AREA", "POINT", "SPOT"]
    at: tuple[float, float, float]
    towards: tuple[float, float, float]
    watts: float
    rgb: tuple[float, float, float] = (1.0, 1.0, 1.0)
    size: float = 0.6
    ratio: float = 1.0
    angle: float = 2.0
