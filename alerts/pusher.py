"""The pusher: sends due pushes, the gravest first, by each channel's budget, and writes down how it went."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from alerts import call, grouping, retry, webpush
from alerts.config import AlertsConfig, Printer
from alerts.counters import Counters
from alerts.outcome import Gone, Outcome, Refused, Sent, TryAgain
from alerts.sender import Sender
from alerts.webpush import Vapid
from domain.channel import ALLOWANCES, DEAD_AFTER, ChannelKind, quiet_until
from domain.enclosure import Attached, Enclosure
from domain.severity import Severity
from store import dispatch, push_keys, reports
from store.connection import Connection, ServiceRole, connect, pool
from store.dispatch import DueChannel, Taken
from store.push_keys import PushKeys
from store.pushes import DuePush

log = structlog.get_logger("alerts")

AT_ONCE = 64
LEASE_S = 30.0  # longer than any attempt; a killed sender's message comes up again after it
_POLL_S = 1.0

Pool = AsyncConnectionPool[Connection]
Parcel = tuple[DuePush, ...]  # the pushes of one message


async def push(config: AlertsConfig, counters: Counters, stop: asyncio.Event) -> None:
    """Send until `stop` is set, then let those on their way arrive. Several pushers may run at once."""
    async with (
        pool(config.dsn, ServiceRole.ALERTS, size=3) as connections,
        call.client() as http,
        asyncio.TaskGroup() as group,
    ):
        keys = await _keys(connections)
        sender = Sender(config, http, Vapid(keys.vapid_private, keys.vapid_public, config.contact), keys.link)
        pusher = Pusher(counters, connections, sender, group, config.printer)
        listener = group.create_task(_listen(config.dsn, pusher.wake, stop))
        try:
            await pusher.run(stop)
        finally:
            listener.cancel()


async def _keys(connections: Pool) -> PushKeys:
    async with connections.connection(timeout=5) as connection:
        return await push_keys.keep(connection, webpush.generate())


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
    """Claims, sends, records. What is on its way is known only to save claims; the tables remember the rest."""

    def __init__(
        self,
        counters: Counters,
        connections: Pool,
        sender: Sender,
        group: asyncio.TaskGroup,
        printer: Printer | None = None,
    ) -> None:
        self._counters = counters
        self._pool = connections
        self._sender = sender
        self._group = group
        self._printer = printer
        self._flying: Counter[int] = Counter()
        self.wake = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Claim and send until `stop` is set."""
        while not stop.is_set():
            self.wake.clear()
            limit = AT_ONCE - self._flying.total()
            claimed, wait_s = await self._claim(limit) if limit > 0 else ([], _POLL_S)
            for parcel in claimed:
                self._flying[parcel[0].channel_id] += 1
                self._group.create_task(self._deliver(parcel))
            if not claimed:
                await self._wait(wait_s)

    async def _claim(self, limit: int) -> tuple[list[Parcel], float]:
        busy = [channel for channel, n in self._flying.items() if n >= grouping.GRAVE_ROOM]
        async with self._pool.connection(timeout=5) as connection, connection.transaction():
            channels = await dispatch.due(connection, busy, max(1, limit // grouping.GRAVE_ROOM))
            taken = [self._plan(channel) for channel in channels]
            pushes = await dispatch.take(connection, taken, LEASE_S) if taken else []
            if pushes:
                return parcels(pushes), 0.0
            next_s = await dispatch.seconds_to_next(connection)
            # Overdue but not claimed: its channel is busy, and wakes us when it is not, or has no budget.
            return [], _POLL_S if next_s is None or next_s <= 0 else min(next_s, _POLL_S)

    def _plan(self, channel: DueChannel) -> Taken:
        quiet = quiet_until(channel.now, channel.quiet_from, channel.quiet_to, channel.timezone)
        plan = grouping.plan(channel, ALLOWANCES[channel.kind], quiet, self._flying[channel.id])
        messages = [(group.message, group.pushes) for group in plan.groups]
        return Taken(channel.id, messages, plan.budget, plan.ordinary_after)

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.wake.wait(), seconds)
        except TimeoutError:
            return

    async def _deliver(self, parcel: Parcel) -> None:
        try:
            outcome = await self._send(parcel)
            await self._record(parcel, outcome)
            if isinstance(outcome, Sent) and len(parcel) == 1:
                await self._picture(parcel[0])
        except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as error:
            # Its end is not written down: the lease runs out and it is sent again, with the same key.
            log.warning("push.unrecorded", push=str(parcel[0].message), problem=" ".join(str(error).split()))
            self._counters.add("push_unrecorded")
        finally:
            self._flying[parcel[0].channel_id] -= 1
            self._flying += Counter()  # forget channels at zero
            self.wake.set()

    async def _send(self, parcel: Parcel) -> Outcome:
        try:
            return await self._sender.send(parcel, await self._enclosed(parcel[0]))
        except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout):
            raise  # nothing was sent
        except Exception as error:  # one message that cannot be made must not stop all others
            log.exception("push.broken", push=str(parcel[0].message))
            self._counters.add("push_broken")
            return Refused(f"could not be sent: {type(error).__name__}")

    async def _enclosed(self, push: DuePush) -> Enclosure | None:
        """The file that a subscriber gets with a report: made of what is kept, the same bytes at each repetition."""
        if push.report_id is None or not push.attached or push.kind != ChannelKind.EMAIL or self._printer is None:
            return None
        async with self._pool.connection(timeout=5) as connection:
            report = await reports.one(connection, push.report_id)
        assert report is not None
        return await asyncio.to_thread(self._printer, report, push.lang, Attached(push.attached))

    async def _picture(self, push: DuePush) -> None:
        """The evidence's picture, where the budget has a message more for it; not worth another try."""
        if push.picture is None or push.kind != ChannelKind.WECOM:
            return
        async with self._pool.connection(timeout=5) as connection:
            if not await dispatch.spare(connection, push.channel_id):
                return
        outcome = await self._sender.picture(push)
        if outcome is not None:
            self._counters.add(f"push_picture_{type(outcome).__name__.lower()}")

    async def _record(self, parcel: Parcel, outcome: Outcome) -> None:
        final = settle(parcel, outcome, datetime.now(UTC))
        message, first = parcel[0].message, parcel[0]
        self._counters.add(f"push_{type(final).__name__.lower()}")
        told = {"push": str(message), "alert": first.alert_id, "of": len(parcel), "tries": first.tries}
        async with self._pool.connection(timeout=5) as connection:
            match final:
                case Sent():
                    await dispatch.sent(connection, message)
                    log.info("push.sent", **told)
                case TryAgain(why, after_s, apart):
                    await dispatch.retry(connection, message, after_s, why, apart=apart)
                    if hopeless(parcel, datetime.now(UTC)):
                        await dispatch.fall_back(connection, [one.id for one in parcel])
                    log.info("push.retry", why=why, again_in_s=round(after_s, 1), **told)
                case Refused(why) | Gone(why):
                    await dispatch.failed(connection, message, why)
                    await _give_up(connection, first, why, gone=isinstance(final, Gone))
                    await dispatch.fall_back(connection, [one.id for one in parcel])
                    log.warning("push.failed", why=why, **told)


async def _give_up(connection: Connection, push: DuePush, why: str, *, gone: bool) -> None:
    """What a final refusal means for the channel: one more against it, or its end."""
    if gone and push.kind == ChannelKind.WEBPUSH:
        await dispatch.remove(connection, push.channel_id, why)
        log.info("channel.removed", channel=push.channel_id, why=why)
    elif push.enabled and await dispatch.refused(connection, push.channel_id, why, 1 if gone else DEAD_AFTER):
        await dispatch.tell_of_dead(connection, push.channel_id)
        log.warning("channel.dead", channel=push.channel_id, why=why)


def parcels(pushes: Sequence[DuePush]) -> list[Parcel]:
    """By message, in the order of their first pushes."""
    found: dict[UUID, list[DuePush]] = {}
    for one in pushes:
        found.setdefault(one.message, []).append(one)
    return [tuple(several) for several in found.values()]


def settle(parcel: Parcel, outcome: Outcome, now: datetime) -> Outcome:
    """Give a wish to try again the retry policy's delay, or call it a failure when it has been tried for too long."""
    if not isinstance(outcome, TryAgain):
        return outcome
    tries = max(one.tries for one in parcel)
    if now - min(one.created for one in parcel) > retry.GIVE_UP:
        return Refused(f"given up after {tries} attempts: {outcome.why}")
    return TryAgain(outcome.why, max(outcome.after_s, retry.push_delay(tries)), outcome.apart)


def hopeless(parcel: Parcel, now: datetime) -> bool:
    """Whether to try the next channel as well: class I after its second failure, what is ordinary after a while."""
    if any(one.severity == Severity.I for one in parcel):
        return max(one.tries for one in parcel) >= retry.GRAVE_TRIES
    return now - min(one.created for one in parcel) > retry.FALL_BACK
