"""Observations: what one look says about each subject of a scene, before any time rule. Pure functions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from domain.camera import Zone
from domain.scene import Scene
from domain.wire import Verdict
from inference.detections import Bools, Detections, Floats
from inference.geometry import holds, inside

REGION = 0  # the subject of scenes that watch a place, not a track
REACH = 0.15  # a phone belongs to a person whose box, grown by so much of its size, holds the phone's centre


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """One subject in one look. `why` names what was seen, in the words of the alert's reason.

    `resets`: counter-evidence so strong that samples before it no longer count.
    """

    subject: int
    box: Floats  # (4,)
    score: float
    verdict: Verdict
    why: str
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
        return Observation(track, box, score, Verdict.COMPLIANT, "person visible, no phone")
    return Observation(track, box, float(phones.scores.max()), Verdict.VIOLATING, "phone linked to a person")


def pest(look: Look) -> list[Observation]:
    """V6: rat or mouse in the zone. Cats and dogs are classes of their own and never count."""
    why = "rat visible, to be confirmed by a person" if look.is_open else "rat visible"
    return [Observation(track, box, score, Verdict.VIOLATING, why) for box, score, _, track in look.on_foot("rat")]


def fire_unattended(look: Look) -> list[Observation]:
    """V8: a flame in the zone and nobody there. The zone is the stove and the floor before it."""
    flames = look.of("flame")
    flames = flames[inside(flames.centres, look.zone.polygon)]
    if len(flames) == 0:
        return [_region(look, Verdict.COMPLIANT, "no flame")]
    if len(look.on_foot("person")):
        return [_region(look, Verdict.COMPLIANT, "flame attended", resets=True)]
    best = int(flames.scores.argmax())
    why = "flame visible, nobody in the zone"
    return [Observation(REGION, flames.boxes[best], float(flames.scores[best]), Verdict.VIOLATING, why)]


def intrusion(look: Look) -> list[Observation]:
    """V9: anyone in the zone, where it is restricted or the site is closed. No face recognition."""
    if look.is_open and not look.zone.restricted:
        return [_region(look, Verdict.COMPLIANT, "opening hours")]
    people = look.on_foot("person")
    if len(people) == 0:
        return [_region(look, Verdict.COMPLIANT, "nobody there")]
    best = int(people.scores.argmax())
    why = "person in a restricted zone" if look.zone.restricted else "person in closed hours"
    return [Observation(REGION, people.boxes[best], float(people.scores[best]), Verdict.VIOLATING, why)]


def _region(look: Look, verdict: Verdict, why: str, *, resets: bool = False) -> Observation:
    corners = np.asarray(look.zone.polygon, dtype=np.float32)
    box = np.concatenate((corners.min(axis=0), corners.max(axis=0)))
    return Observation(REGION, box, 1.0, verdict, why, resets)


OBSERVERS: dict[Scene, Observer] = {
    Scene.PHONE: phone,
    Scene.PEST: pest,
    Scene.FIRE_UNATTENDED: fire_unattended,
    Scene.INTRUSION: intrusion,
}
