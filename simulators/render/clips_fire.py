"""Clips of a stove: its flame left alone, watched, and steam (no Blender needed)."""

from dataclasses import replace

import numpy as np

from simulators.render import flame, furniture
from simulators.render.actor import COOK, FEW, RATE, Pose, acting, facing_camera, placed, state_at
from simulators.render.camera import Camera
from simulators.render.cast import Cast
from simulators.render.clips_dress import CAPPED, island
from simulators.render.fire import Fire, burner
from simulators.render.furniture import TOP
from simulators.render.light import Lamp
from simulators.render.room import room
from simulators.render.script import Way, along, swinging
from simulators.render.sensor import DAY
from simulators.render.shot import Moment, SceneTruth, Shot, zone_of
from simulators.render.stance import STEP_S, STRIDE, cooking, walking


def flame_unattended(seed: int) -> Shot:
    """A cook at a stove with a flame leaves the picture at 10 s and is back at 54.5 s."""
    plan = room(14 + seed, "kitchen", "day")
    left, right = plan.fires
    glow = Lamp("POINT", (right[0], right[1] - 0.15, right[2] + 0.2), (0, 0, 0), 6.0, (1.0, 0.5, 0.15), 0.1)
    plan = replace(plan, lamps=(*plan.lamps, glow), camera=Camera(plan.camera.eye, (2.85, 2.95, 0.85), 1.05))
    spot, door = (left[0] - 0.02, left[1] - 0.68), (0.35, 0.7)
    away = [Way(10.0, *spot), Way(13.2, *door), Way(52.0, *door), Way(55.2, *spot)]

    def moment(t: float) -> Moment:
        step = int(t * RATE + 1e-6)
        lick = step * 7 % 20
        if 13.2 <= t < 52.0:
            return Moment(("alone", lick), lambda: Cast((), _burning(right, lick)))
        state = swinging(step, 14)
        if t < 10.0 or t >= 55.2:
            return Moment(("cook", state), lambda: _stove_cast(state / RATE, (*spot, np.pi), right, state))
        return Moment(("walk", step), lambda: _walk_cast(away, t, right, lick))

    zone = zone_of(
        plan,
        [
            (left[0] - 0.4, left[1] - 0.3),
            (left[0] - 0.4, left[1] - 1.25),
            (right[0] + 0.5, left[1] - 1.25),
            (right[0] + 0.5, left[1] - 0.3),
        ],
    )
    over = zone_of(plan, [(left[0] - 0.4, left[1] + 0.1), (right[0] + 0.5, left[1] + 0.1)])
    lifted = tuple((x, round(y - 0.42, 4)) for x, y in over)
    stove = (lifted[0], zone[1], zone[2], lifted[1])
    truth = (SceneTruth("FIRE_UNATTENDED", 10.6, 54.5, stove),)
    return Shot(
        "flame-unattended",
        "a stove burns with nobody at it for 42 s",
        plan,
        1280,
        720,
        60.0,
        RATE,
        0.2,
        DAY,
        moment,
        truth,
        (("stove", stove),),
    )


def _burning(at: tuple[float, float, float], lick: int) -> tuple[Fire, ...]:
    return (burner("flame", (at[0], at[1] - 0.16, at[2] - 0.02), 77, lick * 0.17, 0.46),)


def _stove_cast(t: float, at: tuple[float, float, float], fire: tuple[float, float, float], lick: int) -> Cast:
    return Cast((placed("person", COOK, cooking(t), at),), _burning(fire, lick))


def _walk_cast(ways: list[Way], t: float, fire: tuple[float, float, float], lick: int) -> Cast:
    now = along(ways, t)
    stance = walking(now.gone / STRIDE * STEP_S)
    return Cast((placed("person", COOK, stance, (now.x, now.y, now.turn)),), _burning(fire, lick))


def flame_watched(seed: int) -> Shot:
    """A cook stays at the burning stove: the same place as in the clip of the flame that is left alone."""
    left_alone = flame_unattended(seed)
    left, right = left_alone.room.fires
    spot = (left[0] - 0.02, left[1] - 0.68, np.pi)

    def moment(t: float) -> Moment:
        state = state_at(t, FEW)
        return Moment(("cook", state), lambda: _stove_cast(state / RATE, spot, right, state))

    note, like = "a cook stays at the burning stove", ("FIRE_UNATTENDED",)
    return replace(
        left_alone, name="flame-watched", note=note, duration_s=30.0, moment=moment, scenes=(), looks_like=like
    )


def steam(seed: int) -> Shot:
    """A cook stirs a steaming pot on the worktop: no smoke, no fire, nobody smokes."""
    plan, left, right = island(61 + seed, 1.28)
    spot = ((left.x + right.x) / 2, left.y - 0.05, 0.15)
    at = (spot[0] - 0.1, spot[1] - 0.5, TOP)
    pot = furniture.pot(np.random.default_rng(2)).moved(at)
    plan = replace(plan, things=(*plan.things, replace(pot, name="steaming-pot")))

    def moment(t: float) -> Moment:
        state = state_at(t, FEW)
        return Moment(("cook", state), lambda: _steaming(state, spot, (at[0], at[1] - 0.02, at[2] + 0.2)))

    note, like = "a cook stirs a steaming pot", ("SMOKING", "FIRE_UNATTENDED")
    return Shot("steam", note, plan, 1280, 720, 30.0, RATE, 0.26, DAY, moment, looks_like=like)


def _steaming(state: int, spot: Pose, at: tuple[float, float, float]) -> Cast:
    """The steam has no label: it is neither smoke nor flame. It wafts, as it must swing with the cook."""
    cloud = Fire("steam", None, at, 0.6, 0.95, flame.puff(11, state * 0.05, 0.9), 1.6)
    return replace(acting(CAPPED, facing_camera(state / RATE), spot), fires=(cloud,))
