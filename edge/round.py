"""The round: which patrolled camera is visited next. Pure: the caller's clock, no threads.

Each camera has a period (the round's, over its weight) and a place of its own in it, so that visits come evenly. Of
those that are due the one with the earliest deadline goes first. Cameras that did not answer last time share few of
the places, so that they cannot hold up the others (ADR 16); once one of them answers they may have all that are free,
until one does not: a network that is back brings hundreds back at once.
"""

import heapq
from dataclasses import dataclass

GOLDEN = 0.6180339887498949  # multiples of it, taken modulo 1, lie evenly however many there are
RETRY_S = 5.0  # after a failure, and so much more after each further one …
MOST_RETRY_S = 15.0  # … up to this: one that is back is seen soon, whatever the ladder has made of its period
AILING = 4  # of so many places one is for cameras that failed last time


@dataclass(slots=True, eq=False)
class _Post:
    """One camera's place in the round."""

    code: str
    weight: int
    urgent: bool
    phase: float  # of its period, 0..1
    due: float = 0.0
    interval: float = 0.0
    failures: int = 0
    order: int = 0  # of its one entry that counts

    @property
    def deadline(self) -> float:
        return self.due + self.interval


_Heap = list[tuple[float, int, _Post]]


class Round:
    """Times in seconds of one clock. `missed`: periods in which a camera was not visited though it was its turn."""

    def __init__(self, period_s: float, slots: int) -> None:
        """`slots`: at most so many visits at once."""
        self.period_s, self.slots = period_s, slots
        self.missed = 0
        self._stretch = {False: 1.0, True: 1.0}
        self._posts: dict[str, _Post] = {}
        self._out: dict[str, _Post] = {}
        self._waiting: _Heap = []
        self._ready: dict[bool, _Heap] = {False: [], True: []}  # by whether it failed last time
        self._added = self._orders = 0
        self._mending = False  # of those that had failed the last one to be visited answered

    def __len__(self) -> int:
        return len(self._posts)

    @property
    def under_way(self) -> int:
        """Visits that have begun and not ended."""
        return len(self._out)

    def add(self, code: str, weight: int, *, urgent: bool, now: float) -> None:
        """A camera joins; its first visit comes within its period."""
        self._added += 1
        post = self._posts[code] = _Post(code, weight, urgent, self._added * GOLDEN % 1.0)
        self._plan(post, now)

    def remove(self, code: str) -> None:
        """It leaves; a visit under way is of no account any more."""
        post = self._posts.pop(code, None)
        if post is not None:
            post.order = -1
        self._out.pop(code, None)

    def pause(self, code: str) -> None:
        """It is not visited for a while, and keeps its place."""
        self._posts[code].order = -1
        self._out.pop(code, None)

    def resume(self, code: str, now: float) -> None:
        """It is visited again."""
        self._posts[code].failures = 0
        self._plan(self._posts[code], now)

    def stretch(self, ordinary: float, urgent: float, now: float) -> None:
        """Make periods so many times as long. What is due already stays due, and what failed is tried again as soon."""
        if self._stretch == {False: ordinary, True: urgent}:
            return
        self._stretch = {False: ordinary, True: urgent}
        for post in [post for _, order, post in self._waiting if post.order == order and not post.failures]:
            self._plan(post, now)

    def interval(self, code: str) -> float:
        """Seconds between two visits of a camera as they are now."""
        return self._interval(self._posts[code])

    def take(self, now: float) -> str | None:
        """The camera to visit now, if one is due and a place is free. Its `done` must follow."""
        self._release(now)
        if len(self._out) >= self.slots:
            return None
        heads = [heap for ailing, heap in self._ready.items() if _head(heap) and (not ailing or self._may_ail())]
        if not heads:
            return None
        _, _, post = heapq.heappop(min(heads, key=lambda heap: heap[0][0]))
        post.order = -1
        self._out[post.code] = post
        return post.code

    def done(self, code: str, now: float, *, failed: bool, again_s: float | None = None) -> None:
        """Its visit has ended. `again_s`: it is wanted again so soon."""
        post = self._out.pop(code, None)
        if post is None:
            return  # it left meanwhile
        if post.failures == 0 and not failed:  # a camera that does not answer is not one that was not asked
            self.missed += max(0, int((now - post.due) / post.interval))
        if post.failures:
            self._mending = not failed
        post.failures = post.failures + 1 if failed else 0
        if failed:
            again_s = min(RETRY_S * post.failures, MOST_RETRY_S)
        self._plan(post, now, again_s)

    def wait(self, now: float) -> float | None:
        """Seconds until the next camera becomes due; None when none will by itself."""
        return max(0.0, self._waiting[0][0] - now) if _head(self._waiting) else None

    def lag(self, now: float) -> float:
        """The share of its period that a camera which answers has been due and not visited yet, at the worst."""
        ready = (post for _, order, post in self._ready[False] if post.order == order)
        return max(((now - post.due) / post.interval for post in ready), default=0.0)

    def _may_ail(self) -> bool:
        return self._mending or sum(post.failures > 0 for post in self._out.values()) < max(1, self.slots // AILING)

    def _interval(self, post: _Post) -> float:
        return self.period_s * self._stretch[post.urgent] / post.weight

    def _plan(self, post: _Post, now: float, again_s: float | None = None) -> None:
        """Its next turn: at its place in the period, or sooner where it is wanted sooner."""
        post.interval = self._interval(post)
        turn = (now / post.interval - post.phase) // 1 + 1 + post.phase
        due = turn * post.interval
        due = due if due > now else due + post.interval
        post.due = due if again_s is None else min(due, now + again_s)
        self._push(self._waiting, post.due, post)

    def _release(self, now: float) -> None:
        while _head(self._waiting) and self._waiting[0][0] <= now:
            _, _, post = heapq.heappop(self._waiting)
            self._push(self._ready[post.failures > 0], post.deadline, post)

    def _push(self, heap: _Heap, key: float, post: _Post) -> None:
        self._orders += 1
        post.order = self._orders
        heapq.heappush(heap, (key, post.order, post))


def _head(heap: _Heap) -> bool:
    """Drop entries that no longer count; True when one is left."""
    while heap and heap[0][2].order != heap[0][1]:
        heapq.heappop(heap)
    return bool(heap)
