"""Heads: where they are, detected or taken from a face, whose they are, and how high the face in them is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.crop import head_of_face
from inference.detections import Detections, Floats
from inference.geometry import holds, upper

FACES = ("with_mask", "without_mask")
UPPER = 0.45  # a head's centre is in this upper part of its person
MARGIN = 0.05  # grown by so much of its size
# A head may be where the detector is hardly sure of a head, a face or a person: hiding errs to hiding (ADR 20).
SUSPECTED = {"head": 0.05, "with_mask": 0.05, "without_mask": 0.05, "person": 0.1}
SURE = 0.4  # a head with this score is its person's; beside a less likely one the person's upper part is hidden too
TOP = 0.3  # of a person without a sure head: its upper part, by its height or
TOP_BY_WIDTH = 0.75  # by its width where only the bust is seen, whichever is more
FACE_SHARE = 1 / 1.5  # a face's height by its head's (see crop.head_of_face)
NOBODY = -1


@dataclass(frozen=True, slots=True, eq=False)
class Heads:
    """boxes: (m, 4); faces: (m,) the height of the face in it, seen or else expected; relative to the picture."""

    boxes: Floats
    faces: Floats


def find(seen: Detections, classes: Sequence[str]) -> Heads:
    """The detected heads, and those around faces that lie in none of them."""
    heads, faces = _of(seen, classes, ("head",)), _of(seen, classes, FACES)
    inside = holds(heads, _centres(faces), 0.0)
    alone = faces[~inside.any(axis=0)]
    heights = faces[:, 3] - faces[:, 1]
    tallest = np.where(inside, heights[None], 0.0).max(axis=1, initial=0.0)
    expected = FACE_SHARE * (heads[:, 3] - heads[:, 1])
    high = np.concatenate((np.where(tallest > 0, tallest, expected), alone[:, 3] - alone[:, 1]))
    return Heads(np.concatenate((heads, head_of_face(alone))), high.astype(np.float32))


def suspected(seen: Detections, classes: Sequence[str], aspect: float) -> Floats:
    """(m, 4): wherever a head is or may be, of detections with scores as low as SUSPECTED's; may overlap.

    Heads, what lies around faces, and the upper part of persons whose head is not sure. aspect: the picture's width
    by its height.
    """
    least = np.array([SUSPECTED.get(name, np.inf) for name in classes], dtype=np.float32)
    likely = seen[seen.scores >= least[seen.classes]]
    people = _of(likely, classes, ("person",))
    headless = people[link(people, _around(likely[likely.scores >= SURE], classes), aspect) == NOBODY]
    size = headless[:, 2:] - headless[:, :2]
    high = np.maximum(TOP * size[:, 1], TOP_BY_WIDTH * aspect * size[:, 0])
    headless[:, 3] = np.minimum(headless[:, 3], headless[:, 1] + high)
    return np.concatenate((_around(likely, classes), headless))


def _around(seen: Detections, classes: Sequence[str]) -> Floats:
    """(m, 4): all detected heads, and those around all detected faces."""
    return np.concatenate((_of(seen, classes, ("head",)), head_of_face(_of(seen, classes, FACES))))


def link(people: Floats, heads: Floats, aspect: float) -> NDArray[np.intp]:
    """(n,): the index of each person's head, or NOBODY. One head each, nearest to the top centre first."""
    owned = np.full(len(people), NOBODY, dtype=np.intp)
    centres = _centres(heads)
    tops: Floats = np.stack(((people[:, 0] + people[:, 2]) / 2, people[:, 1]), axis=1)
    far = np.linalg.norm((tops[:, None] - centres[None]) * np.array((aspect, 1.0), dtype=np.float32), axis=2)
    far[~holds(upper(people, UPPER), centres, MARGIN)] = np.inf
    while np.isfinite(far).any():
        person, head = divmod(int(far.argmin()), len(heads))
        owned[person] = head
        far[person], far[:, head] = np.inf, np.inf
    return owned


def _of(seen: Detections, classes: Sequence[str], names: Sequence[str]) -> Floats:
    kinds = [classes.index(name) for name in names if name in classes]
    return seen.boxes[np.isin(seen.classes, kinds)]


def _centres(boxes: Floats) -> Floats:
    middle: Floats = (boxes[:, :2] + boxes[:, 2:]) / np.float32(2)
    return middle
