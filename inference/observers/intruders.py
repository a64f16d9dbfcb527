"""V9: people where, or when, nobody may be. No face recognition: who may be there is a matter of time windows."""

from domain.scene import SubLabel
from domain.wire import Verdict
from inference.observation import Look, Observation, Sight


def intrusion(look: Look) -> list[Observation]:
    """V9: anyone in the zone, where it is restricted or the site is closed, outside the zone's allowed windows."""
    if look.is_open and not look.zone.restricted:
        return [look.region(Verdict.COMPLIANT, Sight.OPENING_HOURS)]
    people = look.on_foot("person")
    if len(people) == 0:
        return [look.region(Verdict.COMPLIANT, Sight.NOBODY)]
    if look.zone.allowed.is_open(look.at):
        return [look.region(Verdict.COMPLIANT, Sight.ALLOWED)]
    why = Sight.RESTRICTED if look.zone.restricted else Sight.CLOSED_HOURS
    return [look.best(people, why, SubLabel.NONE if look.is_open else SubLabel.CLOSED_HOURS)]
