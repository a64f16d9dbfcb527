"""V4 and V5: what people on foot in the zone hold. A thing that is linked to nobody says nothing."""

import numpy as np

from domain.wire import Verdict
from inference.detections import Bools, Detections
from inference.geometry import holds, upper
from inference.observation import Look, Observation, Sight
from inference.traits import State, Trait

REACH = 0.15  # a hand reaches beyond the person's box by so much of the box's size
HANDS = 0.6  # a smoker's hand and head are in this upper part of the person
MOUTH = 0.5  # a cigarette in the mouth reaches beyond the head's box by so much of its size
SURE = 0.8  # from here on the second look outweighs the detector


def phone(look: Look) -> list[Observation]:
    """V5: a phone linked to a person who stands in the zone, outside the zone's breaks; without one: compliant."""
    people, phones = look.on_foot("person"), look.of("phone")
    links = holds(people.boxes, phones.centres, REACH)
    on_break = look.zone.breaks.is_open(look.at)
    return [_phone(people, row, phones[links[row]], on_break) for row in range(len(people))]


def _phone(people: Detections, row: int, phones: Detections, on_break: bool) -> Observation:
    if len(phones) == 0:
        return _seen(people, row, Verdict.COMPLIANT, Sight.NO_PHONE)
    if on_break:
        return _seen(people, row, Verdict.COMPLIANT, Sight.BREAK)
    return _seen(people, row, Verdict.VIOLATING, Sight.PHONE, float(phones.scores.max()))


def smoking(look: Look) -> list[Observation]:
    """V4: a cigarette linked to a person who stands in the zone, unless the second look at that head denies it."""
    people, cigarettes = look.on_foot("person"), look.of("cigarette")
    links = _smokers(people, cigarettes, look.of("head"))
    return [_cigarette(people, row, cigarettes[links[row]]) for row in range(len(people))]


def _cigarette(people: Detections, row: int, cigarettes: Detections) -> Observation:
    if len(cigarettes) == 0:
        return _seen(people, row, Verdict.COMPLIANT, Sight.NO_CIGARETTE)
    state, sure = people.traits[row, Trait.CIGARETTE], people.sureness[row, Trait.CIGARETTE]
    if state == State.MISSING and sure >= SURE:
        return _seen(people, row, Verdict.COMPLIANT, Sight.UNCONFIRMED)
    return _seen(people, row, Verdict.VIOLATING, Sight.SMOKING, float(cigarettes.scores.max()))


def _smokers(people: Detections, cigarettes: Detections, heads: Detections) -> Bools:
    """(people, cigarettes): at whose head a cigarette is; of one that is at no head, in whose upper part it is."""
    at_mouth = holds(heads.boxes, cigarettes.centres, MOUTH)
    at_head = (_owners(people, heads)[:, :, None] & at_mouth[None]).any(axis=1)
    in_hand = holds(upper(people.boxes, HANDS), cigarettes.centres, REACH)
    linked: Bools = np.where(at_head.any(axis=0), at_head, in_hand)
    return linked


def _owners(people: Detections, heads: Detections) -> Bools:
    """(people, heads): a head is of the one in whose upper part it lies, the one whose top is nearest in a crowd."""
    tops = np.stack((people.centres[:, 0], people.boxes[:, 1]), axis=1)
    far = np.linalg.norm(tops[:, None] - heads.centres[None], axis=2)
    far = np.where(holds(upper(people.boxes, HANDS), heads.centres, 0.0), far, np.inf)
    owns: Bools = (far == far.min(axis=0, initial=np.inf)) & np.isfinite(far)
    return owns


def _seen(people: Detections, row: int, verdict: Verdict, why: Sight, score: float | None = None) -> Observation:
    sure = float(people.scores[row]) if score is None else score
    return Observation(int(people.tracks[row]), people.boxes[row], sure, verdict, why)
