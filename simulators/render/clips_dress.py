"""Clips of what people wear: what the kitchen asks for, what is missing, and what only seems so (no Blender needed)."""

from dataclasses import replace

from simulators.render.actor import COOK, FEW, RATE, Pose, Visit, acting, facing_camera, state_at, together
from simulators.render.body import Stance, body
from simulators.render.camera import Camera
from simulators.render.cast import Cast
from simulators.render.room import Room, Spot, room
from simulators.render.script import eased
from simulators.render.sensor import DAY
from simulators.render.shot import WHOLE, Moment, SceneTruth, Shot
from simulators.render.stance import blended, smoking
from simulators.render.wear import Wear

BARE_HEAD = replace(COOK, hat="none", shape=3, hair=(0.012, 0.01, 0.009))
NETTED = replace(COOK, hat="net", shape=1, skin=(0.60, 0.37, 0.25))
CAPPED = replace(COOK, hat="cap", shape=3)
TUNIC = replace(CAPPED, coat=(0.10, 0.16, 0.32), apron=(0.03, 0.03, 0.04), bib=True)
APRONED = replace(
    CAPPED, shape=2, top="shirt", coat=(0.65, 0.2, 0.03), short_sleeves=True, apron=(0.75, 0.75, 0.73), bib=True
)
STRIPPED = replace(COOK, top="none", short_sleeves=True, shape=2)


def island(seed: int, high: float = 1.2) -> tuple[Room, Spot, Spot]:
    """A kitchen with a worktop in its middle, seen from before it, and the two places behind it."""
    plan = room(seed, "kitchen", "day")
    left, right = (s for s in plan.spots if s.work and s.turn == 0.0)
    x, y = (left.x + right.x) / 2, left.y
    eye = (x + 0.45, y - 2.0, 2.25)
    return replace(plan, camera=Camera(eye, (x, y, high), 0.95)), left, right


def behind(spot: Spot, aside: float = 0.0) -> Pose:
    """At the worktop, facing the camera."""
    return (spot.x + aside, spot.y - 0.05, 0.12)


def no_hat(seed: int) -> Shot:
    """A cook without a hat comes to the worktop, works for half a minute, and goes."""
    plan, _, spot = island(25 + seed)
    visit = Visit(BARE_HEAD, 8.0, 46.0, (spot.x + 1.5, spot.y + 0.2), behind(spot, -0.3), facing_camera)
    truth = (SceneTruth("NO_HAT", 8.8, 45.2, WHOLE),)
    note = "a cook without a hat works for 35 s"
    return Shot("no-hat", note, plan, 1280, 720, 50.0, RATE, 0.26, DAY, visit.moment, truth)


def headgear(seed: int) -> Shot:
    """A hairnet and a low cap: both are hats."""
    note = "two cooks, one in a hairnet, one in a low cap"
    return _two("hairnet-cap", note, 54 + seed, (NETTED, CAPPED), "NO_HAT")


def no_mask(seed: int) -> Shot:
    """A cook pulls the mask down, works on without it for half a minute, and puts it on again."""
    shot = _masked("no-mask", COOK, 39 + seed, (10.0, 39.0), 50.0)
    return replace(shot, scenes=(SceneTruth("NO_MASK", 10.0, 39.0, WHOLE),))


def tasting(seed: int) -> Shot:
    """A cook pulls the mask down and tastes: eight seconds, too short to blame."""
    return replace(_masked("tasting", CAPPED, 59 + seed, (12.0, 20.0), 32.0), looks_like=("NO_MASK",))


def _masked(name: str, cook: Wear, seed: int, down: tuple[float, float], long: float) -> Shot:
    """The mask is down from a begin to an end; a hand is at it then, and before and after for a moment."""
    (begin, end), (plan, left, _) = down, island(seed, 1.28)
    spot = behind(left, 0.3)

    def moment(t: float) -> Moment:
        state, bare = state_at(t), begin <= t < end
        reach = max(_near(t, begin), _near(t, end))
        wear = replace(cook, mask=not bare)
        stance = facing_camera(state / RATE) if reach == 0 else blended(facing_camera(0), _at_face(cook), reach)
        doing = ("bare" if bare else "work", state) if reach == 0 else ("reaches", bare, round(reach, 2))
        return Moment(doing, lambda: acting(wear, stance, spot))

    note = f"a cook's mask is down for {end - begin:.0f} s"
    return Shot(name, note, plan, 1280, 720, long, RATE, 0.26, DAY, moment)


def _near(t: float, when: float) -> float:
    """How far the hand is up for what happens at a time, 0 to 1."""
    return eased(t, when - 0.8, when - 0.1) * (1 - eased(t, when + 0.1, when + 0.8))


def _at_face(cook: Wear) -> Stance:
    shape = body(cook.shape)
    return smoking(0.0, float(shape.heads[shape.bone("head")][2]), 0.1)


def no_uniform(seed: int) -> Shot:
    """A man bare from the waist up comes to the worktop, works there, and goes."""
    plan, left, _ = island(20 + seed)
    visit = Visit(STRIPPED, 8.0, 34.0, (left.x + 2.1, left.y + 0.2), behind(left, 0.4), facing_camera)
    truth = (SceneTruth("NO_UNIFORM", 8.8, 33.2, WHOLE),)
    note = "a man with a bare torso works for 23 s"
    return Shot("no-uniform", note, plan, 1280, 720, 40.0, RATE, 0.26, DAY, visit.moment, truth)


def workwear(seed: int) -> Shot:
    """A blue tunic under a black apron, and a white apron over an orange shirt: both are work wear."""
    note = "two cooks in aprons, over a blue tunic and over an orange shirt"
    return _two("aprons", note, 66 + seed, (TUNIC, APRONED), "NO_UNIFORM")


def _two(name: str, note: str, seed: int, dressed: tuple[Wear, Wear], like: str) -> Shot:
    """Two cooks at one worktop, whose dress only looks wrong."""
    (one, other), (plan, left, right) = dressed, island(seed, 1.28)

    def moment(t: float) -> Moment:
        state = state_at(t, FEW)
        return Moment(("work", state), lambda: _pair(one, other, state / RATE, behind(left), behind(right)))

    return Shot(name, note, plan, 1280, 720, 30.0, RATE, 0.26, DAY, moment, looks_like=(like,))


def _pair(one: Wear, other: Wear, t: float, left: Pose, right: Pose) -> Cast:
    return together(
        acting(one, facing_camera(t, 1), left, name="person-0"),
        acting(other, facing_camera(t + 0.7, 2), right, name="person-1"),
    )
