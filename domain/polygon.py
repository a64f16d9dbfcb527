"""Polygons as zones and masks have them: which ones are of use, and what is wrong with the others, and where."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from domain.camera import Point

LEAST_POINTS, MOST_POINTS = 3, 40
LEAST_AREA = 0.0005  # of the picture: less is a slip of the finger


class Fault(StrEnum):
    """Why a polygon is of no use."""

    FEW = "few"  # fewer than three points
    MANY = "many"
    OUTSIDE = "outside"  # a point is not in the picture
    TWICE = "twice"  # two points are the same
    CROSSING = "crossing"  # two sides meet
    SMALL = "small"


@dataclass(frozen=True, slots=True)
class Flaw:
    """A fault, the points or sides it lies at (1 is the first; side n goes from point n on), and where that is."""

    fault: Fault
    a: int = 0
    b: int = 0
    at: Point = (0.0, 0.0)


def flaw(polygon: tuple[Point, ...]) -> Flaw | None:
    """The first thing that is wrong with a polygon; None when it is simple and lies in the picture."""
    if len(polygon) < LEAST_POINTS:
        return Flaw(Fault.FEW, len(polygon))
    if len(polygon) > MOST_POINTS:
        return Flaw(Fault.MANY, len(polygon))
    for number, (x, y) in enumerate(polygon, 1):
        if not (0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):  # NaN is in no picture either
            return Flaw(Fault.OUTSIDE, number, at=(x, y))
    return _doubled(polygon) or _crossing(polygon) or (Flaw(Fault.SMALL) if area(polygon) < LEAST_AREA else None)


def area(polygon: tuple[Point, ...]) -> float:
    """The share of the picture that a simple polygon covers."""
    sides = zip(polygon, (*polygon[1:], polygon[0]), strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in sides)) / 2


def _doubled(polygon: tuple[Point, ...]) -> Flaw | None:
    for (first, one), (second, other) in combinations(enumerate(polygon, 1), 2):
        if one == other:
            return Flaw(Fault.TWICE, first, second, one)
    return None


def _crossing(polygon: tuple[Point, ...]) -> Flaw | None:
    sides = list(zip(polygon, (*polygon[1:], polygon[0]), strict=True))
    last = len(sides) - 1
    for (i, one), (j, other) in combinations(enumerate(sides), 2):
        if j - i == 1 or (i == 0 and j == last):
            # Neighbours share a point; they meet elsewhere only where one turns back upon the other.
            corner = one[1] if j - i == 1 else one[0]
            met = _turns_back(one, other, corner)
        else:
            met = _meet(one, other)
        if met is not None:
            return Flaw(Fault.CROSSING, i + 1, j + 1, met)
    return None


def _cross(origin: Point, a: Point, b: Point) -> float:
    return (a[0] - origin[0]) * (b[1] - origin[1]) - (a[1] - origin[1]) * (b[0] - origin[0])


def _turns_back(one: tuple[Point, Point], other: tuple[Point, Point], corner: Point) -> Point | None:
    a = one[0] if one[1] == corner else one[1]
    b = other[1] if other[0] == corner else other[0]
    along = (a[0] - corner[0]) * (b[0] - corner[0]) + (a[1] - corner[1]) * (b[1] - corner[1])
    return corner if _cross(corner, a, b) == 0 and along > 0 else None


def _meet(one: tuple[Point, Point], other: tuple[Point, Point]) -> Point | None:
    """Where two sides without a common point touch or cross."""
    (a, b), (c, d) = one, other
    before, after = _cross(c, d, a), _cross(c, d, b)
    left, right = _cross(a, b, c), _cross(a, b, d)
    if before * after < 0 and left * right < 0:
        share = before / (before - after)
        return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])
    touching = ((a, before, other), (b, after, other), (c, left, one), (d, right, one))
    return next((point for point, side, line in touching if side == 0 and _between(point, line)), None)


def _between(point: Point, line: tuple[Point, Point]) -> bool:
    """A point that lies on a side's line lies on the side itself."""
    (x1, y1), (x2, y2) = line
    return min(x1, x2) <= point[0] <= max(x1, x2) and min(y1, y2) <= point[1] <= max(y1, y2)
