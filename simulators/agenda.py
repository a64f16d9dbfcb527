"""When a camera misbehaves: its faults' appointments, once or again and again."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from simulators.fault import Fault


@dataclass(frozen=True, slots=True)
class Mishap:
    """A fault that begins `at_s` seconds after the camera's start; with `every_s` again after that time."""

    fault: Fault
    at_s: float
    every_s: float | None = None


@dataclass(order=True, slots=True)
class _Appointment:
    at: float
    order: int
    mishap: Mishap = field(compare=False)


class Agenda:
    """Hands out faults when they are due. Its clock is the caller's."""

    def __init__(self, mishaps: Sequence[Mishap], start: float) -> None:
        self._waiting = [_Appointment(start + mishap.at_s, order, mishap) for order, mishap in enumerate(mishaps)]
        heapq.heapify(self._waiting)

    def due(self) -> float:
        """When the next one begins; infinity when none is left."""
        return self._waiting[0].at if self._waiting else float("inf")

    def take(self, now: float) -> Iterator[tuple[float, Fault]]:
        """The faults that are due, each with its time."""
        while self._waiting and self._waiting[0].at <= now:
            next_one = heapq.heappop(self._waiting)
            if next_one.mishap.every_s:
                again = _Appointment(next_one.at + next_one.mishap.every_s, next_one.order, next_one.mishap)
                heapq.heappush(self._waiting, again)
            yield next_one.at, next_one.mishap.fault
