"""Timed movement: walks along way points, and states that repeat (no Blender needed)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np


@dataclass(frozen=True, slots=True)
class Way:
    """A place (x, y) in metres to be at, at a time in seconds."""

    t: float
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walker is, which way it faces (radians; 0 faces -y), how fast (m/s) and how far it has come (m)."""

    x: float
    y: float
    turn: float
    speed: float
    gone: float


def along(ways: Sequence[Way], t: float) -> Place:
    """The place on a walk at time t; before the first and after the last way point it stands there."""
    legs = list(pairwise(ways))
    gone = 0.0
    for a, b in legs:
        length = float(np.hypot(b.x - a.x, b.y - a.y))
        if t < b.t or b is ways[-1]:
            share = float(np.clip((t - a.t) / max(b.t - a.t, 1e-9), 0, 1))
            moving = length > 1e-6 and 0 < share < 1
            x, y = a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share
            speed = length / (b.t - a.t) if moving else 0.0
            return Place(x, y, _heading(legs, a, b), speed, gone + length * share)
        gone += length
    raise ValueError("a walk has at least two way points")


def _heading(legs: list[tuple[Way, Way]], a: Way, b: Way) -> float:
    """Towards the next way point; while standing, as it came."""
    if abs(b.x - a.x) + abs(b.y - a.y) < 1e-6:
        earlier = [leg for leg in legs if leg[1].t <= a.t and leg[0] != leg[1]]
        moved = [p for p in earlier if abs(p[1].x - p[0].x) + abs(p[1].y - p[0].y) > 1e-6]
        if moved:
            a, b = moved[-1]
    return float(np.arctan2(b.x - a.x, -(b.y - a.y)))


def swinging(step: int, count: int) -> int:
    """Forwards and backwards through `count` states: 0, 1, … count-1, count-2, … 1, 0, 1, …"""
    if count < 2:
        return 0
    place = step % (2 * count - 2)
    return place if place < count else 2 * count - 2 - place


def eased(t: float, begin: float, end: float) -> float:
    """0 before `begin`, 1 after `end`, smooth between."""
    s = float(np.clip((t - begin) / (end - begin), 0, 1))
    return s * s * (3 - 2 * s)
