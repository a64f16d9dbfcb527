"""The broker: a session that outlives our connections, what we hear in it, acknowledgement after commit."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

import structlog

from domain.topic import FOREIGN, ROOT, Channel
from ingest import clock, packet, sparkplug
from ingest.backoff import Backoff
from ingest.config import IngestConfig
from ingest.counters import Counters
from ingest.inbox import RECEIVE_MAXIMUM, Inbox
from ingest.message import Message
from ingest.packet import Login, Publication
from ingest.retirement import LAST, Retirement
from ingest.session import Address, LinkLostError, Session, address, open_session

log = structlog.get_logger()

_SESSION_S = 14 * 86400  # the broker keeps our messages so long while we are away
_KEEP_ALIVE_S = 30
_MOST_PACKET = 8 * 1024 * 1024  # a bound for a broker without one; larger payloads than ours become dead letters
_MOST_TOPICS = 200_000  # names that are remembered as text
_FLOOD = (
    *(f"{ROOT}/+/+/{channel}" for channel in ("telemetry", "event", "transaction", "up")),
    f"{FOREIGN}/+/+/#",
)
# Presence is not shared: a shared subscription brings no retained messages, and workers that took turns could write
# them in any order. Each worker hears and writes every state; whoever is last writes the newest.
# Nor is Sparkplug: a node's data can be read only after its birth. The ledger knows what another worker has landed.
_OWN = (
    f"{ROOT}/+/+/{Channel.STATE}",
    *(f"{sparkplug.ROOT}/+/{kind}/+" for kind in sparkplug.NODE_KINDS),
    *(f"{sparkplug.ROOT}/+/{kind}/+/+" for kind in sparkplug.DEVICE_KINDS),
)
_FORMER_GROUP = "ingest"  # sessions of before the group's name was a secret still have it


@dataclass(slots=True)
class Link:
    """Brings messages into the inbox, for ever or until retired; carries acknowledgements and answers back."""

    config: IngestConfig
    inbox: Inbox
    counters: Counters
    retirement: Retirement | None = None  # where that is wanted
    retained: dict[str, bytes] = field(default_factory=dict)  # what must stand on the broker
    told: dict[str, bytes] = field(default_factory=dict)  # what this connection has published of it
    number: int = 0  # of the connection
    session: Session | None = None  # while we are let in
    topics: dict[bytes, str] = field(default_factory=dict)

    async def run(self) -> None:
        """Connect, and again whenever the connection ends, until cancelled or retired."""
        where, backoff, complaint = address(self.config.mqtt_url), Backoff(), ""
        while self.retirement is None or not self.retirement.over:
            await self.inbox.roomy.wait()  # until then a connection would only bring again what waits here already
            try:
                await self._attend(where, backoff)
            except LinkLostError as error:
                if str(error) != complaint:
                    complaint = str(error)
                    log.warning("no broker; messages wait there, trying again", reason=complaint)
            await backoff.wait()

    async def _attend(self, where: Address, backoff: Backoff) -> None:
        """One connection, to its end; raises LinkLostError."""
        self.number += 1
        session = await open_session(where, _login(self.config), self._hear)
        self.told.clear()
        self.session, self.inbox.room = session, session.resume
        if self.retirement is not None:
            self.retirement.begin(session)
        try:
            await session.enter(*(_wanted(self.config) if self.retirement is None else _none(self.config)), where)
            self.counters.linked = 1
            log.info("broker connected", host=where.host, port=where.port)
            backoff.reset()
            self.keep(self.retained)
            if self.retirement is not None:
                self.retirement.ask()
            why = await session.run()
        finally:
            self.session, self.counters.linked = None, 0
            session.close()
        if self.retirement is None or not self.retirement.over:
            raise LinkLostError(f"the connection to {where} ended: {why}")

    def _hear(self, publications: Iterable[Publication]) -> None:
        if self.retirement is not None:
            publications = self.retirement.heard(publications)
        now, number = clock.now(), self.number
        messages = [
            Message(self._topic(one.topic), one.payload, now, one.qos, one.mid, number, one.retained)
            for one in publications
        ]
        self.counters.received += len(messages)
        self.inbox.put(messages)
        if self.inbox.full and self.session is not None:
            self.session.pause()

    def _topic(self, name: bytes) -> str:
        found = self.topics.get(name)
        if found is None:
            if len(self.topics) >= _MOST_TOPICS:
                self.topics.clear()
            found = self.topics[name] = _text(name)
        return found

    def acknowledge(self, messages: Iterable[Message]) -> None:
        """After commit. Those of an ended connection are brought again by the broker, and the ledger will know them."""
        if self.session is not None:
            ours = [message for message in messages if message.session == self.number]
            self.session.write(packet.acknowledge([message.mid for message in ours if message.qos]))
            if self.retirement is not None:
                self.retirement.landed(len(ours))

    def publish(self, topic: str, payload: bytes, qos: int = 1) -> None:
        """At least once while connected (at most once at QoS 0); else never, and the edge will ask again."""
        if self.session is not None and qos:
            self.session.publish(topic, payload)
        elif self.session is not None:
            self.session.write(packet.publish(topic, payload, 0))

    def keep(self, retained: Mapping[str, bytes]) -> None:
        """Have these stand on the broker, now and after each reconnection."""
        self.retained = dict(retained)
        if self.session is not None:
            for topic, payload in self.retained.items():
                if self.told.get(topic) != payload:
                    self.session.publish(topic, payload, retain=True)
                    self.told[topic] = payload


def enrol(config: IngestConfig) -> None:
    """Subscribe and leave, so that the broker keeps for this worker what devices say before its first connection.

    A broker acknowledges a message that nobody has subscribed to, and drops it. Blocks; raises LinkLostError.
    """
    asyncio.run(_enrol(address(config.mqtt_url), config))


async def _enrol(where: Address, config: IngestConfig) -> None:
    session = await open_session(where, _login(config), lambda _: None)  # what an earlier life left there stays there
    try:
        await session.enter(*_wanted(config), where)
    finally:
        session.close()


def _wanted(config: IngestConfig) -> tuple[list[str], list[str]]:
    """What we hear, and what we leave: a session of before may have shared where we are alone now, or the reverse."""
    shares, former = _shares(_group(config)), _shares(_FORMER_GROUP)
    if config.shared:
        return [*shares, *_OWN], [*_FLOOD, *former]
    return [*_FLOOD, *_OWN], [*shares, *former]


def _none(config: IngestConfig) -> tuple[list[str], list[str]]:
    """What a retiring worker hears, and all that it leaves."""
    return [LAST], [*_FLOOD, *_OWN, *_shares(_group(config)), *_shares(_FORMER_GROUP)]


def _shares(group: str) -> list[str]:
    return [f"$share/{group}/{topic}" for topic in _FLOOD]


def _group(config: IngestConfig) -> str:
    """mosquitto lets anybody join a shared subscription, and drops the share of those who may not read.

    So nobody but the services, who share a password, can know the group's name.
    """
    return blake2b(config.mqtt_password.encode(), digest_size=16, person=b"share group").hexdigest()


def _login(config: IngestConfig) -> Login:
    return Login(
        client_id=f"{config.mqtt_user}-ingest-{config.name}",
        user=config.mqtt_user,
        password=config.mqtt_password,
        keep_alive_s=_KEEP_ALIVE_S,
        session_s=_SESSION_S,
        receive_maximum=RECEIVE_MAXIMUM,
        most_packet=_MOST_PACKET,
    )


def _text(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError:
        return "(a topic that is not UTF-8)"
