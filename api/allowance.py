"""How often somebody may ask: buckets of requests that fill evenly, and the headers that tell how full they are."""

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

WINDOW_S = 60.0


@dataclass(frozen=True, slots=True)
class Standing:
    """After one request: how many more at once, seconds until the bucket is full, and seconds to wait (0: allowed)."""

    limit: int
    remaining: int
    full_s: float
    wait_s: float

    @property
    def headers(self) -> dict[str, str]:
        """RateLimit-* as in draft-ietf-httpapi-ratelimit-headers-06; seconds are rounded up."""
        told = {
            "ratelimit-limit": str(self.limit),
            "ratelimit-remaining": str(self.remaining),
            "ratelimit-reset": str(math.ceil(self.full_s)),
        }
        return told | ({"retry-after": str(math.ceil(self.wait_s))} if self.wait_s else {})


class Allowance:
    """`limit` requests a minute per key, at once or spread; of more than `capacity` keys the longest unused go."""

    def __init__(self, limit: int, *, capacity: int = 20_000, clock: Callable[[], float] = monotonic) -> None:
        self._limit = limit
        self._each_s = WINDOW_S / limit
        self._capacity = capacity
        self._clock = clock
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def take(self, key: str) -> Standing:
        """Take one request out of the key's bucket; a refused one takes nothing."""
        now = self._clock()
        behind = max(0.0, self._full_at.get(key, now) - now)
        wait_s = max(0.0, behind + self._each_s - WINDOW_S)
        if wait_s > 1e-9:
            return Standing(self._limit, 0, behind, wait_s)
        behind += self._each_s
        self._full_at[key] = now + behind
        self._full_at.move_to_end(key)
        while len(self._full_at) > self._capacity:
            self._full_at.popitem(last=False)
        return Standing(self._limit, int((WINDOW_S - behind) / self._each_s + 1e-6), behind, 0.0)
