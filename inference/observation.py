"""Observations: what one look says about each subject of a scene, before any time rule. Pure functions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from domain.camera import Zone
from domain.scene import Scene
from domain.wire import Verdict
from inference.detections import Bools, Detections, Floats
from inference.geometry import holds, inside

REGION = 0  # the subject of scenes that watch a place, not a track
REACH = 0.15  # a phone belongs to a person whose box, grown by so much of its size, holds the phone's centre


class Sight(StrEnum):
    """What was seen, in the words of the alert's reason; domain.reason has its Chinese."""

    NO_PHONE = "person visible, no phone"
    PHONE = "phone linked to a person"
    RAT = "rat visible"
    RAT_IN_OPENING_HOURS = "rat visible, to be confirmed by a person"
    NO_FLAME = "no flame"
    FLAME_ATTENDED = "flame attended"
    FLAME_ALONE = "flame visible, nobody in the zone"
    OPENING_HOURS = "opening hours"
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
    resets: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """The detections of one look that count in one zone, by class name, and whether the site is open."""

    found: Detections
    classes: tuple[str, ...]
    zone: Zone
    is_open: bool

    def of(self, name: str) -> Detections:
        """Those of a class, outside the zone's masks."""
        if name not in self.classes:
            return Detections.empty()
        chosen = self.found[self.found.classes == self.classes.index(name)]
        return chosen[~self._masked(chosen.centres)]

    def on_foot(self, name: str) -> Detections:
        """Those of a class whose foot point lies in the zone (DOMAIN §1, gate 1)."""
        chosen = self.of(name)
        return chosen[inside(chosen.feet, self.zone.polygon)]

    def _masked(self, points: Floats) -> Bools:
        hidden = np.zeros(len(points), dtype=np.bool_)
        for mask in self.zone.masks:
            hidden |= inside(points, mask)
        return hidden


Observer = Callable[[Look], Sequence[Observation]]


def phone(look: Look) -> list[Observation]:
    """V5: a phone linked to a person who stands in the zone; a person without one is compliant."""
    people, phones = look.on_foot("person"), look.of("phone")
    links = holds(people.boxes, phones.centres, REACH)
    return [
        _holding(int(people.tracks[row]), people.boxes[row], float(people.scores[row]), phones[links[row]])
        for row in range(len(people))
    ]


def _holding(track: int, box: Floats, score: float, phones: Detections) -> Observation:
    if len(phones) == 0:
        return Observation(track, box, score, Verdict.COMPLIANT, Sight.NO_PHONE)
    return Observation(track, box, float(phones.scores.max()), Verdict.VIOLATING, Sight.PHONE)


def pest(look: Look) -> list[Observation]:
    """V6: rat or mouse in the zone. Cats and dogs are classes of their own and never count."""
    why = Sight.RAT_IN_OPENING_HOURS if look.is_open else Sight.RAT
    return [Observation(track, box, score, Verdict.VIOLATING, why) for box, score, _, track in look.on_foot("rat")]


def fire_unattended(look: Look) -> list[Observation]:
    """V8: a flame in the zone and nobody there. The zone is the stove and the floor before it."""
    flames = look.of("flame")
    flames = flames[inside(flames.centres, look.zone.polygon)]
    if len(flames) == 0:
        return [_region(look, Verdict.COMPLIANT, Sight.NO_FLAME)]
    if len(look.on_foot("person")):
        return [_region(look, Verdict.COMPLIANT, Sight.FLAME_ATTENDED, resets=True)]
    best = int(flames.scores.argmax())
    return [Observation(REGION, flames.boxes[best], float(flames.scores[best]), Verdict.VIOLATING, Sight.FLAME_ALONE)]


def intrusion(look: Look) -> list[Observation]:
    """V9: anyone in the zone, where it is restricted or the site is closed. No face recognition."""
    if look.is_open and not look.zone.restricted:
        return [_region(look, Verdict.COMPLIANT, Sight.OPENING_HOURS)]
    people = look.on_foot("person")
    if len(people) == 0:
        return [_region(look, Verdict.COMPLIANT, Sight.NOBODY)]
    best = int(people.scores.argmax())
    why = Sight.RESTRICTED if look.zone.restricted else Sight.CLOSED_HOURS
    return [Observation(REGION, people.boxes[best], float(people.scores[best]), Verdict.VIOLATING, why)]


def _region(look: Look, verdict: Verdict, why: Sight, *, resets: bool = False) -> Observation:
    corners = np.asarray(look.zone.polygon, dtype=np.float32)
    box = np.concatenate((corners.min(axis=0), corners.max(axis=0)))
    return Observation(REGION, box, 1.0, verdict, why, resets)


OBSERVERS: dict[Scene, Observer] = {
    Scene.PHONE: phone,
    Scene.PEST: pest,
    Scene.FIRE_UNATTENDED: fire_unattended,
    Scene.INTRUSION: intrusion,
}
