"""The clock policy (PROMISES R7): whose time a message gets. All times are microseconds since 1970-01-01 UTC."""

import time
from datetime import UTC, datetime, timedelta

from domain.quality import Quality
from ingest.refusal import RefusedError

SECOND = 1_000_000
AHEAD = 5 * 60 * SECOND  # a sender's clock may be so much ahead of ours
UNSET = 1_577_836_800 * SECOND  # 2020-01-01: who says an earlier time has never set its clock
KEPT = 90 * 86400 * SECOND  # raw readings are kept so long: what is older has no place any more
STALE = 10 * 60 * SECOND  # measured longer ago: stored, but it flips no rule, since a newer measurement will
STALE_FACT = 24 * 3600 * SECOND  # the same for what is said only once: events, sales, scenes, camera health

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class TooOldError(RefusedError):
    """A message is older than the 90 days that readings are kept."""


def now() -> int:
    """The server's time."""
    return time.time_ns() // 1000


def instant(moment: datetime) -> int:
    """An aware datetime, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(microseconds: int) -> datetime:
    """The aware UTC datetime of an instant that has passed the policy."""
    return _EPOCH + timedelta(microseconds=microseconds)


def judge(claimed: int, reference: int) -> tuple[int, Quality]:
    """The time to store and its flag, for a message that says `claimed` and was heard at `reference`.

    A clock more than 5 min ahead, or never set, is replaced by `reference` and flagged; late messages keep their
    time. Raises TooOldError for the rest.
    """
    if claimed > reference + AHEAD or claimed < UNSET:
        return reference, Quality.CLOCK
    if claimed < reference - KEPT:
        raise TooOldError(
            f"{moment(claimed):%Y-%m-%dT%H:%M:%SZ} is more than 90 days ago: readings are not kept so long"
        )
    return claimed, Quality.GOOD


def lateness(time: int, now: int) -> Quality:
    """The flag of what was measured so long ago that it flips no rule."""
    return Quality.HISTORICAL if time < now - STALE else Quality.GOOD


def heard(claimed: int, received: int) -> int:
    """When an edge heard what it relays: its own word, unless its clock is as wrong as `judge` would call it."""
    return received if claimed > received + AHEAD or claimed < max(UNSET, received - KEPT) else claimed
