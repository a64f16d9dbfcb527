"""V8: flames that nobody watches. The zone is the stove and the floor before it."""

from domain.scene import SubLabel
from domain.wire import Verdict
from inference.observation import Look, Observation, Sight


def fire_unattended(look: Look) -> list[Observation]:
    """V8: a flame in the zone and nobody there; more urgent with smoke.

    Masks hide pilot flames. A stock pot that may simmer alone has its own maximum: an override of `min_s`.
    """
    flames = look.within("flame")
    if len(flames) == 0:
        return [look.region(Verdict.COMPLIANT, Sight.NO_FLAME)]
    if len(look.on_foot("person")):
        return [look.region(Verdict.COMPLIANT, Sight.FLAME_ATTENDED, resets=True)]
    if _smokes(look):
        return [look.best(flames, Sight.SMOKE_ALONE, SubLabel.SMOKE)]
    return [look.best(flames, Sight.FLAME_ALONE, SubLabel.NONE)]


def _smokes(look: Look) -> bool:
    """Smoke rises out of the zone: its foot or its centre lies there."""
    smoke = look.of("smoke")
    return bool((look.holds(smoke.feet) | look.holds(smoke.centres)).any())
