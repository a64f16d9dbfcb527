"""What can go wrong with a camera, on purpose."""

from dataclasses import dataclass
from typing import ClassVar

from simulators.clip import AccessUnit


@dataclass(frozen=True, slots=True)
class Fault:
    """A camera's misbehaviour for `for_s` seconds, or until it is cleared. A new kind overrides what it changes."""

    for_s: float | None = None

    name: ClassVar[str] = "none"
    answers: ClassVar[bool] = True  # whether requests for the camera get an answer other than 503
    hangs_up: ClassVar[bool] = False  # whether its viewers' connections are cut when it begins

    def shape(self, unit: AccessUnit) -> AccessUnit | None:
        """What becomes of a unit on its way out; None is nothing."""
        return unit


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
