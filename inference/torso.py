"""Torsos: where a person's torso must be, and how much of it the picture shows."""

import numpy as np

from inference.detections import Bools, Floats

LONG = 2.0  # a torso's height below the head, in head heights
WIDE = 2.2  # and its width
TOP, BOTTOM = 0.15, 0.5  # without a head: the torso's place in the whole person's height
SLENDER = 2.2  # a whole person is at least so many times as high as wide
EDGE = 0.01  # a box so near to the picture's edge is cut by it
GRID = (np.arange(8, dtype=np.float32) + 0.5) / 8


def visible(people: Floats, heads: Floats, aspect: float) -> Floats:
    """(n,): the share of each torso that lies in the picture and in no nearer person's box.

    people: (n, 4); heads: (n, 4), nan where none is known; aspect: the picture's width by its height. Nearer is who
    reaches lower in the picture, or where both do, who is larger.
    """
    torsos = expected(people, heads, aspect)
    x = torsos[:, None, 0] + GRID * (torsos[:, 2] - torsos[:, 0])[:, None]
    y = torsos[:, None, 1] + GRID * (torsos[:, 3] - torsos[:, 1])[:, None]
    points = np.stack(np.broadcast_arrays(x[:, None, :], y[:, :, None]), axis=-1).reshape(len(people), GRID.size**2, 2)
    outside = ((points < 0) | (points > 1)).any(axis=2)
    covers = ((points[:, None] >= people[None, :, None, :2]) & (points[:, None] <= people[None, :, None, 2:])).all(
        axis=3
    )
    hidden = (covers & _nearer(people)[:, :, None]).any(axis=1)
    result: Floats = np.mean(~(outside | hidden), axis=1, dtype=np.float32)
    return result


def expected(people: Floats, heads: Floats, aspect: float) -> Floats:
    """(n, 4): the torso below the head; without a head, a part of the person's box; may lie beyond the picture."""
    return np.where(np.isnan(heads), _without_head(people, aspect), _below(people, heads)).astype(np.float32)


def _below(people: Floats, heads: Floats) -> Floats:
    wide, high = heads[:, 2] - heads[:, 0], heads[:, 3] - heads[:, 1]
    middle = (heads[:, 0] + heads[:, 2]) / 2
    half = np.minimum(WIDE * wide, people[:, 2] - people[:, 0]) / 2
    return np.stack((middle - half, heads[:, 3], middle + half, heads[:, 3] + LONG * high), axis=1)


def _without_head(people: Floats, aspect: float) -> Floats:
    """A box that the bottom edge cuts goes on below it, as far as a person of its width does."""
    wide, high = people[:, 2] - people[:, 0], people[:, 3] - people[:, 1]
    is_cut = people[:, 3] >= 1 - EDGE
    whole = np.where(is_cut, np.maximum(high, SLENDER * wide * aspect), high)
    top = people[:, 1]
    return np.stack((people[:, 0], top + TOP * whole, people[:, 2], top + BOTTOM * whole), axis=1)


def _nearer(people: Floats) -> Bools:
    """(n, n): whether the second person is nearer than the first."""
    bottoms = people[:, 3]
    areas = (people[:, 2:] - people[:, :2]).prod(axis=1)
    same = np.abs(bottoms[:, None] - bottoms[None]) <= EDGE
    nearer: Bools = np.where(same, areas[None] > areas[:, None], bottoms[None] > bottoms[:, None])
    return nearer
