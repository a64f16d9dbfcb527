"""The retry policy: the one place that says how long to wait, when to try elsewhere as well, and when to give up."""

import random
from datetime import timedelta

GIVE_UP = timedelta(hours=48)
GRAVE_TRIES = 2  # of class I on one channel before the next one is tried as well
FALL_BACK = timedelta(minutes=15)  # after which what is ordinary goes over the next channel as well
LONGEST_S = 300.0
_DATABASE_LONGEST_S = 10.0
_SPREAD = 0.25


def push_delay(tries: int, *, luck: float | None = None) -> float:
    """Seconds to wait after the `tries`-th failed attempt: 1, 2, 4 … 300 s, spread by up to a quarter."""
    spread = 1 + _SPREAD * (random.random() if luck is None else luck)  # noqa: S311 - jitter, no secret
    exponent = min(max(tries, 1) - 1, 20)
    return min(2.0**exponent, LONGEST_S / (1 + _SPREAD)) * spread


def database_delay(failures: int) -> float:
    """Seconds to wait after the `failures`-th failed connection in a row: 0.5, 1, 2 … 10 s."""
    return float(min(0.5 * 2.0 ** min(max(failures, 1) - 1, 20), _DATABASE_LONGEST_S))
