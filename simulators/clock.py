"""Whose time it is: the wall's, a faster one, or one that a test moves by hand."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Seconds since some beginning, the date that goes with them, and a way to wait."""

    def time(self) -> float: ...
    def wall(self) -> datetime: ...
    async def sleep(self, seconds: float) -> None: ...


class WallClock:
    """The event loop's time; with a `rate` above 1 everything on it happens so many times as fast."""

    def __init__(self, rate: float = 1.0) -> None:
        self._loop = asyncio.get_running_loop()
        self._rate, self._began, self._date = rate, self._loop.time(), datetime.now(UTC)

    def time(self) -> float:
        return self._began + (self._loop.time() - self._began) * self._rate

    def wall(self) -> datetime:
        """At rate 1 the machine's own date, which somebody may set while we run."""
        if self._rate == 1.0:
            return datetime.now(UTC)
        return self._date + timedelta(seconds=self.time() - self._began)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._rate)


class HandClock:
    """Stands still but for who waits on it: a day passes as fast as it can be computed."""

    def __init__(self, date: datetime, start: float = 0.0) -> None:
        self._date, self._start, self._now = date, start, start

    def time(self) -> float:
        return self._now

    def wall(self) -> datetime:
        return self._date + timedelta(seconds=self._now - self._start)

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds

    async def sleep(self, seconds: float) -> None:
        """Time passes for the one who waits; the others get their turn."""
        self.move(seconds)
        await asyncio.sleep(0)
