"""Somebody in a clip: what they wear, where they stand, how they come and go (no Blender needed)."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from simulators.render.body import Stance
from simulators.render.cast import Cast
from simulators.render.crew import figure
from simulators.render.person import person
from simulators.render.script import Way, along, swinging
from simulators.render.shot import Moment
from simulators.render.stance import STEP_S, STRIDE, cooking, walking
from simulators.render.thing import Thing
from simulators.render.wear import Wear

Pose = tuple[float, float, float]  # x, y in metres, turn in radians
RATE = 6.25  # states a second
STATES = 14  # of a movement that swings to and fro
FEW = 9  # of one that nobody looks at closely
EMPTY = Moment(("empty",), lambda: Cast((), ()))
COOK = Wear(2, (0.52, 0.30, 0.20), (0.01, 0.009, 0.008), (0.76, 0.76, 0.74), (0.03, 0.03, 0.035), "toque",
            (0.8, 0.8, 0.79), None, True, False, False)  # fmt: skip
SECOND = replace(COOK, shape=3, hat="cap", apron=(0.03, 0.03, 0.04), skin=(0.60, 0.37, 0.25))
STRANGER = replace(
    COOK, shape=2, hat="none", coat=(0.12, 0.14, 0.2), trousers=(0.05, 0.05, 0.07), mask=False, long_hair=False
)


def placed(name: str, wear: Wear, stance: Stance, at: Pose) -> Thing:
    """The body alone."""
    return person(wear, stance, name).moved((at[0], at[1], 0.0), at[2])


def acting(wear: Wear, stance: Stance, at: Pose, *held: Thing, name: str = "person") -> Cast:
    """One person with what is held; of head and face the truth is told, too."""
    place = (at[0], at[1], 0.0)
    sticks = [t.name for t in held if t.label == "cigarette"]
    who = replace(figure(wear, stance, place, at[2]), name=name, cigarette=sticks[0] if sticks else None)
    return Cast((placed(name, wear, stance, at), *(t.moved(place, at[2]) for t in held)), (), (who,))


def together(*casts: Cast) -> Cast:
    """Several casts as one."""
    return Cast(
        tuple(t for c in casts for t in c.things),
        tuple(f for c in casts for f in c.fires),
        tuple(f for c in casts for f in c.figures),
    )


def state_at(t: float, states: int = STATES) -> int:
    """The state of a swinging movement at time t (s)."""
    return swinging(int(t * RATE + 1e-6), states)


def facing_camera(t: float, style: int = 0) -> Stance:
    """At work with the head up, so that a camera above sees hat and mask."""
    return replace(cooking(t, style), nod=0.12, stoop=0.12, look=0.1 * float(np.sin(t * 0.45)))


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody comes through `door` at `begin`, acts at `spot`, and is gone again at `end` (s)."""

    wear: Wear
    begin: float
    end: float
    door: tuple[float, float]
    spot: Pose
    act: Callable[[float], Stance]
    walk_s: float = 1.44
    states: int = STATES

    @property
    def arrives(self) -> float:
        return self.begin + self.walk_s

    @property
    def leaves(self) -> float:
        return self.end - self.walk_s

    def moment(self, t: float) -> Moment:
        """What is seen of it at time t (s)."""
        if not self.begin < t < self.end:
            return EMPTY
        if self.arrives <= t < self.leaves:
            state = state_at(t, self.states)
            return Moment(("stays", state), lambda: acting(self.wear, self.act(state / RATE), self.spot))
        now = along(self._ways(t), t)
        stance, at = walking(now.gone / STRIDE * STEP_S), (now.x, now.y, now.turn)
        return Moment(("walks", round(t, 3)), lambda: acting(self.wear, stance, at))

    def _ways(self, t: float) -> list[Way]:
        spot = self.spot[:2]
        if t < self.arrives:
            return [Way(self.begin, *self.door), Way(self.arrives, *spot)]
        return [Way(self.leaves, *spot), Way(self.end, *self.door)]
