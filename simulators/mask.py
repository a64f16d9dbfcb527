"""What a misbehaving camera plays in the place of its timetable: one picture, or its own past, in a loop."""

from dataclasses import replace

from simulators.clip import AccessUnit, Clip
from simulators.timetable import Player, Timetable

STILL_S = 0.2  # a keyframe at every picture's time would be tens of Mbit/s
LEAST_S = 0.04


def still(player: Player, now: float) -> Player:
    """The latest keyframe, from `now` on."""
    clip, into = player.clip, player.into(now)
    unit = _keyframe(clip, into)
    only = replace(unit, send_s=0.0, show_s=0.0)
    return Player(
        Timetable(replace(clip, name=f"{clip.name}-still", units=(only,), duration_s=STILL_S)), now, player.shown
    )


def replay(player: Player, seconds: float, now: float) -> Player:
    """The last `seconds` of the clip that is on, begun at a keyframe, from `now` on."""
    clip, into = player.clip, player.into(now)
    first = _keyframe(clip, into - seconds)
    zero = first.send_s
    end = max(into, zero + LEAST_S)
    units = tuple(
        replace(unit, send_s=unit.send_s - zero, show_s=unit.show_s - zero)
        for unit in clip.units
        if zero <= unit.send_s < end
    )
    past = replace(clip, name=f"{clip.name}-replay", units=units, duration_s=end - zero)
    return Player(Timetable(past), now, player.shown)


def _keyframe(clip: Clip, into: float) -> AccessUnit:
    """The latest keyframe at or before a time; the first one where there is none."""
    before = [unit for unit in clip.units if unit.keyframe and unit.send_s <= into]
    return before[-1] if before else clip.units[0]
