"""What can go wrong with a camera, on purpose."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

from simulators.clip import AccessUnit, Clip
from simulators.mask import replay, still
from simulators.timetable import Player

SOUND_BYTES = 48  # a payload up to this size holds parameter sets or a tiny slice, and is never damaged
HURT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Fault:
    """A camera's misbehaviour for `for_s` seconds, or until it is cleared. A new kind overrides what it changes."""

    for_s: float | None = None

    name: ClassVar[str] = "none"
    answers: ClassVar[bool] = True  # whether requests for the camera get an answer other than 503
    admits: ClassVar[bool] = True  # whether the right login is good enough
    hangs_up: ClassVar[bool] = False  # whether its viewers' connections are cut when it begins

    def shape(self, unit: AccessUnit) -> AccessUnit | None:
        """What becomes of a unit on its way out; None is nothing."""
        return unit

    def mask(self, player: Player, now: float) -> Player | None:
        """Who plays in the place of the camera's own player, whose time goes on unseen; None: nobody."""
        return None

    def prepare(self, clip: Clip) -> None:
        """Do beforehand, in any thread, what takes time; a clip that was not prepared is so when it is shown."""


@dataclass(frozen=True, slots=True)
class Stall(Fault):
    """Sends nothing, keeps the connection and answers: a hung encoder."""

    name: ClassVar[str] = "stall"

    def shape(self, unit: AccessUnit) -> AccessUnit | None:
        """Nothing."""
        return None


@dataclass(frozen=True, slots=True)
class Restart(Fault):
    """Cuts its connections and is not there until it is over: a device that reboots."""

    for_s: float | None = 5.0

    name: ClassVar[str] = "restart"
    answers: ClassVar[bool] = False
    hangs_up: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class WrongPassword(Fault):
    """Cuts its connections and refuses the login that was right: somebody changed the camera's password."""

    name: ClassVar[str] = "wrong-password"
    admits: ClassVar[bool] = False
    hangs_up: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Corrupt(Fault):
    """Damages about `share` of the packets' contents and leaves their headers: a broken encoder or memory."""

    share: float = 0.3

    name: ClassVar[str] = "corrupt"

    def shape(self, unit: AccessUnit) -> AccessUnit | None:
        """The unit with the same sizes and some bytes turned over; the same unit is hurt the same way each time."""
        return replace(unit, payloads=tuple(self._hurt(payload) for payload in unit.payloads))

    def _hurt(self, payload: bytes) -> bytes:
        chance = zlib.crc32(payload)
        if len(payload) <= SOUND_BYTES or chance % 1000 >= self.share * 1000:
            return payload
        at = 8 + (chance >> 10) % (len(payload) - HURT_BYTES - 8)
        hurt = bytes(byte ^ 0xFF for byte in payload[at : at + HURT_BYTES])
        return payload[:at] + hurt + payload[at + HURT_BYTES :]


@dataclass(frozen=True, slots=True)
class LowFps(Fault):
    """Sends its keyframes only: an encoder or an uplink that has no time for the rest."""

    name: ClassVar[str] = "low-fps"

    def shape(self, unit: AccessUnit) -> AccessUnit | None:
        """Keyframes."""
        return unit if unit.keyframe else None


@dataclass(frozen=True, slots=True)
class Frozen(Fault):
    """Sends the picture of its beginning again and again: a hung sensor before a working encoder."""

    name: ClassVar[str] = "frozen"

    def mask(self, player: Player, now: float) -> Player | None:
        """One picture in a loop."""
        return still(player, now)


@dataclass(frozen=True, slots=True)
class Replay(Fault):
    """Loops what it showed in the `seconds` before: somebody feeds a recording in."""

    seconds: float = 4.0

    name: ClassVar[str] = "replay"

    def mask(self, player: Player, now: float) -> Player | None:
        """The recording."""
        return replay(player, self.seconds, now)


@dataclass(frozen=True, slots=True)
class Altered(Fault):
    """Shows a changed picture; `dress` gives each clip's copy, encoded beforehand."""

    dress: Callable[[Clip], Clip] = lambda clip: clip

    def mask(self, player: Player, now: float) -> Player | None:
        """The same timetable in other clothes."""
        return player.dressed(self.dress)

    def prepare(self, clip: Clip) -> None:
        """Have the copy encoded."""
        self.dress(clip)


@dataclass(frozen=True, slots=True)
class Black(Altered):
    """No picture: a dead sensor, or the light is out."""

    name: ClassVar[str] = "black"


@dataclass(frozen=True, slots=True)
class Covered(Altered):
    """Something lies over the lens."""

    name: ClassVar[str] = "covered"


@dataclass(frozen=True, slots=True)
class Moved(Altered):
    """The view is shifted: somebody turned the camera."""

    name: ClassVar[str] = "moved"


@dataclass(frozen=True, slots=True)
class Blurred(Altered):
    """Out of focus, or grease on the glass."""

    name: ClassVar[str] = "blurred"


@dataclass(frozen=True, slots=True)
class Resized(Altered):
    """Half the resolution: somebody changed the encoder's settings."""

    name: ClassVar[str] = "resolution"


ALTERED: dict[str, type[Altered]] = {kind.name: kind for kind in (Black, Covered, Moved, Blurred, Resized)}
PLAIN: dict[str, type[Fault]] = {
    kind.name: kind for kind in (Stall, Restart, WrongPassword, Corrupt, LowFps, Frozen, Replay)
}
NAMES = (*PLAIN, *ALTERED)


def make(name: str, for_s: float | None, wardrobe: Callable[[str], Callable[[Clip], Clip]]) -> Fault:
    """A fault by its name; `wardrobe` gives the clothes of a look. Raises KeyError for an unknown name."""
    if name in ALTERED:
        return ALTERED[name](for_s, wardrobe(name))
    return PLAIN[name]() if for_s is None else PLAIN[name](for_s)
