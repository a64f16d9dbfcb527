"""The one timer: what is due runs, once, in order, whatever else fails."""

import asyncio

from simulators.wheel import Wheel
from tests.servers import PATIENCE_S


class Item:
    """Due each `every_s`, up to `turns` times; fails at one of them if told."""

    def __init__(self, start: float, every_s: float, turns: int, fails_at: int = -1) -> None:
        self.next = start
        self.every_s, self.left, self.fails_at = every_s, turns, fails_at
        self.late: list[float] = []
        self.done = asyncio.Event()

    def due(self) -> float:
        return self.next if self.left else float("inf")

    def run(self, now: float) -> None:
        self.late.append(now - self.next)
        self.next += self.every_s
        self.left -= 1
        if not self.left:
            self.done.set()
        if len(self.late) == self.fails_at:
            raise RuntimeError("broken on purpose")


async def test_items_run_when_due_and_a_broken_one_stops_no_other() -> None:
    wheel, now = Wheel(0.005), asyncio.get_running_loop().time()
    good, broken = Item(now + 0.01, 0.01, 10), Item(now + 0.01, 0.01, 3, fails_at=1)
    wheel.put(broken)
    wheel.put(good)
    async with asyncio.timeout(PATIENCE_S):
        await good.done.wait()
        await broken.done.wait()  # after its pause it is tried again
    wheel.close()
    assert len(good.late) == 10
    assert min(good.late) >= 0
    assert wheel.errors == 1


async def test_an_item_whose_time_moved_runs_at_the_new_time_only() -> None:
    wheel, now = Wheel(0.005), asyncio.get_running_loop().time()
    item = Item(now + 3600, 3600, 2)
    wheel.put(item)
    item.next = now + 0.01
    wheel.put(item)
    pumped: list[int] = []

    def pump() -> bool:
        pumped.append(1)
        return len(pumped) < 3

    wheel.pump(pump)
    async with asyncio.timeout(PATIENCE_S):
        while len(pumped) < 3 or not item.late:
            await asyncio.sleep(0.005)
    wheel.close()
    assert len(item.late) == 1
    assert len(pumped) == 3
