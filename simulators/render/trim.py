"""Edges of clothes: cuffs, collar and an apron's bib, as clean bands over the body's cut (no Blender needed)."""

from collections.abc import Iterator

import numpy as np

from simulators.render.body import Body, Posed
from simulators.render.dress import by_bone, cloth, top_finish
from simulators.render.mesh import Mesh, Points, sheet, tube
from simulators.render.thing import Part
from simulators.render.wear import Wear

HALF = 0.016  # metres, half a cuff


def trims(shape: Body, pose: Posed, wear: Wear) -> Iterator[Part]:
    """Cuffs where sleeves, trousers and the neck end, and the bib; `pose` has the dressed points."""
    if wear.apron is not None and wear.bib:
        yield Part(_bib(shape, pose), cloth(wear.apron))
    for side in "LR":
        if wear.shorts:
            yield Part(_cuff(shape, pose, f"upperleg02.{side}", f"lowerleg01.{side}", 0.97), cloth(wear.trousers))
        if wear.top != "none":
            sleeve = top_finish(wear) if wear.sleeve is None else cloth(wear.sleeve)
            yield Part(_cuff(shape, pose, *_sleeve_end(wear, side)), sleeve)
    if wear.top != "none":
        ends = ("neck02", "neck03", 0.0) if wear.top == "coat" else ("neck01", "neck02", 0.2)
        yield Part(_cuff(shape, pose, *ends), top_finish(wear))


def _sleeve_end(wear: Wear, side: str) -> tuple[str, str, float]:
    if not wear.short_sleeves:
        return f"lowerarm02.{side}", f"wrist.{side}", 0.97
    if wear.top == "shirt":
        return f"upperarm02.{side}", f"lowerarm01.{side}", -0.14
    return f"upperarm02.{side}", f"lowerarm01.{side}", 0.97


def _cuff(shape: Body, pose: Posed, bone: str, following: str, at: float) -> Mesh:
    """A band around a limb, `at` 0 at a bone's head, 1 at the next one's."""
    start, end = pose.heads[shape.bone(bone)], pose.heads[shape.bone(following)]
    along = (end - start) / np.linalg.norm(end - start)
    centre = start + (end - start) * at
    limb, side = bone.removesuffix(".L").removesuffix(".R")[:-2], {"L": 1.0, "R": -1.0}.get(bone[-1], 0.0)
    near = pose.points[by_bone(shape, limb) & (shape.points[:, 0] * side >= 0)] - centre
    level = near @ along
    away = near - level[:, None] * along
    ring = away[(np.abs(level) < HALF * 1.5) & (np.linalg.norm(away, axis=1) < 0.13)]
    middle = (ring.min(0) + ring.max(0)) / 2 if len(ring) else np.zeros(3)
    far = np.linalg.norm(ring - middle, axis=1)
    radius = float(np.percentile(far, 50 if bone.startswith("neck") else 92)) + 0.003 if len(ring) else 0.05
    path = centre + middle + along * np.array([[-HALF], [0.0], [HALF]])
    return tube(path, [radius] * 3, 18)


def _bib(shape: Body, pose: Posed) -> Mesh:
    """A cloth over chest and belly, a little before the coat."""
    chest = shape.heads[shape.bone("spine02")]
    front = by_bone(shape, "spine", "clavicle", "pelvis", "root") & (shape.points[:, 1] < chest[1])
    rest, now = shape.points[front][:, [0, 2]], pose.points[front]
    top, low = chest[2] + 0.13, 0.06
    flat = sheet([(-0.16, 0, low), (0.16, 0, low), (0.12, 0, top), (-0.12, 0, top)], 10, 14)
    near = np.linalg.norm(rest[None] - flat.points[:, None, [0, 2]], axis=-1)
    nearest = np.argsort(near, axis=1)[:, :6]
    ahead = pose.turns[shape.bone("spine02")] @ np.array([0.0, -1.0, 0.0])
    return Mesh(_calm(now[nearest].mean(1), 15, 11) + ahead * 0.02, flat.faces, smooth=True)


def _calm(points: Points, rows: int, columns: int) -> Points:
    """A grid of points smoothed; its edges stay where they are."""
    grid = points.reshape(rows, columns, 3).copy()
    for _ in range(6):
        grid[1:-1, 1:-1] = (grid[:-2, 1:-1] + grid[2:, 1:-1] + grid[1:-1, :-2] + grid[1:-1, 2:]) / 4
    calm: Points = grid.reshape(-1, 3)
    return calm
