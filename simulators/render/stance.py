"""What people do, as stances over time: cooking, standing with a phone, walking (no Blender needed)."""

import numpy as np

from simulators.render.body import Side, Stance

Target = tuple[float, float, float]  # metres from the pelvis
SIDES: tuple[Side, Side] = ("L", "R")
ANKLE = -0.74  # rest ankle height of the bodies below the pelvis, metres
STRIDE = 0.62  # metres a step
STEP_S = 0.55  # seconds a step


def standing(t: float = 0.0, look: float = 0.0) -> Stance:
    """Arms at the sides, a slow sway."""
    sway = 0.012 * np.sin(t * 1.3)
    return Stance(
        hands={"L": (0.27 + sway, -0.06, -0.13), "R": (-0.27 + sway, -0.06, -0.13)},
        feet=_feet(),
        look=look + 0.1 * float(np.sin(t * 0.7)),
        nod=0.08,
        drop=0.005,
    )


def cooking(t: float, style: int = 0) -> Stance:
    """Hands busy at counter height: stirring (0), chopping (1) or moving things about (2)."""
    a = t * (4.2, 9.0, 1.6)[style % 3]
    wide = (0.06, 0.01, 0.16)[style % 3]
    right = (-0.16 + wide * float(np.cos(a)), -0.40 + 0.4 * wide * float(np.sin(a)), 0.13 + _lift(a, style))
    left = (0.17 + 0.02 * float(np.sin(a * 0.5)), -0.37, 0.11 + 0.01 * float(np.sin(a * 0.4)))
    return Stance(
        hands={"L": left, "R": right},
        feet=_feet(),
        stoop=0.22 + 0.03 * float(np.sin(t * 0.8)),
        nod=0.45,
        look=0.12 * float(np.sin(t * 0.45)),
        twist=0.07 * float(np.sin(a * 0.5)),
        drop=0.01,
    )


def phoning(t: float, both: bool = False, high: float = 0.0, side: float = 1.0) -> Stance:
    """Looking at a phone held near the chest in the right hand (`side` 1) or the left (-1)."""
    tap = 0.008 * float(np.sin(t * 5.0))
    right = (-0.10, -0.31 + tap, 0.27 + high)
    left = (0.06, -0.31 - tap, 0.24 + high) if both else (0.27, -0.07, -0.12)
    hands: dict[Side, Target] = {"R": right, "L": left}
    if side < 0:
        hands = {"L": (-right[0], *right[1:]), "R": (-left[0], *left[1:])}
    return Stance(
        hands={"L": hands["L"], "R": hands["R"]},
        feet=_feet(),
        stoop=0.05,
        nod=0.55 - high * 0.8 + 0.03 * float(np.sin(t * 0.9)),
        look=0.05 * float(np.sin(t * 0.6)),
        twist=0.04 * float(np.sin(t * 0.5)),
        drop=0.005,
    )


def smoking(t: float, high: float, lowered: float = 0.0, side: Side = "R") -> Stance:
    """One hand at the mouth, `high` being the head joint's height (m); `lowered` 1 holds it 25 cm lower."""
    sign = 1.0 if side == "L" else -1.0
    raised = (sign * (0.075 + 0.08 * lowered), -0.20 - 0.06 * lowered, high - 0.115 - 0.25 * lowered)
    other: Side = "R" if side == "L" else "L"
    return Stance(
        hands={side: raised, other: (-sign * 0.27, -0.07, -0.12)},
        feet=_feet(),
        stoop=0.03,
        nod=0.05 + 0.04 * float(np.sin(t * 0.9)),
        look=0.25 * float(np.sin(t * 0.6)),
        drop=0.005,
    )


def walking(t: float) -> Stance:
    """A walk in place at `STRIDE / STEP_S` metres a second (forward is -y)."""
    phase = np.pi * t / STEP_S
    swing = float(np.cos(phase))
    feet: dict[Side, Target] = {}
    for side, sign, shift in zip(SIDES, (1.0, -1.0), (0.0, np.pi), strict=True):
        forward = -0.5 * STRIDE * float(np.cos(phase + shift))
        lift = 0.11 * max(0.0, float(np.sin(phase + shift)))
        feet[side] = (sign * 0.11, forward, ANKLE + lift)
    return Stance(
        hands={"L": (0.27, -0.08 + 0.2 * swing, -0.08), "R": (-0.27, -0.08 - 0.2 * swing, -0.08)},
        feet={"L": feet["L"], "R": feet["R"]},
        stoop=0.05,
        twist=0.08 * swing,
        drop=0.03 + 0.015 * abs(swing),
    )


def blended(a: Stance, b: Stance, share: float) -> Stance:
    """Between two stances: `share` 0 is `a`, 1 is `b`. Limbs must be set in both."""
    s = float(np.clip(share, 0, 1))
    return Stance(
        hands={k: _between(a.hands[k], b.hands[k], s) for k in SIDES},
        feet={k: _between(a.feet[k], b.feet[k], s) for k in SIDES},
        stoop=a.stoop * (1 - s) + b.stoop * s,
        nod=a.nod * (1 - s) + b.nod * s,
        look=a.look * (1 - s) + b.look * s,
        twist=a.twist * (1 - s) + b.twist * s,
        drop=a.drop * (1 - s) + b.drop * s,
    )


def _between(a: Target, b: Target, share: float) -> Target:
    x, y, z = (u * (1 - share) + v * share for u, v in zip(a, b, strict=True))
    return (x, y, z)


def _feet() -> dict[Side, Target]:
    return {"L": (0.13, 0.0, ANKLE), "R": (-0.13, -0.02, ANKLE)}


def _lift(a: float, style: int) -> float:
    return 0.07 * abs(float(np.sin(a))) if style % 3 == 1 else 0.02 * float(np.sin(a))
