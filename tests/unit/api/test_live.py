"""Live updates: bounded, coalesced, and honest about what was lost."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from api.live import Live, Reader, TooManyReadersError
from store.connection import DatabaseUnreachableError


def test_a_reader_hears_each_alert_once() -> None:
    reader = Reader(1)
    for alert in (7, 8, 7):
        reader.tell(alert)
    assert reader.take() == (False, [7, 8])
    assert reader.take() == (False, [])


def test_a_slow_reader_is_told_to_read_again() -> None:
    reader = Reader(1)
    for alert in range(1000):
        reader.tell(alert)
    lost, ids = reader.take()
    assert lost
    assert len(ids) == 256
    assert reader.take() == (False, [])


async def test_readers_are_told_after_a_cut_of_the_line() -> None:
    lines: list[list[int | None]] = [[None, 6], [None, 5]]
    over = asyncio.Event()

    async def listen() -> AsyncIterator[int | None]:
        for alert in lines.pop():
            yield alert
        if not lines:
            over.set()
            await asyncio.Event().wait()
        raise DatabaseUnreachableError("gone")

    live = Live(listen, first_wait_s=0.0)
    async with live.reader(1) as reader:
        listening = asyncio.create_task(live.run())
        await over.wait()
        listening.cancel()
        assert reader.take() == (True, [5, 6])


async def test_one_person_holds_few_streams() -> None:
    async def silent() -> AsyncIterator[int | None]:
        yield None

    live = Live(silent)
    async with asyncio.TaskGroup() as group:
        release = asyncio.Event()
        joined = asyncio.Semaphore(0)

        async def hold() -> None:
            async with live.reader(1):
                joined.release()
                await release.wait()

        for _ in range(20):
            group.create_task(hold())
        for _ in range(20):
            await joined.acquire()
        with pytest.raises(TooManyReadersError):
            async with live.reader(1):
                pass
        async with live.reader(2):
            pass
        release.set()
