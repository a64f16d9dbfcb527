"""A device's faults in order of time: which begin and which end by now."""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from domain.wire import EventPhase
from simulators.scenario_file import FaultRole


@dataclass(order=True, slots=True)
class _Turn:
    at: float
    order: int
    phase: EventPhase = field(compare=False)
    role: FaultRole = field(compare=False)


class FaultScript:
    """Begins and ends on the clock of whoever asks. With `every_s` the whole script comes again after that time."""

    def __init__(self, roles: Iterable[FaultRole], zero: float, every_s: float | None = None) -> None:
        self._every = every_s
        self._turns: list[_Turn] = []
        for role in roles:
            self._put(zero + role.at, EventPhase.BEGIN, role)
            self._put(zero + role.at + role.for_s, EventPhase.END, role)

    def due(self, now: float) -> Iterator[tuple[EventPhase, FaultRole]]:
        """What is due up to `now`, in order, each once."""
        while self._turns and self._turns[0].at <= now:
            turn = heapq.heappop(self._turns)
            if self._every is not None:
                self._put(turn.at + self._every, turn.phase, turn.role)
            yield turn.phase, turn.role

    def _put(self, at: float, phase: EventPhase, role: FaultRole) -> None:
        # At the same time: what ends makes room for what begins, and what lasts no time ends after it began.
        order = 1 if phase is EventPhase.BEGIN else 2 if role.for_s == 0 else 0
        heapq.heappush(self._turns, _Turn(at, order, phase, role))
