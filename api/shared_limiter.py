"""Bounded attempts of all processes together: the database counts, behind a count of this process's own."""

import hashlib

from api.limiter import Limiter
from store import attempts, people
from store.people import Pool


class SharedLimiter:
    """At most `limit` attempts per key within a window, whichever process they come to.

    Whoever has had the limit here is refused here, without a query: a flood of attempts is no flood of queries. The
    window of the common count begins with its first attempt; the process's own count slides.
    """

    def __init__(self, pool: Pool, name: str, limit: int, window_s: float) -> None:
        self._pool = pool
        self._name = name
        self._limit = limit
        self._window_s = window_s
        self._here = Limiter(limit, window_s)

    async def attempt(self, key: str) -> float:
        """Count one attempt; return 0 when it is allowed, else the seconds to wait."""
        wait_s = self._here.attempt(key)
        if wait_s:
            return wait_s
        async with people.unscoped(self._pool) as connection:
            return await attempts.take(connection, self._hashed(key), self._limit, self._window_s)

    async def forgive(self, key: str) -> None:
        """Forget a key's attempts: the last one was right."""
        self._here.forgive(key)
        async with people.unscoped(self._pool) as connection:
            await attempts.forget(connection, self._hashed(key))

    def _hashed(self, key: str) -> bytes:
        return hashlib.sha256(f"{self._name} {key}".encode()).digest()
