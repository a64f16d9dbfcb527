"""Which parts of a picture moving things may change, and how to blend those parts in (no Blender needed)."""

import numpy as np
import numpy.typing as npt

from simulators.render.camera import Box, Camera, bound
from simulators.render.thing import Thing


def region_of(thing: Thing, camera: Camera, margin: float = 0.022) -> Box | None:
    """The part of the picture that a thing and its shadow may change."""
    points = np.concatenate([p.mesh.points for p in thing.parts])
    spot = camera.project(points)
    box = bound(np.clip(spot, [0, 0, 0], [1, 1, 99]), spot[:, 2] > 0.1)
    if box is None or box.area < 1e-6:
        return None
    fall = 0.11 * (box.y2 - box.y1)
    side = margin + 0.10 * (box.x2 - box.x1)
    return Box(max(box.x1 - side, 0), max(box.y1 - margin, 0), min(box.x2 + side, 1), min(box.y2 + fall + margin, 1))


def merged(regions: list[Box]) -> list[Box]:
    """Overlapping regions joined until none overlap."""
    rest = list(regions)
    done: list[Box] = []
    while rest:
        one = rest.pop()
        for other in (*rest, *done):
            if one.x1 < other.x2 and other.x1 < one.x2 and one.y1 < other.y2 and other.y1 < one.y2:
                (rest if other in rest else done).remove(other)
                rest.append(
                    Box(min(one.x1, other.x1), min(one.y1, other.y1), max(one.x2, other.x2), max(one.y2, other.y2))
                )
                break
        else:
            done.append(one)
    return done


def feather(h: int, w: int, soft: tuple[bool, bool, bool, bool], ramp: int) -> npt.NDArray[np.float32]:
    """Weights H x W that fall to 0 at the edges marked soft (top, bottom, left, right): no seam shows."""
    rise = np.linspace(0, 1, ramp, dtype=np.float32)
    rows, columns = np.ones(h, np.float32), np.ones(w, np.float32)
    for line, (first, last) in ((rows, soft[:2]), (columns, soft[2:])):
        n = min(ramp, len(line) // 2)
        if first:
            line[:n] = rise[:n]
        if last:
            line[len(line) - n :] = rise[:n][::-1]
    return rows[:, None] * columns[None]
