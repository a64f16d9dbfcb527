"""Waiting between tries: doubling from a fifth of a second to ten."""

import asyncio
from dataclasses import dataclass

_FIRST_S = 0.2
_LONGEST_S = 10.0


@dataclass(slots=True)
class Backoff:
    """`wait` is longer each time, until `reset`."""

    next_s: float = _FIRST_S

    async def wait(self) -> None:
        waited, self.next_s = self.next_s, min(self.next_s * 2, _LONGEST_S)
        await asyncio.sleep(waited)

    def reset(self) -> None:
        self.next_s = _FIRST_S
