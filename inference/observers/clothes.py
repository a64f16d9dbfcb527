"""V1 to V3: what people on foot in the zone wear, as the crop classifier's traits say it.

A person whose head, face or torso fails the classifier's pixel gates is "not visible" there, and never violates.
"""

from collections.abc import Mapping

from domain.scene import SubLabel
from domain.wire import Verdict
from inference.observation import Look, Observation, Sight
from inference.traits import State, Trait

_Meaning = tuple[Verdict, Sight, SubLabel]

_HAT: Mapping[State, _Meaning] = {
    State.NOT_VISIBLE: (Verdict.NOT_VISIBLE, Sight.HEAD_HIDDEN, SubLabel.NONE),
    State.WORN: (Verdict.COMPLIANT, Sight.HAT, SubLabel.NONE),
    State.MISSING: (Verdict.VIOLATING, Sight.NO_HAT, SubLabel.NONE),
}
_MASK: Mapping[State, _Meaning] = {
    State.NOT_VISIBLE: (Verdict.NOT_VISIBLE, Sight.FACE_HIDDEN, SubLabel.NONE),
    State.WORN: (Verdict.COMPLIANT, Sight.MASK, SubLabel.NONE),
    State.MISSING: (Verdict.VIOLATING, Sight.NO_MASK, SubLabel.NONE),
}
_MASK_IN_SPECIAL_ROOM: Mapping[State, _Meaning] = {
    **_MASK,
    State.MISSING: (Verdict.VIOLATING, Sight.NO_MASK_SPECIAL, SubLabel.SPECIAL_ROOM),
}
_CLOTHES: Mapping[State, _Meaning] = {
    State.NOT_VISIBLE: (Verdict.NOT_VISIBLE, Sight.TORSO_HIDDEN, SubLabel.NONE),
    State.WORN: (Verdict.COMPLIANT, Sight.UNIFORM, SubLabel.NONE),
    State.MISSING: (Verdict.VIOLATING, Sight.NO_UNIFORM, SubLabel.NONE),
    State.BARE: (Verdict.VIOLATING, Sight.BARE_TORSO, SubLabel.BARE_TORSO),
}


def hat(look: Look) -> list[Observation]:
    """V1: a visible head (≥ 24 px) without a hat or hairnet."""
    return _wearing(look, Trait.HAT, _HAT)


def mask(look: Look) -> list[Observation]:
    """V2: a visible face (≥ 20 px, not turned away) without a mask; graver in a special room."""
    return _wearing(look, Trait.MASK, _MASK_IN_SPECIAL_ROOM if look.zone.special else _MASK)


def uniform(look: Look) -> list[Observation]:
    """V3: a torso, at least half of it visible, in other clothes than the kitchen's, or bare."""
    return _wearing(look, Trait.CLOTHES, _CLOTHES)


def _wearing(look: Look, trait: Trait, meanings: Mapping[State, _Meaning]) -> list[Observation]:
    """One observation of each person on foot in the zone; a state that the trait does not have is not visible."""
    people = look.on_foot("person")
    states, sureness = people.traits[:, trait].tolist(), people.sureness[:, trait].tolist()
    return [
        Observation(track, box, sure, *meanings.get(state, meanings[State.NOT_VISIBLE]))
        for (box, _, _, track), state, sure in zip(people, states, sureness, strict=True)
    ]
