"""What stands in a scene: parts with a finish, grouped into things, some of which carry a label."""

from dataclasses import dataclass, replace
from typing import Literal, get_args

from simulators.render.mesh import Mesh, moved

Rgb = tuple[float, float, float]
Kind = Literal["plain", "tile", "brushed", "fur", "cloth", "stripe", "glow", "sprite"]
Label = Literal[
    "person", "head", "phone", "cigarette", "rat", "cat", "dog", "bin", "bin_open", "bin_overflow", "flame", "smoke",
    "with_mask", "without_mask",
]  # fmt: skip

# the detector's class order: one file of truth for the training pictures
CLASSES: tuple[Label, ...] = get_args(Label)


@dataclass(frozen=True, slots=True)
class Finish:
    """A surface: linear colour, roughness and metalness 0..1; `size` is a tile's edge or a pattern's grain (m).

    `stripe` has level bands of `rgb` and `second`, `size` apart. For `glow`, `strength` is the emission
    (W/m2-like); for `sprite`, `image` names the picture to show.
    """

    kind: Kind
    rgb: Rgb
    rough: float = 0.6
    metal: float = 0.0
    size: float = 0.3
    second: Rgb = (0.3, 0.3, 0.3)
    strength: float = 0.0
    image: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One mesh with one finish; `boxed` parts count for the box of their thing."""

    mesh: Mesh
    finish: Finish
    boxed: bool = True


@dataclass(frozen=True, slots=True)
class Thing:
    """Parts that move together; a labelled thing gets a box."""

    name: str
    parts: tuple[Part, ...]
    label: Label | None = None

    def moved(self, offset: tuple[float, float, float], turn: float = 0.0) -> "Thing":
        """The thing turned about z, then moved (metres, radians)."""
        parts = tuple(replace(p, mesh=moved(p.mesh, offset, turn)) for p in self.parts)
        return Thing(self.name, parts, self.label)
