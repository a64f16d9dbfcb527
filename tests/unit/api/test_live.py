"""Live updates: bounded, coalesced, and honest about what was lost."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from api.live import Live, Reader, TooManyReadersError
from domain.alert import Role
from store.changes import Change
from store.connection import DatabaseUnreachableError
from store.people import Person


def somebody(number: int = 1, authority: str | None = "gz", operator: int | None = None) -> Person:
    return Person(number, "x", "x", Role.REGULATOR, authority, operator, "zh")


def test_a_reader_hears_each_alert_once() -> None:
    reader = Reader(somebody(), b"")
    for alert in (7, 8, 7):
        reader.tell(alert)
    assert reader.take() == (False, [7, 8])
    assert reader.take() == (False, [])


def test_a_slow_reader_is_told_to_read_again() -> None:
    reader = Reader(somebody(), b"")
    for alert in range(1000):
        reader.tell(alert)
    lost, ids = reader.take()
    assert lost
    assert len(ids) == 256
    assert reader.take() == (False, [])


async def test_it_is_known_whom_the_last_change_woke() -> None:
    heard = asyncio.Event()

    async def listen() -> AsyncIterator[Change | None]:
        for change in (None, Change(6, "gz.yx", 12), Change(7, "th", 13)):
            yield change
        heard.set()
        await asyncio.Event().wait()

    live = Live(listen)
    async with (
        live.reader(somebody(), b"a"),
        live.reader(somebody(2, "th"), b"b"),
        live.reader(somebody(3, None, 13), b"c"),
    ):
        assert live.told == frozenset()
        listening = asyncio.create_task(live.run())
        await heard.wait()
        listening.cancel()
        assert live.told == {b"b", b"c"}


async def test_readers_are_told_after_a_cut_of_the_line() -> None:
    lines: list[list[Change | None]] = [[None, Change(6)], [None, Change(5)]]
    over = asyncio.Event()

    async def listen() -> AsyncIterator[Change | None]:
        for change in lines.pop():
            yield change
        if not lines:
            over.set()
            await asyncio.Event().wait()
        raise DatabaseUnreachableError("gone")

    live = Live(listen, first_wait_s=0.0)
    async with live.reader(somebody()) as reader:
        listening = asyncio.create_task(live.run())
        await over.wait()
        listening.cancel()
        assert reader.take() == (True, [5, 6])


async def test_who_joined_before_the_line_was_there_reads_again() -> None:
    there, over = asyncio.Event(), asyncio.Event()

    async def listen() -> AsyncIterator[Change | None]:
        await there.wait()
        for _ in range(2):
            yield None
        over.set()
        await asyncio.Event().wait()

    live = Live(listen)
    async with live.reader(somebody()) as early:
        listening = asyncio.create_task(live.run())
        there.set()
        await over.wait()
        assert early.take() == (True, [])
        async with live.reader(somebody()) as late:
            live._tell(None)
            assert (early.take(), late.take()) == ((False, []), (False, []))
        listening.cancel()


async def test_one_person_holds_few_streams() -> None:
    async def silent() -> AsyncIterator[Change | None]:
        yield None

    live = Live(silent)
    async with asyncio.TaskGroup() as group:
        release = asyncio.Event()
        joined = asyncio.Semaphore(0)

        async def hold() -> None:
            async with live.reader(somebody()):
                joined.release()
                await release.wait()

        for _ in range(20):
            group.create_task(hold())
        for _ in range(20):
            await joined.acquire()
        with pytest.raises(TooManyReadersError):
            async with live.reader(somebody()):
                pass
        async with live.reader(somebody(2)):
            pass
        release.set()


def test_only_those_are_woken_whom_a_change_concerns() -> None:
    change = Change(7, "gz.yx.s1", 12)
    for authority in ("gz", "gz.yx", "gz.yx.s1"):
        assert change.concerns(authority, None)
    for authority in ("gz.y", "gz.th", "gz.yx.s10", "gz.yx.s1.a"):
        assert not change.concerns(authority, None)
    assert change.concerns(None, 12)
    assert not change.concerns(None, 13)
    assert Change(7).concerns(None, 13)  # not told whose: row security decides


async def test_who_asks_for_the_same_at_the_same_time_reads_once() -> None:
    async def silent() -> AsyncIterator[Change | None]:
        yield None

    live, reads = Live(silent), 0
    gate = asyncio.Event()

    async def read() -> str:
        nonlocal reads
        reads += 1
        await gate.wait()
        return "news"

    asked = [asyncio.create_task(live.together("a", read)) for _ in range(5)]
    await asyncio.sleep(0)
    asked[0].cancel()  # one who leaves takes nothing from the others
    gate.set()
    assert await asyncio.gather(*asked[1:]) == ["news"] * 4
    assert reads == 1
    assert await live.together("a", read) == "news"
    assert reads == 2


async def test_who_was_told_of_a_change_is_not_given_what_was_read_before_it() -> None:
    async def silent() -> AsyncIterator[Change | None]:
        yield None

    live, table = Live(silent), ["before"]
    begun, gate = asyncio.Event(), asyncio.Event()

    async def read() -> str:
        found = table[0]
        begun.set()
        await gate.wait()
        return found

    first = asyncio.create_task(live.together("a", read))
    await begun.wait()
    table[0] = "after"
    live._tell(Change(7, "gz", 1))
    second = asyncio.create_task(live.together("a", read))
    await asyncio.sleep(0)
    gate.set()
    assert await first == "before"  # told again by the change, it will ask again
    assert await second == "after"


async def test_what_many_see_alike_is_read_once_until_a_change_of_their_scope() -> None:
    async def silent() -> AsyncIterator[Change | None]:
        yield None

    live, read = Live(silent), list[int]()

    async def look() -> int:
        read.append(len(read))
        await asyncio.sleep(0)
        return read[-1]

    mine, other = somebody(1, "city.a"), somebody(2, "city.b")
    assert await asyncio.gather(*(live.lately("a", mine, look) for _ in range(3))) == [0, 0, 0]
    assert await live.lately("a", mine, look) == 0
    assert await live.lately("b", other, look) == 1
    live._tell(Change(1, "city.a.x", 5))
    assert await live.lately("b", other, look) == 1
    slow = asyncio.ensure_future(live.lately("a", mine, look))
    await asyncio.sleep(0)
    live._tell(Change(1, "city.a.x", 5))  # while it is being read: the next one reads again
    assert await live.lately("a", mine, look) == 3
    assert await slow in (2, 3)
    live._tell(None)
    assert await live.lately("b", other, look) == 4
