"""The ingest worker: from the broker into the database, acknowledged when committed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

import msgspec
import psycopg
import structlog

from domain.fullness import Fullness
from domain.topic import Channel, EdgeTopic
from domain.wire import EdgeAck
from ingest import clock, commit, edge_reader, reader, sparkplug, sparkplug_payload, sparkplug_reader
from ingest.backoff import Backoff
from ingest.commit import Landed
from ingest.config import IngestConfig
from ingest.counters import Counters
from ingest.housekeeper import Housekeeper
from ingest.inbox import Inbox
from ingest.keeper import Keeper
from ingest.landing import Landing
from ingest.link import Link
from ingest.message import Message
from ingest.patience import Patience
from ingest.retirement import Retirement
from ingest.roster import Roster
from ingest.session import address
from ingest.sparkplug import Nodes
from store import process
from store import sparkplug as births
from store.connection import Connection, DatabaseUnreachableError, ServiceRole, connect, where

log = structlog.get_logger()

Stopping = asyncio.Future[Literal[True]]  # done when the worker is to stop

_REBIRTH = 10 * clock.SECOND
_IN_ORDER = f"{sparkplug.ROOT}/"
_SLICE = 500  # messages read in one go
_SHARED = (
    "shared with other workers: mosquitto forgets that when it restarts, and drops what devices tell it before the"
    " workers are back; use one worker (MINGCHU_SHARED unset), or a broker that keeps shared subscriptions"
)

# The message itself is at fault: trying again would fail again.
_DATA_ERRORS = (psycopg.DataError, psycopg.IntegrityError)


async def run(config: IngestConfig, stop: asyncio.Event, *, retire: bool = False) -> None:
    """Land messages until `stop` is set; the batch in hand is finished, the rest waits at the broker.

    `retire`: hear nothing new, land what the broker has for this worker, end its session there, and return.
    Outages of broker and database are survived, each with one logged sentence; raises BadUrlError at the start.
    """
    address(config.mqtt_url)
    if config.shared and not retire:
        log.warning(_SHARED)
    counters, inbox, fullness = Counters(), Inbox(), Fullness()
    link = Link(config, inbox, counters, Retirement() if retire else None)
    keeper = Keeper(config.dsn, link.keep)
    worker = Worker(config.dsn, link, keeper, counters, fullness)
    housekeeper = Housekeeper(config.dsn, keeper)
    async with asyncio.TaskGroup() as group:
        said = partial(_said, counters, fullness)
        speaking = process.speak(config.dsn, ServiceRole.INGEST, "ingest", config.name, said)
        works = (link.run(), keeper.run(), housekeeper.run(), counters.report(), speaking)
        helpers = [group.create_task(work) for work in works]
        helpers[0].add_done_callback(lambda _: stop.set())  # it ends by itself when retired
        landing = group.create_task(worker.run(inbox, stop))
        await landing
        for helper in helpers:
            helper.cancel()
    if link.retirement is not None and link.retirement.over:
        log.info("retired: the broker has nothing more for this worker", worker=config.name, landed=counters.committed)


def _said(counters: Counters, fullness: Fullness) -> dict[str, int]:
    """What the process says of itself."""
    return {**counters.totals(), "full": fullness.now}


@dataclass(frozen=True, slots=True)
class Reading:
    """What messages say, by the roster that they were read with."""

    landing: Landing
    roster: Roster


@dataclass(frozen=True, slots=True)
class Part:
    """Some messages of a batch. `fault`: the one message in it is to be kept as a dead letter, and why."""

    messages: Sequence[Message]
    reading: Reading | None = None  # where it is read already
    fault: str = ""


@dataclass(slots=True)
class Worker:
    """Lands batch after batch over one connection; while the database works on one, the next is read."""

    dsn: str
    link: Link
    keeper: Keeper
    counters: Counters
    fullness: Fullness = field(default_factory=Fullness)  # of the database's disk
    patience: Patience = field(default_factory=Patience)
    connection: Connection | None = None
    complaint: str = ""
    nodes: Nodes | None = None  # Sparkplug's, once they are read from the database
    asked: dict[tuple[str, str], int] = field(default_factory=dict)  # when (µs) a node was last asked for its births

    async def run(self, inbox: Inbox, stop: asyncio.Event) -> None:
        stopping, landing = asyncio.ensure_future(stop.wait()), None
        try:
            await _either(self.keeper.ready.wait(), stopping)
            while not stop.is_set():
                taking = asyncio.ensure_future(inbox.take(landing))
                await _either(taking, stopping)
                if taking.done() and not taking.cancelled():
                    messages = taking.result()
                    part = Part(messages, await self._read_ahead(messages))
                    if landing is not None:
                        await landing
                    landing = asyncio.ensure_future(self._land_all(part, stopping))
                self.counters.waiting = len(inbox.waiting)
            if landing is not None:
                await landing
        finally:
            stopping.cancel()
            await self._disconnect()

    async def _read_ahead(self, messages: Sequence[Message]) -> Reading | None:
        """None where a fault of ours stands in the way: landing the batch meets it again, and takes the batch apart.

        Nor is Sparkplug read ahead: what its data mean is said by births that are committed before.
        """
        if any(message.topic.startswith(_IN_ORDER) for message in messages):
            return None
        try:
            return await self._read(messages)
        except Exception:
            log.exception("a batch cannot be read as a whole")
            return None

    async def _read(self, messages: Sequence[Message]) -> Reading:
        """In slices, so that neither the database nor the broker is kept waiting."""
        nodes = Nodes() if self.nodes is None else self.nodes.copy()
        reading = Reading(Landing(nodes=nodes), self.keeper.roster)
        for start in range(0, len(messages), _SLICE):
            reader.add(messages[start : start + _SLICE], reading.roster, reading.landing)
            await asyncio.sleep(0)
        return reading

    async def _land_all(self, batch: Part, stopping: Stopping) -> None:
        """Land a batch, whatever it takes; on a stop during an outage it stays with the broker."""
        work, backoff = [batch], Backoff()
        while work:
            part = work.pop()
            try:
                landed = await self._land(part)
            except _DATA_ERRORS as error:
                work += _isolate(part, error)
            except (psycopg.Error, DatabaseUnreachableError) as error:
                work.append(Part(part.messages, fault=part.fault))
                await self._outage(error)
                await _either(backoff.wait(), stopping)
                if stopping.done():
                    return
            except Exception as error:
                # A fault of ours over one message must not stop all others; the message is kept with the reason.
                log.exception("a batch failed and is taken apart")
                work += _isolate(part, error)
            else:
                self._count(landed, batch.messages)
                self._answer(landed)
        self.link.acknowledge(batch.messages)

    async def _land(self, part: Part) -> Landed:
        connection = await self._connected()
        if part.fault:
            return await commit.bury(connection, part.messages[0], part.fault)
        if self.nodes is None:
            self.nodes = sparkplug_reader.known(await births.read(connection), self.keeper.roster)
        reading = part.reading or await self._read(part.messages)
        if reading.landing.unknown and self.keeper.may_ask():
            await self.keeper.refresh(connection)
            reading = await self._read(part.messages)
        landed = await commit.land(connection, reading.landing, reading.roster, self.patience)
        if reading is not part.reading:
            self.nodes = reading.landing.nodes
        self._ask(reading.landing)
        self._report(reading.landing)
        return landed

    def _ask(self, landing: Landing) -> None:
        """Have Sparkplug nodes announce themselves anew whose births we miss, each at most so often."""
        now = clock.now()
        for node in landing.rebirths:
            if now - self.asked.get(node, 0) >= _REBIRTH:
                self.asked[node] = now
                topic = f"{sparkplug.ROOT}/{node[0]}/NCMD/{node[1]}"
                self.link.publish(topic, sparkplug_payload.rebirth(now // 1000), qos=0)

    def _report(self, landing: Landing) -> None:
        for topic, reason in landing.unauthorised:
            self.counters.refuse(topic, reason)

    def _count(self, landed: Landed, messages: Sequence[Message]) -> None:
        counters = self.counters
        counters.batches += 1
        counters.committed += landed.committed
        counters.duplicates += landed.duplicates
        counters.dead_letters += landed.dead
        counters.signals += landed.signals
        counters.lag_ms = (clock.now() - messages[0].received) // 1000

    def _answer(self, landed: Landed) -> None:
        for (edge, spool), seqs in landed.acks.items():
            self.link.publish(
                str(EdgeTopic(edge, Channel.ACK)), msgspec.json.encode(EdgeAck(spool, tuple(sorted(set(seqs)))))
            )

    async def _connected(self) -> Connection:
        if self.connection is None or self.connection.closed:
            self.connection = await connect(self.dsn, ServiceRole.INGEST, autocommit=True)
            if self.complaint:
                log.info("the database is back", database=where(self.dsn))
                self.complaint = ""
        return self.connection

    async def _outage(self, error: Exception) -> None:
        self.counters.retries += 1
        if isinstance(error, psycopg.errors.DiskFull):
            self.fullness.refuse()
        reason = " ".join(str(error).split())
        if reason != self.complaint:
            self.complaint = reason
            log.warning("a batch cannot be committed; it is kept, trying again", reason=reason)
        await self._disconnect()

    async def _disconnect(self) -> None:
        if self.connection is not None:
            await self.connection.close()
            self.connection = None


def _isolate(part: Part, error: Exception) -> list[Part]:
    """Halves, then an edge's single items, then the one message with its fault; in reverse, as a stack takes them."""
    if len(part.messages) > 1:
        middle = len(part.messages) // 2
        return [Part(part.messages[middle:]), Part(part.messages[:middle])]
    pieces = edge_reader.split(part.messages[0])
    if len(pieces) > 1:
        return [Part([piece]) for piece in reversed(pieces)]
    return [Part(part.messages, fault=" ".join(str(error).split())[:500] or type(error).__name__)]


async def _either(one: object, other: Stopping) -> None:
    """Wait for the first of both; the first is cancelled when the other comes before it."""
    waiting = asyncio.ensure_future(one)  # type: ignore[call-overload]
    await asyncio.wait((waiting, other), return_when=asyncio.FIRST_COMPLETED)
    if not waiting.done():
        waiting.cancel()
