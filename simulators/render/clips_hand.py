"""Clips of what people hold: a phone, a cigarette, and what is neither (no Blender needed)."""

from dataclasses import replace

import numpy as np

from simulators.render.actor import COOK, FEW, RATE, Pose, acting, facing_camera, placed, state_at
from simulators.render.camera import Camera
from simulators.render.cast import Cast
from simulators.render.clips_dress import CAPPED, island
from simulators.render.fire import wisp
from simulators.render.held import cigarette, phone_in_hand, tip
from simulators.render.mesh import box, joined
from simulators.render.room import room
from simulators.render.script import eased, swinging
from simulators.render.sensor import DAY
from simulators.render.shot import WHOLE, Moment, SceneTruth, Shot
from simulators.render.stance import blended, cooking, phoning
from simulators.render.thing import Finish, Part, Thing

PHONE = 1  # a dark case
LEFT_CORNER = 3  # of the mouth
IN_BLACK = replace(COOK, hat="cap", coat=(0.03, 0.03, 0.035), buttons=(0.75, 0.75, 0.73))


def phone(seed: int) -> Shot:
    """A cook works at a side counter, turns round with a phone for 22 s, puts it away and works on."""
    plan = room(16 + seed, "kitchen", "day")
    plan = replace(plan, camera=Camera(plan.camera.eye, (1.25, 2.18, 1.25), 0.58))
    work, stand = (1.0, 2.12, -1.57), (1.15, 2.08, -3.55)

    def moment(t: float) -> Moment:
        step = int(t * RATE + 1e-6)
        if 12.0 <= t < 33.0:
            state = swinging(step, 14)
            return Moment(("phone", state), lambda: _phone_cast(state / RATE, 1.0, work, stand))
        share = eased(t, 10.0, 12.0) * (1 - eased(t, 33.0, 34.6))
        state = swinging(step, 14)
        key = ("work", state) if share == 0 else ("turn", step)
        return Moment(key, lambda: _phone_cast(state / RATE, share, work, stand))

    truth = (SceneTruth("PHONE", 11.4, 33.6, WHOLE),)
    return Shot(
        "phone", "a cook at work looks at a phone for 22 s", plan, 1280, 720, 40.0, RATE, 0.29, DAY, moment, truth
    )


def _phone_cast(t: float, share: float, work: Pose, stand: Pose) -> Cast:
    x, y, turn = (a * (1 - share) + b * share for a, b in zip(work, stand, strict=True))
    stance = blended(cooking(t), phoning(t, high=0.12), share)
    things = [placed("person", COOK, stance, (x, y, turn))]
    if share > 0.7:
        things.append(phone_in_hand(COOK, stance, np.random.default_rng(PHONE)).moved((x, y, 0.0), turn))
    return Cast(tuple(things), ())


def smoking_cook(seed: int) -> Shot:
    """A cook at work takes the mask off and has a cigarette in the mouth for 20 s."""
    plan, left, right = island(12 + seed)
    spot = ((left.x + right.x) / 2, left.y - 0.05, -0.7)
    eye = (spot[0] + 0.35, spot[1] - 1.45, 1.85)
    plan = replace(plan, camera=Camera(eye, (spot[0], spot[1], 1.47), 0.66))

    def moment(t: float) -> Moment:
        state = state_at(t)
        if 10.0 <= t < 30.0:
            return Moment(("smokes", state), lambda: _smoking(state / RATE, spot))
        return Moment(("work", state), lambda: acting(IN_BLACK, facing_camera(state / RATE), spot))

    truth = (SceneTruth("SMOKING", 10.0, 30.0, WHOLE), SceneTruth("NO_MASK", 10.0, 30.0, WHOLE))
    note = "a cook without a mask smokes for 20 s"
    return Shot("smoking", note, plan, 1280, 720, 40.0, RATE, 0.26, DAY, moment, truth)


def _smoking(t: float, spot: Pose) -> Cast:
    wear, stance = replace(IN_BLACK, mask=False), facing_camera(t)
    stick = cigarette(wear, stance, np.random.default_rng(LEFT_CORNER))
    cast = acting(wear, stance, spot, stick)
    return replace(cast, fires=(wisp("wisp", tip(cast.things[1]), 5),))


def tablet(seed: int) -> Shot:
    """A cook works beside the tablet that shows the orders: it hangs on the wall, and nobody holds it."""
    plan, left, right = island(10 + seed, 1.28)
    screen = _order_screen().moved((right.x - 0.1, plan.depth - 0.02, 1.42))
    plan = replace(plan, things=(*plan.things, screen))
    spot = (left.x + 0.1, left.y - 0.05, 0.1)

    def moment(t: float) -> Moment:
        state = state_at(t, FEW)
        return Moment(("work", state), lambda: acting(CAPPED, facing_camera(state / RATE, 1), spot))

    like = ("PHONE",)
    note = "a cook beside a tablet that shows orders"
    return Shot("order-tablet", note, plan, 1280, 720, 30.0, RATE, 0.26, DAY, moment, looks_like=like)


def _order_screen() -> Thing:
    """A ten-inch tablet flat on a wall, its screen to -y, rows of orders on it."""
    case = box((-0.14, -0.02, -0.1), (0.14, 0.0, 0.1))
    screen = box((-0.13, -0.022, -0.09), (0.13, -0.02, 0.09))
    rows = joined(*(box((-0.11, -0.024, z), (0.06, -0.022, z + 0.012)) for z in (-0.05, -0.015, 0.02, 0.055)))
    lit = Finish("glow", (0.75, 0.85, 1.0), strength=0.9)
    dark = Finish("plain", (0.015, 0.015, 0.017), rough=0.3)
    return Thing("tablet", (Part(case, dark), Part(screen, lit), Part(rows, dark)))
