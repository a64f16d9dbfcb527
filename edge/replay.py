"""Replay: tells that pictures come again which were shown before, exactly and in the same order.

No live camera shows the same noise twice. A loop is known after its first round: it cannot be told before anything
has come again. What is encoded anew on the way differs in its noise and is not recognised (ADR 13).
"""

from collections import OrderedDict, deque
from dataclasses import dataclass

import numpy as np

from edge.picture import Grey

REMEMBERED = 4096  # pictures: more than two hours of keyframes that come every two seconds
LEAST = 4  # different pictures that came again
WINDOW_S = 16.0  # … within so long a time, after the same while
LAG_S = 1.5  # how far the whiles may differ: pictures wait for the analyst
FRESH_S = 2.5  # a loop is over when nothing has come again for so long
ALIVE = 0.01  # share of thumbnail pixels that differ from the picture before: a scene without noise is not judged


@dataclass(frozen=True, slots=True)
class _Repeat:
    at: float
    lag: float


class ReplayWatch:
    """One camera's. Times in seconds of one clock."""

    def __init__(self) -> None:
        self._seen: OrderedDict[int, float] = OrderedDict()
        self._repeats: deque[_Repeat] = deque(maxlen=64)
        self._before: Grey | None = None

    def look(self, now: float, mark: int, thumb: Grey) -> str | None:
        """A sentence while a loop is on. `mark`: the thumbnail's digest."""
        if self._stirs(thumb):
            last = self._seen.get(mark)
            if last is not None:
                self._repeats.append(_Repeat(now, now - last))
            self._remember(mark, now)
        return self._judge(now)

    def _stirs(self, thumb: Grey) -> bool:
        before, self._before = self._before, thumb
        if before is None or before.shape != thumb.shape:
            return False
        return int(np.count_nonzero(before != thumb)) >= ALIVE * thumb.size

    def _remember(self, mark: int, now: float) -> None:
        self._seen[mark] = now
        self._seen.move_to_end(mark)
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)

    def _judge(self, now: float) -> str | None:
        if not self._repeats or now - self._repeats[-1].at > FRESH_S:
            return None
        lag = self._repeats[-1].lag
        again = sum(now - each.at <= WINDOW_S and abs(each.lag - lag) <= LAG_S for each in self._repeats)
        if again < LEAST:
            return None
        return f"{again} pictures came again exactly, {lag:.0f} s after they were first shown"
