"""The pusher: sends due pushes, the gravest first, a few at a time to each channel, and writes down how it went."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

import httpx
import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from alerts import message, retry, webhook
from alerts.config import AlertsConfig
from alerts.counters import Counters
from store import pushes
from store.connection import Connection, ServiceRole, connect, pool
from store.pushes import DuePush

log = structlog.get_logger("alerts")

PER_CHANNEL = 2  # at once to one receiver, so that a slow one holds up nobody else
AT_ONCE = 64
LEASE_S = 30.0  # longer than any attempt; a killed sender's push comes up again after it
_POLL_S = 1.0

Pool = AsyncConnectionPool[Connection]


async def push(config: AlertsConfig, counters: Counters, stop: asyncio.Event) -> None:
    """Send until `stop` is set, then let those on their way arrive. Several pushers may run at once."""
    async with (
        pool(config.dsn, ServiceRole.ALERTS, size=3) as connections,
        webhook.client() as sender,
        asyncio.TaskGroup() as group,
    ):
        pusher = Pusher(config, counters, connections, sender, group)
        listener = group.create_task(_listen(config.dsn, pusher.wake, stop))
        try:
            await pusher.run(stop)
        finally:
            listener.cancel()


async def _listen(dsn: str, wake: asyncio.Event, stop: asyncio.Event) -> None:
    connection = await connect(dsn, ServiceRole.ALERTS, autocommit=True)
    try:
        await connection.execute("LISTEN mingchu_push")
        while not stop.is_set():
            async for _ in connection.notifies(timeout=60.0, stop_after=1):
                wake.set()
    finally:
        await connection.close()


class Pusher:
    """Claims, sends, records. What is on its way is known only to save claims; the table remembers the rest."""

    def __init__(
        self,
        config: AlertsConfig,
        counters: Counters,
        connections: Pool,
        sender: httpx.AsyncClient,
        group: asyncio.TaskGroup,
    ) -> None:
        self._config = config
        self._counters = counters
        self._pool = connections
        self._sender = sender
        self._group = group
        self._flying: Counter[int] = Counter()
        self.wake = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Claim and send until `stop` is set."""
        while not stop.is_set():
            self.wake.clear()
            limit = AT_ONCE - self._flying.total()
            claimed, wait_s = await self._claim(limit) if limit > 0 else ([], _POLL_S)
            for due in claimed:
                self._flying[due.channel_id] += 1
                self._group.create_task(self._deliver(due))
            if not claimed:
                await self._wait(wait_s)

    async def _claim(self, limit: int) -> tuple[list[DuePush], float]:
        async with self._pool.connection(timeout=5) as connection:
            claimed = await pushes.claim(connection, self._flying, PER_CHANNEL, limit, LEASE_S)
            if claimed:
                return claimed, 0.0
            next_s = await pushes.seconds_to_next(connection)
            # Overdue but not claimed: its channel is busy, and wakes us when it is not.
            return [], _POLL_S if next_s is None or next_s <= 0 else min(next_s, _POLL_S)

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.wake.wait(), seconds)
        except TimeoutError:
            return

    async def _deliver(self, due: DuePush) -> None:
        try:
            outcome = await self._send(due)
            await self._record(due, outcome)
        except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as error:
            # Its end is not written down: the lease runs out and it is sent again, with the same key.
            log.warning("push.unrecorded", push=str(due.id), problem=" ".join(str(error).split()))
            self._counters.add("push_unrecorded")
        finally:
            self._flying[due.channel_id] -= 1
            self._flying += Counter()  # forget channels at zero
            self.wake.set()

    async def _send(self, due: DuePush) -> webhook.Outcome:
        if not due.enabled:
            return webhook.Refused("the channel is switched off")
        body = message.encode(message.compose(due, self._config.console_url))
        return await webhook.post(
            self._sender, due.id, due.url, due.secret, body, allow_private=self._config.push_allow_private
        )

    async def _record(self, due: DuePush, outcome: webhook.Outcome) -> None:
        final = settle(due, outcome, datetime.now(UTC))
        name = type(final).__name__.lower()
        self._counters.add(f"push_{name}")
        async with self._pool.connection(timeout=5) as connection:
            match final:
                case webhook.Sent():
                    await pushes.sent(connection, due.id)
                    log.info("push.sent", push=str(due.id), alert=due.alert_id, tries=due.tries)
                case webhook.TryAgain(why, after_s):
                    await pushes.retry(connection, due.id, after_s, why)
                    log.info("push.retry", push=str(due.id), alert=due.alert_id, why=why, again_in_s=round(after_s, 1))
                case webhook.Refused(why):
                    await pushes.failed(connection, due.id, why)
                    log.warning("push.failed", push=str(due.id), alert=due.alert_id, why=why)


def settle(due: DuePush, outcome: webhook.Outcome, now: datetime) -> webhook.Outcome:
    """Give a wish to try again the retry policy's delay, or call it a failure when it has been tried for too long."""
    if not isinstance(outcome, webhook.TryAgain):
        return outcome
    if now - due.created > retry.GIVE_UP:
        return webhook.Refused(f"given up after {due.tries} attempts: {outcome.why}")
    return webhook.TryAgain(outcome.why, max(outcome.after_s, retry.push_delay(due.tries)))
