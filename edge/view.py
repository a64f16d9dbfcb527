"""Views: what a thumbnail tells of the lens: contrast, sharpness and static structure, and how like another's they are.

Everything is compared tile by tile, so that a person or an open door spoils some tiles and leaves the others; edges are
compared without their sign and against each tile's own contrast, so that day, night and a lamp leave them alike.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.picture import Grey

SIZE = (240, 136)  # width, height: every thumbnail is brought to it, whatever the stream's shape
TILES = (12, 8)
LEAST_EDGE = 2.0  # grey levels of 255: a tile whose edges are fainter on the average shows nothing to compare
LEAST_TILES = 16  # of the 96: a view with fewer tiles of structure cannot be told from another
ALIKE = 0.35  # correlation of a tile's edges with the same tile's edges in the baseline
_SOFT = 1.5  # px: a camera that trembles by as much as this is still in its place
_ROUND = 41  # px: an edge is what stands out of so wide a neighbourhood
_QUIETEST = 0.05  # share of the tiles: what these show of detail is the sensor's noise
_FAINT = 0.3  # grey levels: less detail than this is the thumbnail's rounding

Map = NDArray[np.float32]  # (height, width), or (8, 12) by tiles
Mask = NDArray[np.bool_]  # (8, 12), by tiles


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One thumbnail's features."""

    mean: float  # grey levels of 255
    contrast: float  # standard deviation between tiles, grey levels
    detail: Map  # strength of the finest detail beyond the noise, by tiles, grey levels
    edges: Map  # strength of edges, its surroundings' mean taken off
    energy: Map  # mean square of `edges`, by tiles
    structured: Mask  # tiles that show something

    @classmethod
    def of(cls, thumb: Grey) -> "View":
        """Features of a thumbnail of any shape."""
        grey = cv2.resize(thumb, SIZE, interpolation=cv2.INTER_AREA).astype(np.float32)
        strength = _strength(grey)
        edges: Map = strength - cv2.blur(strength, (_ROUND, _ROUND))
        return cls(
            float(grey.mean()),
            float(_tiled(grey).std()),
            _detail(grey),
            edges,
            _tiled(edges * edges),
            _tiled(strength) >= LEAST_EDGE,
        )

    @property
    def telling(self) -> bool:
        """True when there is structure enough to know this view again."""
        return int(self.structured.sum()) >= LEAST_TILES


def agreement(now: View, base: View) -> float:
    """Share (0..1) of the baseline's tiles with structure whose edges are where they were; 1 when it has none."""
    seen = base.structured
    if not seen.any():
        return 1.0
    cross = _tiled(now.edges * base.edges)
    alike = (cross >= ALIKE * np.sqrt(now.energy * base.energy)) & (now.energy > 0)
    return float(alike[seen].mean())


def sharpness(now: View, usual: Map, contrast: float, where: Mask) -> float:
    """The median tile's detail against the `usual` one, allowing for less light (`contrast`: the usual one).

    1 is as ever, 0 is none.
    """
    light = min(1.0, now.contrast / max(contrast, 1.0))
    where = where & (usual * light > _FAINT)
    if int(where.sum()) < LEAST_TILES:
        return 1.0  # too dark or too plain to tell
    return float(np.median(now.detail[where] / (usual[where] * light)))


def _strength(grey: Map) -> Map:
    soft = cv2.GaussianBlur(grey, (0, 0), _SOFT)
    across, down = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    return np.asarray(cv2.magnitude(across, down) / 4, dtype=np.float32)


def _detail(grey: Map) -> Map:
    """Noise lies on all tiles alike, and adds to the squares: a grainy night is no sharper than a clear day."""
    fine = _tiled(np.abs(cv2.Laplacian(grey, cv2.CV_32F)))
    noise = float(np.quantile(fine, _QUIETEST))
    return np.asarray(np.sqrt(np.maximum(fine * fine - noise * noise, 0)), dtype=np.float32)


def _tiled(full: Map) -> Map:
    return np.asarray(cv2.resize(full, TILES, interpolation=cv2.INTER_AREA), dtype=np.float32)
