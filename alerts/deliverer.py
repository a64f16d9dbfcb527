"""The deliverer: hands events to webhooks, by each one's budget, and writes down how it went (ADR 50).

Beside the pusher and apart from it: what programs hear of neither holds up nor counts as what people are told.
"""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import httpx
import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from alerts import call, envelope, retry
from alerts.call import Request, Response
from alerts.config import AlertsConfig
from alerts.counters import Counters
from alerts.outcome import Gone, Outcome, Refused, Sent, TryAgain
from domain.webhook import BACKLOG, RATE
from store import deliveries
from store.connection import Connection, ServiceRole, connect, pool
from store.deliveries import Delivery, DueWebhook

log = structlog.get_logger("alerts")

AT_ONCE = 32  # calls on their way
ROOM = 4  # of them to one webhook; to one that does not answer a single one, and to all of those half
SPREAD_AT_ONCE = 500
LEASE_S = 30.0  # longer than any attempt; a killed sender's delivery comes up again after it
_POLL_S = 1.0
_GONE = 410  # the receiver wants no more (RFC 9110 §15.5.11)

Pool = AsyncConnectionPool[Connection]


async def deliver(config: AlertsConfig, counters: Counters, stop: asyncio.Event) -> None:
    """Work until `stop` is set, then let those on their way arrive. Several may work at once."""
    async with (
        pool(config.dsn, ServiceRole.ALERTS, size=2) as connections,
        call.client() as http,
        asyncio.TaskGroup() as group,
    ):
        deliverer = Deliverer(config, counters, connections, http, group)
        listener = group.create_task(_listen(config.dsn, deliverer.wake, stop))
        try:
            await deliverer.run(stop)
        finally:
            listener.cancel()


async def _listen(dsn: str, wake: asyncio.Event, stop: asyncio.Event) -> None:
    connection = await connect(dsn, ServiceRole.ALERTS, autocommit=True)
    try:
        await connection.execute("LISTEN mingchu_webhook")
        while not stop.is_set():
            async for _ in connection.notifies(timeout=60.0, stop_after=1):
                wake.set()
    finally:
        await connection.close()


class Deliverer:
    """Spreads, takes, sends, records. What is on its way is known only to save claims; the tables remember the rest."""

    def __init__(
        self,
        config: AlertsConfig,
        counters: Counters,
        connections: Pool,
        http: httpx.AsyncClient,
        group: asyncio.TaskGroup,
    ) -> None:
        self._config = config
        self._counters = counters
        self._pool = connections
        self._http = http
        self._group = group
        self._flying: Counter[int] = Counter()
        self.wake = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Spread, take and send until `stop` is set."""
        while not stop.is_set():
            self.wake.clear()
            handed_on = await self._spread()
            taken = await self._take()
            if not handed_on and not taken:
                await self._wait()

    async def _spread(self) -> bool:
        async with self._pool.connection(timeout=5) as connection:
            await deliveries.tell_missed(connection, BACKLOG // 2)
            done = await deliveries.spread(connection, SPREAD_AT_ONCE, BACKLOG)
        self._counters.add("webhook_events", done.events)
        if done.dropped:
            self._counters.add("webhook_dropped", done.dropped)
            log.warning("webhook.full", dropped=done.dropped, waiting=BACKLOG)
        return done.events > 0

    async def _take(self) -> int:
        """Set out with what may go now; returns how many."""
        flying = self._flying.total()
        if flying >= AT_ONCE:
            return 0
        busy = [webhook for webhook, n in self._flying.items() if n >= ROOM]
        taken = list[tuple[DueWebhook, Delivery]]()
        async with self._pool.connection(timeout=5) as connection, connection.transaction():
            for webhook in await deliveries.due(connection, busy, AT_ONCE, failing=flying < AT_ONCE // 2):
                most = min(self._room(webhook), AT_ONCE - flying - len(taken))
                taken += [(webhook, one) for one in await self._take_of(connection, webhook, most)]
        for webhook, one in taken:
            self._flying[webhook.id] += 1
            self._group.create_task(self._deliver(webhook, one))
        return len(taken)

    def _room(self, webhook: DueWebhook) -> int:
        flying = self._flying[webhook.id]
        return ROOM - flying if webhook.failures == 0 else 1 - flying

    async def _take_of(self, connection: Connection, webhook: DueWebhook, most: int) -> list[Delivery]:
        tokens = refilled(webhook)
        most = min(most, int(tokens))
        if most <= 0:
            return []
        return await deliveries.take(connection, webhook, most, tokens=tokens, lease_s=LEASE_S)

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self.wake.wait(), _POLL_S)
        except TimeoutError:
            return

    async def _deliver(self, webhook: DueWebhook, one: Delivery) -> None:
        try:
            status, outcome = await self._send(webhook, one)
            await self._record(webhook, one, status, outcome)
        except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as error:
            # Its end is not written down: the lease runs out and it is sent again, under the same id.
            log.warning("webhook.unrecorded", delivery=one.id, problem=" ".join(str(error).split()))
            self._counters.add("webhook_unrecorded")
        finally:
            self._flying[webhook.id] -= 1
            self._flying += Counter()  # forget webhooks at zero
            self.wake.set()

    async def _send(self, webhook: DueWebhook, one: Delivery) -> tuple[int | None, Outcome]:
        try:
            request = envelope.request(one, webhook.url, webhook.secrets, self._config.console_url, datetime.now(UTC))
            return await self._call(request)
        except Exception as error:  # one delivery that cannot be made must not stop all others
            log.exception("webhook.broken", delivery=one.id)
            self._counters.add("webhook_broken")
            return None, Refused(f"could not be sent: {type(error).__name__}")

    async def _call(self, request: Request) -> tuple[int | None, Outcome]:
        answer = await call.post(self._http, request, allow_private=self._config.push_allow_private)
        return (answer.status, verdict(answer)) if isinstance(answer, Response) else (None, later(answer))

    async def _record(self, webhook: DueWebhook, one: Delivery, status: int | None, outcome: Outcome) -> None:
        final = settle(one, outcome, datetime.now(UTC))
        self._counters.add(f"webhook_{type(final).__name__.lower()}")
        told = {"webhook": one.webhook_id, "delivery": one.id, "kind": one.kind, "tries": one.tries}
        async with self._pool.connection(timeout=5) as connection:
            match final:
                case Sent():
                    await deliveries.sent(connection, one.id, status or 0)
                    log.debug("webhook.sent", **told)
                case TryAgain(why, after_s):
                    held_s = max(after_s, retry.push_delay(webhook.failures + 1))
                    own_s = max(held_s, retry.push_delay(one.tries))
                    await deliveries.retry(connection, one, status, why, own_s=own_s, held_s=held_s)
                    log.info("webhook.retry", why=why, again_in_s=round(own_s, 1), **told)
                case Refused(why) | Gone(why):
                    await deliveries.failed(connection, one, status, why)
                    log.warning("webhook.failed", why=why, **told)
            if not isinstance(final, Sent):
                await self._end_if_dead(connection, one.webhook_id, gone=isinstance(final, Gone))

    async def _end_if_dead(self, connection: Connection, webhook: int, *, gone: bool) -> None:
        after_s = 0.0 if gone else retry.GIVE_UP.total_seconds()
        if await deliveries.give_up(connection, webhook, after_s=after_s):
            self._counters.add("webhook_dead")
            log.warning("webhook.dead", webhook=webhook, gone=gone)


def refilled(webhook: DueWebhook) -> float:
    """The tokens of a webhook's bucket now; a clock that went back adds nothing."""
    seconds = max(0.0, (webhook.now - webhook.budget_at).total_seconds())
    return RATE.capacity if webhook.tokens is None else RATE.after(webhook.tokens, seconds)


def verdict(response: Response) -> Outcome:
    """What an answer means: 2xx sent, 410 gone; all else may be a receiver that is being mended."""
    if response.status == _GONE:
        return Gone("HTTP 410: the receiver wants no more")
    return later(call.verdict(response.status, response.retry_after))


def later(outcome: Outcome) -> Outcome:
    """A program is not told once and for all by one refusal."""
    return TryAgain(outcome.why) if isinstance(outcome, Refused) else outcome


def settle(one: Delivery, outcome: Outcome, now: datetime) -> Outcome:
    """What has waited too long is not tried again."""
    waited: timedelta = now - one.asked
    if isinstance(outcome, TryAgain) and waited >= retry.GIVE_UP:
        return Refused(f"given up after {waited.total_seconds() / 3600:.0f} h: {outcome.why}")
    return outcome
