"""V7: bins that stand open or overflow."""

from collections.abc import Iterator, Mapping

import numpy as np

from domain.scene import SubLabel
from domain.wire import Verdict
from inference.detections import Detections, iou
from inference.geometry import meets
from inference.observation import Look, Observation, Sight

STATES: Mapping[str, tuple[Verdict, Sight, SubLabel]] = {
    "bin": (Verdict.COMPLIANT, Sight.BIN_CLOSED, SubLabel.NONE),
    "bin_open": (Verdict.VIOLATING, Sight.BIN_OPEN, SubLabel.OPEN_LID),
    "bin_overflow": (Verdict.VIOLATING, Sight.BIN_OVERFLOW, SubLabel.OVERFLOW),
}
SAME = 0.5  # two boxes of two states that overlap by so much are one bin
REACH = 0.2  # somebody whose box, grown by so much of its size, meets the bin's is at the bin


def bin_open(look: Look) -> list[Observation]:
    """V7: each bin whose centre lies in the zone; compliant while somebody is within reach of it."""
    bins, people = look.within(*STATES), look.of("person")
    near = np.flatnonzero(meets(people.boxes, bins.boxes, REACH).any(axis=0))
    return [_bin(look, bins, row, track, row in near) for row, track in _surest(bins)]


def _bin(look: Look, bins: Detections, row: int, track: int, is_attended: bool) -> Observation:
    verdict, why, label = STATES[look.name(int(bins.classes[row]))]
    if is_attended and verdict is Verdict.VIOLATING:
        verdict, why, label = Verdict.COMPLIANT, Sight.DISPOSING, SubLabel.NONE
    return Observation(track, bins.boxes[row], float(bins.scores[row]), verdict, why, label)


def _surest(bins: Detections) -> Iterator[tuple[int, int]]:
    """Of each bin the row of its surest state, and its oldest track: the detector may see two states at once."""
    overlaps = iou(bins.boxes, bins.boxes)
    left = set(range(len(bins)))
    for row in sorted(left, key=lambda each: -float(bins.scores[each])):
        if row in left:
            group = [each for each in left if each == row or overlaps[row, each] >= SAME]
            left -= set(group)
            yield row, min(int(bins.tracks[each]) for each in group)
