"""The bundled clips, each planned by name: which room, who acts, and what is true (no Blender needed)."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from simulators.render import animal
from simulators.render.body import Stance
from simulators.render.camera import Camera
from simulators.render.cast import Cast
from simulators.render.fire import Fire, burner
from simulators.render.held import phone_in_hand
from simulators.render.light import Lamp
from simulators.render.person import person
from simulators.render.room import Room, room
from simulators.render.script import Way, along, eased, swinging
from simulators.render.sensor import Sensor
from simulators.render.shot import Moment, Point, SceneTruth, Shot, zone_of
from simulators.render.stance import STEP_S, STRIDE, blended, cooking, phoning, standing, walking
from simulators.render.thing import Thing
from simulators.render.wear import Wear

Pose = tuple[float, float, float]  # x, y in metres, turn in radians
RATE = 6.25
PHONE = 1  # a dark case
RAT = (0.085, 0.07, 0.06)  # fur, linear colour
WHOLE: tuple[Point, ...] = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
EMPTY = Moment(("empty",), lambda: Cast((), ()))
COOK = Wear(2, (0.52, 0.30, 0.20), (0.01, 0.009, 0.008), (0.76, 0.76, 0.74), (0.03, 0.03, 0.035), "toque",
            (0.8, 0.8, 0.79), None, True, False, False)  # fmt: skip
SECOND = replace(COOK, shape=3, hat="cap", apron=(0.03, 0.03, 0.04), skin=(0.60, 0.37, 0.25))
STRANGER = replace(
    COOK, shape=2, hat="none", coat=(0.12, 0.14, 0.2), trousers=(0.05, 0.05, 0.07), mask=False, long_hair=False
)
DAY = Sensor(noise=0.007, soft=0.5, halo=0.5, vignette=0.12)
NIGHT = Sensor(noise=0.014, soft=0.6, halo=0.5, vignette=0.3, infrared=True)


def _standing_at(name: str, wear: Wear, stance: Stance, at: Pose) -> Thing:
    return person(wear, stance, name).moved((at[0], at[1], 0.0), at[2])


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
    things = [_standing_at("person", COOK, stance, (x, y, turn))]
    if share > 0.7:
        things.append(phone_in_hand(COOK, stance, np.random.default_rng(PHONE)).moved((x, y, 0.0), turn))
    return Cast(tuple(things), ())


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
    return Cast((_standing_at("person", COOK, cooking(t), at),), _burning(fire, lick))


def _walk_cast(ways: list[Way], t: float, fire: tuple[float, float, float], lick: int) -> Cast:
    now = along(ways, t)
    stance = walking(now.gone / STRIDE * STEP_S)
    return Cast((_standing_at("person", COOK, stance, (now.x, now.y, now.turn)),), _burning(fire, lick))


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
    return Cast((_standing_at("person", STRANGER, stance, (x, y, turn)),), ())


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
    things = [_standing_at("person", COOK, cooking(t, 1), (2.72, 3.39, np.pi))]
    if second is not None and stance is not None:
        things.append(_standing_at("person-2", SECOND, stance, second))
    return Cast(tuple(things), ())


CLIPS: dict[str, Callable[[int], Shot]] = {
    "phone": phone,
    "rat-night": rat_night,
    "flame-unattended": flame_unattended,
    "intrusion-night": intrusion_night,
    "quiet": quiet,
    "walkby": walkby,
}


def plan_of(name: str, seed: int = 0) -> Room:
    """The room of a clip."""
    return CLIPS[name](seed).room
