"""Clips of a bin: left open, overflowing, and open only while somebody throws something in (no Blender needed)."""

from dataclasses import replace

import numpy as np

from simulators.render.actor import COOK, EMPTY, RATE, Pose, Visit, together
from simulators.render.bin import lidded
from simulators.render.body import Stance
from simulators.render.camera import Camera
from simulators.render.cast import Cast
from simulators.render.room import Room, room
from simulators.render.sensor import DAY
from simulators.render.shot import WHOLE, Moment, SceneTruth, Shot
from simulators.render.stance import standing
from simulators.render.thing import Label

THROWER = replace(COOK, apron=(0.03, 0.03, 0.04), shape=3)


def bin_open(seed: int) -> Shot:
    """A cook throws something into the bin and leaves it open for 36 s, then comes back and shuts it."""
    plan, spot, door = _corner(seed)
    first, second = _visit(8.0, 13.0, spot, door), _visit(46.0, 51.0, spot, door)

    def moment(t: float) -> Moment:
        state: Label = "bin_open" if 10.0 <= t < 49.0 else "bin"
        return _beside(first.moment(t) if t < 30.0 else second.moment(t), state, spot)

    truth = (SceneTruth("BIN_OPEN", 12.6, 46.4, WHOLE),)
    note = "a bin stands open with nobody at it for 34 s"
    return Shot("bin-open", note, plan, 1280, 720, 60.0, RATE, 0.24, DAY, moment, truth)


def disposing(seed: int) -> Shot:
    """A cook opens the bin, throws things in for 11 s, shuts it, and goes."""
    plan, spot, door = _corner(seed)
    visit = replace(_visit(8.0, 23.0, spot, door), states=6)

    def moment(t: float) -> Moment:
        return _beside(visit.moment(t), "bin_open" if 10.0 <= t < 21.0 else "bin", spot)

    note, like = "a cook opens the bin, throws things in, and shuts it", ("BIN_OPEN",)
    return Shot("disposing", note, plan, 1280, 720, 30.0, RATE, 0.24, DAY, moment, looks_like=like)


def _corner(seed: int) -> tuple[Room, Pose, tuple[float, float]]:
    """A kitchen's corner where a bin stands, its place, and where people come from."""
    plan = room(17 + seed, "kitchen", "day")
    x, y = plan.width - 0.45, 3.05
    plan = replace(plan, camera=Camera((x - 1.1, y - 1.75, 2.45), (x - 0.35, y, 0.88), 1.12))
    return plan, (x, y, -0.5), (x - 2.6, y + 0.6)


def _visit(begin: float, end: float, spot: Pose, door: tuple[float, float]) -> Visit:
    return Visit(THROWER, begin, end, door, (spot[0] - 0.62, spot[1] + 0.1, np.pi / 2 - 0.35), _throwing, 1.44)


def _throwing(t: float) -> Stance:
    reach = -0.42 - 0.1 * float(np.sin(t * 2.0))
    return replace(
        standing(t), hands={"L": (0.2, -0.3, 0.08), "R": (-0.12, reach, 0.2 + 0.1 * float(np.cos(t * 2.0)))},
        stoop=0.15, nod=0.3,
    )  # fmt: skip


def _beside(who: Moment, state: Label, spot: Pose) -> Moment:
    """A person's moment with the bin added."""
    stands = replace(lidded(state), name="bin").moved((spot[0], spot[1], 0.0), spot[2])
    alone = who.key == EMPTY.key
    act = (lambda: Cast((stands,), ())) if alone else (lambda: together(who.act(), Cast((stands,), ())))
    return Moment((state if alone else "visit", state, *who.key), act)
