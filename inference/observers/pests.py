"""V6: rats and mice. Cats and dogs are classes of their own and never count."""

from domain.scene import SubLabel
from domain.wire import Verdict
from inference.observation import Look, Observation, Sight


def pest(look: Look) -> list[Observation]:
    """V6: a rat or mouse in the zone; in opening hours a person has to confirm it."""
    why = Sight.RAT_IN_OPENING_HOURS if look.is_open else Sight.RAT
    label = SubLabel.NONE if look.is_open else SubLabel.CLOSED_HOURS
    return [
        Observation(track, box, score, Verdict.VIOLATING, why, label) for box, score, _, track in look.on_foot("rat")
    ]
