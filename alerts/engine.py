"""The alert engine: one active by an advisory lock, a standby waits; beside it pusher, deliverer and overseer."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from alerts import deliverer, overseer, previewer, pusher, recheck, retry, watch
from alerts.config import AlertsConfig
from alerts.counters import Counters
from alerts.decider import BATCH, Decider
from alerts.preview import Source
from domain.rule import Rule
from store import clocks, pending, process, rules
from store.connection import Connection, DatabaseUnreachableError, ServiceRole, connect

__all__ = ["AlertsConfig", "run"]

log = structlog.get_logger("alerts")

LOCK = 0x616C65727473  # "alerts"
_POLL_S = 1.0
_SILENCE_EVERY_S = 5.0


async def run(config: AlertsConfig, stop: asyncio.Event, source: Source | None = None) -> None:
    """Decide and push until `stop` is set; a database that goes away is waited for.

    With a `source` of what stored data would have signalled, questions what a rule would have raised are answered too.
    """
    counters = Counters()

    async def decide() -> None:
        await _decide(config, counters, stop)

    async def push() -> None:
        await pusher.push(config, counters, stop)

    async def deliver() -> None:
        await deliverer.deliver(config, counters, stop)

    async def oversee() -> None:
        await overseer.oversee(config, counters, stop)

    async def preview(stored: Source) -> None:
        await previewer.answer(config, stored, counters, stop)

    async with asyncio.TaskGroup() as group:
        speaking = group.create_task(
            process.speak(config.dsn, ServiceRole.ALERTS, "alerts", socket.gethostname(), counters.totals)
        )
        if source is not None:
            group.create_task(_again(partial(preview, source), counters, stop))
        group.create_task(_again(decide, counters, stop))
        group.create_task(_again(push, counters, stop))
        group.create_task(_again(deliver, counters, stop))
        group.create_task(_again(oversee, counters, stop))
        await stop.wait()
        speaking.cancel()


async def _again(work: Callable[[], Awaitable[None]], counters: Counters, stop: asyncio.Event) -> None:
    """Do `work` until it returns, and again with a pause after each time that the database went away."""
    failures, began = 0, time.monotonic()
    while not stop.is_set():
        try:
            began = time.monotonic()
            await work()
        except* (DatabaseUnreachableError, psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as lost:
            failures = 1 if time.monotonic() - began > _SILENCE_EVERY_S else failures + 1
            delay = retry.database_delay(failures)
            log.warning("alerts.database_lost", problem=_sentence(lost), again_in_s=delay)
            counters.add("database_lost")
            await pause(stop, delay)


def _sentence(lost: BaseExceptionGroup[BaseException]) -> str:
    """The first of the errors, on one line."""
    error: BaseException = lost
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return " ".join(str(error).split())


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until `stop` is set."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def _decide(config: AlertsConfig, counters: Counters, stop: asyncio.Event) -> None:
    connection = await connect(config.dsn, ServiceRole.ALERTS, autocommit=True)
    try:
        if await _take_lock(connection, stop):
            log.info("alerts.active")
            await connection.execute("LISTEN mingchu_signal")
            await _work(connection, config, counters, stop)
    finally:
        await connection.close()


async def _take_lock(connection: Connection, stop: asyncio.Event) -> bool:
    """Wait until no other engine is active; False when asked to stop meanwhile.

    The lock belongs to the session that decides, so that an engine that lost it cannot write any more.
    """
    told = False
    while not stop.is_set():
        cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,))
        row = await cursor.fetchone()
        if row is not None and row[0]:
            return True
        if not told:
            log.info("alerts.standby", why="another engine is active")
            told = True
        await pause(stop, _POLL_S)
    return False


async def _work(connection: Connection, config: AlertsConfig, counters: Counters, stop: asyncio.Event) -> None:
    decider = Decider(connection, counters)
    silence_at = time.monotonic() + config.settle_s
    looked: dict[str, float] = {}  # when each rule's figures were last looked at
    ready: list[Rule] = []
    while not stop.is_set():
        # Signals first: one that ends a condition may have come before its due time.
        worked = await decider.signals()
        worked += await decider.dues()
        worked += await decider.clocks()
        worked += await recheck.settle(connection, counters)
        if time.monotonic() >= silence_at:
            silences = await decider.silences()
            worked += silences
            ready = ready or watch.due(await rules.active(connection), looked, time.monotonic())
            silence_at = time.monotonic() + (0.0 if silences >= BATCH else _SILENCE_EVERY_S)
        if ready:  # one at a time: a signal must not wait for them all
            worked += await decider.figures(ready.pop())
        counters.report()
        if not worked and not ready:
            await _wait(connection)


async def _wait(connection: Connection) -> None:
    """Until a signal is announced, the next condition or clock is due, or the poll's period is over."""
    dues = (await pending.seconds_to_next(connection), await clocks.seconds_to_next(connection))
    limit = min([_POLL_S, *(max(due, 0.0) for due in dues if due is not None)])
    async for _ in connection.notifies(timeout=limit, stop_after=1):
        pass
