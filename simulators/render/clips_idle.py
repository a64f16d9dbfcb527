"""Clips of nothing to report: an empty kitchen, and cooks at their work (no Blender needed)."""

import numpy as np

from simulators.render.actor import COOK, EMPTY, RATE, SECOND, Pose, placed
from simulators.render.body import Stance
from simulators.render.cast import Cast
from simulators.render.room import room
from simulators.render.script import Way, along, swinging
from simulators.render.sensor import DAY
from simulators.render.shot import Moment, Shot
from simulators.render.stance import STEP_S, STRIDE, cooking, standing, walking


def quiet(seed: int) -> Shot:
    """A kitchen in which nothing moves: what idling costs."""
    plan = room(17 + seed, "kitchen", "day")
    return Shot("quiet", "an empty kitchen by day", plan, 1920, 1080, 20.0, RATE, 0.24, DAY, lambda _t: EMPTY)


def walkby(seed: int) -> Shot:
    """Two dressed cooks at their work, one walks through: nothing to report."""
    plan = room(19 + seed, "kitchen", "day")
    ways = [Way(8.0, 4.4, 2.0), Way(10.2, 3.0, 2.7), Way(13.0, 1.3, 2.2), Way(17.0, 1.3, 2.2), Way(21.4, 4.4, 2.0)]

    def moment(t: float) -> Moment:
        step = int(t * RATE + 1e-6)
        state = swinging(step, 14)
        if not ways[0].t < t < ways[-1].t:
            return Moment(("work", state), lambda: _pair(state / RATE))
        now = along(ways, t)
        walks = walking(now.gone / STRIDE * STEP_S) if now.speed > 0 else standing(state / RATE)
        return Moment(("pass", step), lambda: _pair(state / RATE, (now.x, now.y, now.turn), walks))

    return Shot("walkby", "two cooks at work, hats and masks on", plan, 1280, 720, 30.0, RATE, 0.24, DAY, moment)


def _pair(t: float, second: Pose | None = None, stance: Stance | None = None) -> Cast:
    things = [placed("person", COOK, cooking(t, 1), (2.72, 3.39, np.pi))]
    if second is not None and stance is not None:
        things.append(placed("person-2", SECOND, stance, second))
    return Cast(tuple(things), ())
