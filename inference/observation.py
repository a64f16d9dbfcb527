"""Observations: what one look says about each subject of a scene, before any time rule."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np

from domain.camera import Zone
from domain.scene import SubLabel
from domain.wire import Verdict
from inference.detections import Bools, Detections, Floats
from inference.geometry import inside

REGION = 0  # the subject of scenes that watch a place, not a track


class Sight(StrEnum):
    """What was seen, in the words of the alert's reason; domain.reason has its Chinese."""

    HEAD_HIDDEN = "head not visible"
    HAT = "head visible with a hat"
    NO_HAT = "head visible without a hat"
    FACE_HIDDEN = "face not visible"
    MASK = "face visible with a mask"
    NO_MASK = "face visible without a mask"
    NO_MASK_SPECIAL = "face visible without a mask in a special room"
    TORSO_HIDDEN = "torso not visible"
    UNIFORM = "torso visible in the uniform"
    NO_UNIFORM = "torso visible in other clothes"
    BARE_TORSO = "bare torso"
    NO_CIGARETTE = "person visible, no cigarette"
    UNCONFIRMED = "cigarette not confirmed by the second look"
    SMOKING = "cigarette at a person's head or hand"
    NO_PHONE = "person visible, no phone"
    PHONE = "phone linked to a person"
    BREAK = "break time"
    RAT = "rat visible"
    RAT_IN_OPENING_HOURS = "rat visible, to be confirmed by a person"
    BIN_CLOSED = "bin closed"
    BIN_OPEN = "bin open, nobody at it"
    BIN_OVERFLOW = "bin overflowing, nobody at it"
    DISPOSING = "somebody at the bin"
    NO_FLAME = "no flame"
    FLAME_ATTENDED = "flame attended"
    FLAME_ALONE = "flame visible, nobody in the zone"
    SMOKE_ALONE = "flame and smoke visible, nobody in the zone"
    OPENING_HOURS = "opening hours"
    ALLOWED = "entry allowed at this time"
    NOBODY = "nobody there"
    RESTRICTED = "person in a restricted zone"
    CLOSED_HOURS = "person in closed hours"


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """One subject in one look.

    `resets`: counter-evidence so strong that samples before it no longer count.
    """

    subject: int
    box: Floats  # (4,)
    score: float
    verdict: Verdict
    why: Sight
    label: SubLabel = SubLabel.NONE
    resets: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """The detections of one look that count in one zone, by class name, and whether the site is open."""

    found: Detections
    classes: tuple[str, ...]
    zone: Zone
    at: datetime
    is_open: bool

    def of(self, *names: str) -> Detections:
        """Those of some classes, outside the zone's masks; none of a class that the model does not have."""
        kinds = [self.classes.index(name) for name in names if name in self.classes]
        chosen = self.found[np.isin(self.found.classes, kinds)]
        return chosen[~self._masked(chosen.centres)]

    def on_foot(self, name: str) -> Detections:
        """Those of a class whose foot point lies in the zone (DOMAIN §1, gate 1)."""
        chosen = self.of(name)
        return chosen[self.holds(chosen.feet)]

    def within(self, *names: str) -> Detections:
        """Those of some classes whose centre lies in the zone: things that do not stand on the floor."""
        chosen = self.of(*names)
        return chosen[self.holds(chosen.centres)]

    def holds(self, points: Floats) -> Bools:
        """(n,) which of (n, 2) points lie in the zone."""
        return inside(points, self.zone.polygon)

    def name(self, kind: int) -> str:
        return self.classes[kind]

    def region(self, verdict: Verdict, why: Sight, *, resets: bool = False) -> Observation:
        """What is said of the whole zone."""
        corners = np.asarray(self.zone.polygon, dtype=np.float32)
        box = np.concatenate((corners.min(axis=0), corners.max(axis=0)))
        return Observation(REGION, box, 1.0, verdict, why, resets=resets)

    def best(self, found: Detections, why: Sight, label: SubLabel) -> Observation:
        """The zone is violating, and the surest of `found` shows it."""
        row = int(found.scores.argmax())
        return Observation(REGION, found.boxes[row], float(found.scores[row]), Verdict.VIOLATING, why, label)

    def _masked(self, points: Floats) -> Bools:
        hidden = np.zeros(len(points), dtype=np.bool_)
        for mask in self.zone.masks:
            hidden |= inside(points, mask)
        return hidden


Observer = Callable[[Look], Sequence[Observation]]
