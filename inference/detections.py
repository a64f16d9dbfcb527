"""`Detections`: the one value type of parallel arrays that detector, tracker and scene rules speak."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inference.traits import State, Trait

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Tracks = NDArray[np.int32]
States = NDArray[np.int8]
Image = NDArray[np.uint8]  # (height, width, 3), RGB

UNTRACKED = -1


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """n things seen in one picture.

    boxes: (n, 4) float32, x1 y1 x2 y2 relative to the picture (0..1, y down); scores: (n,) float32;
    classes: (n,) int16, index into the model's class list; tracks: (n,) int32, UNTRACKED before the tracker.
    traits: (n, 4) int8, a traits.State in each column of traits.Trait, NOT_VISIBLE where nothing looked;
    sureness: (n, 4) float32, the crop classifier's probability of that state, 0 where nothing looked.
    """

    boxes: Floats
    scores: Floats
    classes: NDArray[np.int16]
    tracks: Tracks
    traits: States
    sureness: Floats

    @classmethod
    def empty(cls) -> "Detections":
        return cls.of(np.empty((0, 4)), np.empty(0), np.empty(0))

    @classmethod
    def of(cls, boxes: object, scores: object, classes: object, tracks: object = None) -> "Detections":
        """Build from array-likes of n rows; tracks default to UNTRACKED, traits to NOT_VISIBLE."""
        marks = np.asarray(scores, dtype=np.float32).reshape(-1)
        ids = np.full(len(marks), UNTRACKED, dtype=np.int32) if tracks is None else np.asarray(tracks, dtype=np.int32)
        corners = np.asarray(boxes, dtype=np.float32).reshape(-1, 4)
        unseen = np.full((len(marks), len(Trait)), State.NOT_VISIBLE, dtype=np.int8)
        kinds = np.asarray(classes, dtype=np.int16).reshape(-1)
        return cls(corners, marks, kinds, ids, unseen, np.zeros(unseen.shape, dtype=np.float32))

    def __post_init__(self) -> None:
        n = len(self.boxes)
        if not (len(self.scores) == len(self.classes) == len(self.tracks) == n):
            raise ValueError("boxes, scores, classes and tracks must have the same length")
        if not self.traits.shape == self.sureness.shape == (n, len(Trait)):
            raise ValueError(f"traits and sureness must have the shape ({n}, {len(Trait)})")

    def __len__(self) -> int:
        return len(self.boxes)

    def __getitem__(self, index: Bools | NDArray[np.intp]) -> "Detections":
        """Select rows by a boolean mask or an index array."""
        return Detections(
            *(self.boxes[index], self.scores[index], self.classes[index], self.tracks[index]),
            *(self.traits[index], self.sureness[index]),
        )

    def __iter__(self) -> Iterator[tuple[Floats, float, int, int]]:
        """Yield (box, score, class, track) row by row."""
        for box, score, kind, track in zip(self.boxes, self.scores, self.classes, self.tracks, strict=True):
            yield box, float(score), int(kind), int(track)

    def with_tracks(self, tracks: Tracks) -> "Detections":
        return replace(self, tracks=tracks)

    def with_traits(self, traits: States, sureness: Floats) -> "Detections":
        """The same things after a closer look; both (n, 4)."""
        return replace(self, traits=traits, sureness=sureness)

    def same_kinds(self, other: "Detections") -> bool:
        """Whether both show as many things of each class."""
        return np.array_equal(np.sort(self.classes), np.sort(other.classes))

    @property
    def centres(self) -> Floats:
        """(n, 2): the middle of each box."""
        result: Floats = (self.boxes[:, :2] + self.boxes[:, 2:]) / np.float32(2)
        return result

    @property
    def feet(self) -> Floats:
        """(n, 2): the foot point of each box, its bottom centre (DOMAIN §1, gate 1)."""
        return np.stack(((self.boxes[:, 0] + self.boxes[:, 2]) / 2, self.boxes[:, 3]), axis=1)


def iou(one: Floats, other: Floats) -> Floats:
    """Pairwise intersection over union of (n, 4) and (m, 4) boxes: (n, m)."""
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    overlap = np.clip(high - low, 0, None).prod(axis=2)
    areas = _area(one)[:, None] + _area(other)[None, :] - overlap
    result: Floats = overlap / np.maximum(areas, np.finfo(np.float32).tiny)
    return result


def _area(boxes: Floats) -> Floats:
    result: Floats = np.clip(boxes[:, 2:] - boxes[:, :2], 0, None).prod(axis=1)
    return result
