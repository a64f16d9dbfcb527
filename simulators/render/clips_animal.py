"""Clips of animals at night: a rat, and a cat that is none (no Blender needed)."""

from dataclasses import replace
from typing import Literal

import numpy as np

from simulators.render import animal
from simulators.render.actor import EMPTY, RATE
from simulators.render.camera import Camera
from simulators.render.cast import Cast
from simulators.render.room import room
from simulators.render.script import Place, Way, along
from simulators.render.sensor import NIGHT
from simulators.render.shot import WHOLE, Moment, SceneTruth, Shot

RAT = (0.085, 0.07, 0.06)  # fur, linear colour
CAT = (0.05, 0.045, 0.04)


def rat_night(seed: int) -> Shot:
    """An empty kitchen at night; a rat runs along the foot of the counters with stops, and back, then nothing."""
    plan = room(22 + seed, "kitchen", "night")
    plan = replace(plan, camera=Camera((3.0, 1.3, 1.75), (3.0, 3.3, 0.22), 0.92))
    foot, left, right = plan.depth - 0.97, 1.75, 4.25
    times = (
        (9.0, 1.0),
        (10.0, 0.75),
        (11.4, 0.75),
        (12.4, 0.50),
        (14.0, 0.50),
        (15.0, 0.22),
        (16.6, 0.22),
        (18.2, 0.60),
        (19.6, 0.60),
        (21.2, 1.0),
    )
    ways = [Way(t, share * right + (1 - share) * left, foot - 0.08 * np.sin(5 * share)) for t, share in times]

    def moment(t: float) -> Moment:
        if not ways[0].t < t < ways[-1].t:
            return EMPTY
        now = along(ways, t)
        return Moment(("rat", round(now.gone, 3), now.speed > 0), lambda: _rat_cast(now.x, now.y, now.turn, now.gone))

    truth = (SceneTruth("PEST", 9.2, 21.0, WHOLE),)
    return Shot("rat-night", "a rat crosses an empty kitchen", plan, 1280, 720, 30.0, 12.5, 0.21, NIGHT, moment, truth)


def _rat_cast(x: float, y: float, turn: float, gone: float) -> Cast:
    one = animal.rat(np.random.default_rng(0), gone * 22.0, 0.25 * float(np.sin(gone * 5)), 0.30, RAT)
    return Cast((one.moved((x, y, 0.0), turn),), ())


def cat_night(seed: int) -> Shot:
    """An empty kitchen at night; a cat walks along the counters, sits for a while, and walks on: no rat."""
    plan = room(22 + seed, "kitchen", "night")
    plan = replace(plan, camera=Camera((3.0, 1.1, 1.75), (3.0, 3.3, 0.3), 0.98))
    y = plan.depth - 1.25
    ways = [Way(9.0, 4.6, y), Way(12.2, 3.2, y - 0.1), Way(20.0, 3.2, y - 0.1), Way(23.2, 1.5, y)]

    def moment(t: float) -> Moment:
        if not ways[0].t < t < ways[-1].t:
            return EMPTY
        now = along(ways, t)
        if now.speed == 0:
            return Moment(("sits",), lambda: _cat_cast("sit", now))
        return Moment(("cat", round(now.gone, 3)), lambda: _cat_cast("walk", now))

    return Shot(
        "cat-night", "a cat crosses an empty kitchen", plan, 1280, 720, 30.0, RATE, 0.21, NIGHT, moment,
        looks_like=("PEST",),
    )  # fmt: skip


def _cat_cast(pose: Literal["walk", "sit"], now: Place) -> Cast:
    one = animal.cat(np.random.default_rng(0), pose, now.gone * 14.0, CAT)
    return Cast((one.moved((now.x, now.y, 0.0), now.turn),), ())
