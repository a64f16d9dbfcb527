"""The tracker: gives what is the same thing in successive looks the same number.

Looks come at uneven times (a keyframe every two seconds while idle, several a second on a candidate), which the
frame-counting trackers of the libraries cannot take: hence our own small one (ADR 0006).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from inference.detections import UNTRACKED, Bools, Detections, Floats, Tracks, iou

OVERLAP = 0.2  # least IoU of a match by overlap
REACH = 3.0  # a small mover may jump so many of its own lengths between two looks (and per second)
LOST_AFTER = timedelta(seconds=6)
FAMILIES = (("bin", "bin_open", "bin_overflow"),)  # classes that are states of one thing, which keeps its number


@dataclass(frozen=True, slots=True)
class _Track:
    number: int
    kind: int
    box: Floats
    seen: datetime


class Tracker:
    """One camera's tracks. Two passes: by overlap, then by nearness for what moved out of its own box."""

    def __init__(self, classes: Sequence[str] = ()) -> None:
        """`classes`: the model's class list, to know the FAMILIES; without it each class is a kind of its own."""
        self._kinds = _kinds(classes)
        self._tracks: list[_Track] = []
        self._next = 1

    def update(self, at: datetime, found: Detections) -> Detections:
        """Return `found` with track numbers; a track not seen for LOST_AFTER is forgotten."""
        self._tracks = [track for track in self._tracks if at - track.seen <= LOST_AFTER]
        numbers = np.full(len(found), UNTRACKED, dtype=np.int32)
        self._match(at, found, numbers, self._overlaps(found), OVERLAP)
        self._match(at, found, numbers, self._nearness(at, found), 0.0)
        for index in np.flatnonzero(numbers == UNTRACKED):
            numbers[index] = self._next
            self._tracks.append(_Track(self._next, self._kind(int(found.classes[index])), found.boxes[index], at))
            self._next += 1
        return found.with_tracks(numbers)

    def _overlaps(self, found: Detections) -> Floats:
        return np.where(self._same_kind(found), iou(self._boxes(), found.boxes), -1.0).astype(np.float32)

    def _nearness(self, at: datetime, found: Detections) -> Floats:
        """(tracks, n): 1 − distance / reach; negative when out of reach."""
        boxes = self._boxes()
        centres = (boxes[:, :2] + boxes[:, 2:]) / 2
        lengths = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0.0)
        waits = np.array([(at - track.seen).total_seconds() for track in self._tracks], dtype=np.float32)
        reach = REACH * lengths * np.clip(waits, 0.5, 2.0)
        distance = np.linalg.norm(centres[:, None] - found.centres[None], axis=2)
        near = 1.0 - distance / np.maximum(reach, 1e-6)[:, None]
        return np.where(self._same_kind(found), near, -1.0).astype(np.float32)

    def _match(self, at: datetime, found: Detections, numbers: Tracks, merit: Floats, least: float) -> None:
        """Greedy, best first; a track already matched in this look is not matched again."""
        for flat in np.argsort(-merit, axis=None, kind="stable"):
            row, column = divmod(int(flat), max(1, len(found)))
            if merit[row, column] <= least:
                return
            if numbers[column] == UNTRACKED and self._tracks[row].seen < at:
                numbers[column] = self._tracks[row].number
                self._tracks[row] = replace(self._tracks[row], box=found.boxes[column], seen=at)

    def _same_kind(self, found: Detections) -> Bools:
        kinds = np.array([track.kind for track in self._tracks], dtype=np.int16)
        theirs = np.array([self._kind(int(each)) for each in found.classes], dtype=np.int16)
        result: Bools = kinds[:, None] == theirs[None, :]
        return result

    def _kind(self, index: int) -> int:
        return self._kinds.get(index, index)

    def _boxes(self) -> Floats:
        return np.array([track.box for track in self._tracks], dtype=np.float32).reshape(-1, 4)


def _kinds(classes: Sequence[str]) -> dict[int, int]:
    """Class → the first class of its family."""
    present = [[classes.index(name) for name in family if name in classes] for family in FAMILIES]
    return {index: family[0] for family in present for index in family}
