"""The bright-kitchen badge: what a site may claim of itself, by what was seen of its published cameras (DOMAIN §6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LASTS = timedelta(minutes=5)  # of a look that passed
LOOK_EVERY = timedelta(minutes=1)  # at most so often, however many ask
LIVE_EVERY = timedelta(seconds=5)  # where the site agreed to show itself live
OLDEST = timedelta(minutes=2)  # a picture that is older does not show what is


class Badge(StrEnum):
    """NONE: not published. PENDING: published, nothing verified yet. DEGRADED: verified once, but not now."""

    NONE = "none"
    PENDING = "pending"
    ACTIVE = "active"
    DEGRADED = "degraded"


@dataclass(frozen=True, slots=True)
class Seen:
    """A published camera: `well` when its health is OK and its edge is there; when a look last passed."""

    well: bool
    passed: datetime | None

    def verified(self, now: datetime) -> bool:
        """Whether it is live-verified: well, and seen within the last minutes."""
        return self.well and self.passed is not None and now - self.passed <= LASTS


def badge(published: bool, cameras: Sequence[Seen], now: datetime) -> Badge:
    """Active only while at least one published camera is live-verified."""
    if not published:
        return Badge.NONE
    if any(camera.verified(now) for camera in cameras):
        return Badge.ACTIVE
    return Badge.DEGRADED if any(camera.passed is not None for camera in cameras) else Badge.PENDING
