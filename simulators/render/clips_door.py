"""Clips of people where they may be, and where they may not (no Blender needed)."""

from dataclasses import replace

import numpy as np

from simulators.render.actor import COOK, EMPTY, RATE, STRANGER, Visit, acting, facing_camera, placed, state_at
from simulators.render.antechamber import cold_room
from simulators.render.body import Stance
from simulators.render.cast import Cast
from simulators.render.room import room
from simulators.render.script import Way, along, swinging
from simulators.render.sensor import DAY, NIGHT
from simulators.render.shot import WHOLE, Moment, SceneTruth, Shot, zone_of
from simulators.render.stance import STEP_S, STRIDE, standing, walking

IN_COAT = replace(COOK, coat=(0.35, 0.36, 0.38), hat="cap", trousers=(0.05, 0.055, 0.07), shape=3)


def intrusion_night(seed: int) -> Shot:
    """A store room at night; somebody walks in, looks round the racks, and leaves."""
    plan = room(36 + seed, "store", "night")
    a, b, c = (2.75, 0.5), (2.5, 2.9), (2.0, 3.9)
    ways = [Way(8.6, *a), Way(10.9, *b), Way(12.0, *b), Way(13.2, *c), Way(20.0, *c), Way(21.3, *b), Way(23.6, *a)]

    def moment(t: float) -> Moment:
        if not ways[0].t < t < ways[-1].t:
            return EMPTY
        now, step = along(ways, t), int(t * RATE + 1e-6)
        if now.speed > 0:
            return Moment(("walk", step), lambda: _one(walking(now.gone / STRIDE * STEP_S), now.x, now.y, now.turn))
        state = swinging(step, 12)
        turn = now.turn + 0.5 * float(np.sin(state * 0.25))
        return Moment(
            ("look", now.x, state), lambda: _one(standing(state / RATE, 0.7 * np.sin(state * 0.3)), now.x, now.y, turn)
        )

    truth = (SceneTruth("INTRUSION", 9.0, 23.2, WHOLE),)
    return Shot(
        "intrusion-night", "a person in a closed store room", plan, 1280, 720, 30.0, RATE, 0.16, NIGHT, moment, truth
    )


def _one(stance: Stance, x: float, y: float, turn: float) -> Cast:
    return Cast((placed("person", STRANGER, stance, (x, y, turn)),), ())


def passing(seed: int) -> Shot:
    """A store room in opening hours: a cook walks past the racks, looks, and goes; the racks' side is restricted."""
    plan = room(36 + seed, "store", "day")
    ways = [Way(9.0, 4.6, 1.3), Way(10.6, 3.3, 2.3), Way(20.0, 3.3, 2.3), Way(21.6, 4.6, 1.3)]

    def moment(t: float) -> Moment:
        if not ways[0].t < t < ways[-1].t:
            return EMPTY
        now = along(ways, t)
        if now.speed > 0:
            stance, at = walking(now.gone / STRIDE * STEP_S), (now.x, now.y, now.turn)
            return Moment(("walk", round(t, 3)), lambda: acting(COOK, stance, at))
        state = state_at(t, 8)
        return Moment(("look", state), lambda: acting(COOK, standing(state / RATE), (now.x, now.y, np.pi - 0.6)))

    inner = zone_of(plan, [(0.0, plan.depth), (0.0, 3.6), (plan.width, 3.6), (plan.width, plan.depth)])
    note, like = "a cook in an open store room, clear of the restricted racks", ("INTRUSION",)
    zones = (("restricted", inner),)
    return Shot("store-day", note, plan, 1280, 720, 30.0, RATE, 0.24, DAY, moment, zones=zones, looks_like=like)


def antechamber(seed: int) -> Shot:
    """A worker in a thick coat walks into the cold store's antechamber, checks the rack, and goes."""
    plan = cold_room(seed)
    visit = Visit(IN_COAT, 8.0, 26.0, (0.3, 0.9), (2.0, 3.2, 0.35), lambda t: facing_camera(t, 2), 2.08, 8)
    note, like = "a worker in a cold-store coat in the antechamber", ("NO_UNIFORM",)
    return Shot("cold-antechamber", note, plan, 1280, 720, 30.0, RATE, 0.26, DAY, visit.moment, looks_like=like)
