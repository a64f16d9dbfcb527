"""The relay: hears the site's devices on the site's own broker and puts what they say into the spool (ADR 18).

A message is acknowledged when it is on this disk. What is not acknowledged stays with the site's broker: it keeps a
session for this edge, and sends no more than RECEIVE_MAXIMUM messages beyond the acknowledged ones.
"""

import queue
import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

import structlog
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from domain.credential import edge_user
from domain.topic import DEVICE_CHANNELS, FOREIGN, ROOT, Channel
from domain.wire import Relayed
from edge.counters import Counters
from edge.endpoint import endpoint
from edge.journal import JournalError
from edge.spool import MOST_BODY, Draft, Priority, Spool

log = structlog.get_logger(__name__)

RECEIVE_MAXIMUM = 1000
KEEPALIVE_S = 20
SESSION_S = 14 * 86400  # the site's broker keeps our messages so long while we are away
MOST_WAIT_S = 10
MOST_PAYLOAD = (MOST_BODY - 1000) * 3 // 4  # bytes: in base64, with topic and frame, within an item
_POLL_S = 0.5
_FACTS = (f"/{Channel.EVENT}", f"/{Channel.TRANSACTION}")


@dataclass(frozen=True, slots=True)
class SiteBroker:
    """The site's own broker. `authority`: a file of certificates to trust instead of the system's."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)
    protocol: Literal["5", "3.1.1"] = "5"
    authority: Path | None = None


class Heard(NamedTuple):
    """One message as the site's broker delivered it. `mid` is valid within its session: they count our connections."""

    topic: str
    payload: bytes
    at: datetime
    retained: bool
    mid: int
    qos: int
    session: int


class Relay:
    """Two threads: paho's, which hears, and one that keeps and then acknowledges, many messages at a time."""

    def __init__(
        self, site: SiteBroker, edge: str, spool: Spool, counters: Counters, moment: Callable[[], datetime]
    ) -> None:
        """`moment`: the platform's time, by which it judges the devices' clocks."""
        self._site, self._spool, self._counters, self._moment = site, spool, counters, moment
        self._endpoint = endpoint(site.url)
        self._modern = site.protocol == "5"
        self._client = self._make_client(edge_user(edge))
        # Those of the session before may still wait when the broker brings them again.
        self._waiting: queue.Queue[Heard] = queue.Queue(2 * RECEIVE_MAXIMUM)
        self._lock = threading.Lock()
        self._sites: frozenset[str] = frozenset()
        self._left: set[str] = set()  # the site's broker may still hold subscriptions to these
        self._session = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)
        self._told = ""

    def open(self) -> None:
        """Begin to connect; an unreachable broker is tried again for ever."""
        where = (self._endpoint.host, self._endpoint.port, KEEPALIVE_S)
        if self._modern:
            self._client.connect_async(*where, clean_start=False, properties=_session())
        else:
            self._client.connect_async(*where)
        self._client.loop_start()
        self._thread.start()

    def close(self) -> None:
        """Keep what is in hand, and hang up; the broker keeps the rest for us."""
        self._stop.set()
        self._thread.join()
        self._client.disconnect()
        self._client.loop_stop()

    def serve(self, sites: Collection[str]) -> None:
        """Relay for the devices of these sites from now on. From any thread."""
        with self._lock:
            self._left |= self._sites.difference(sites)
            before, self._sites = self._sites, frozenset(sites)
            if self._client.is_connected():
                self._subscribe(self._sites - before)

    def _make_client(self, name: str) -> Client:
        if self._modern:
            client = self._new_client(name, MQTTProtocolVersion.MQTTv5)
        else:
            client = self._new_client(name, MQTTProtocolVersion.MQTTv311, clean_session=False)
        if self._site.user:
            client.username_pw_set(self._site.user, self._site.password)
        if self._endpoint.secure:
            client.tls_set(None if self._site.authority is None else str(self._site.authority))
        client.reconnect_delay_set(1, MOST_WAIT_S)
        client.on_connect = self._connected
        client.on_connect_fail = lambda *_: self._tell(f"the site's broker at {self._endpoint} cannot be reached")
        client.on_disconnect = self._disconnected
        client.on_subscribe = self._subscribed
        client.on_message = self._heard
        return client

    def _new_client(self, name: str, protocol: MQTTProtocolVersion, clean_session: bool | None = None) -> Client:
        return Client(
            CallbackAPIVersion.VERSION2,
            client_id=name,
            clean_session=clean_session,
            protocol=protocol,
            manual_ack=True,
        )

    def _subscribe(self, sites: Collection[str]) -> None:
        for site in self._left - self._sites:
            self._client.unsubscribe(_filters(site))
        self._left.clear()
        for site in sorted(sites):
            if self._modern:  # what is retained is sent once, and not again with each connection
                options = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)
                self._client.subscribe([(name, options) for name in _filters(site)])
            else:
                self._client.subscribe([(name, 1) for name in _filters(site)])

    # On paho's thread.

    def _connected(self, _: Client, __: object, ___: ConnectFlags, reason: ReasonCode, ____: Properties | None) -> None:
        if reason.is_failure:
            self._tell(f"the site's broker at {self._endpoint} refuses this edge: {reason}")
            return
        self._told = ""
        log.info("connected to the site's broker", broker=str(self._endpoint))
        self._session += 1
        with self._lock:
            self._subscribe(self._sites)

    def _disconnected(
        self, _: Client, __: object, ___: DisconnectFlags, reason: ReasonCode, ____: Properties | None
    ) -> None:
        if not self._stop.is_set() and reason.is_failure:
            self._tell(f"the connection to the site's broker was lost: {reason}")

    def _subscribed(
        self, _: Client, __: object, ___: int, reasons: Sequence[ReasonCode], ____: Properties | None
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            self._tell(f"the site's broker at {self._endpoint} does not let this edge read its devices' topics")

    def _heard(self, _: Client, __: object, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = "(a topic that is not UTF-8)"
        heard = Heard(
            *(topic, bytes(message.payload), self._moment(), message.retain),
            *(message.mid, message.qos, self._session),
        )
        while not self._stop.is_set():
            try:
                # Full only when the disk takes nothing and the broker knows no receive-maximum: then we stop reading.
                self._waiting.put(heard, timeout=_POLL_S)
                return
            except queue.Full:
                continue

    def _tell(self, why: str) -> None:
        if why != self._told:  # once per outage, not at each attempt
            self._told = why
            log.warning("no local telemetry, trying again", why=why)

    # On the keeper's thread.

    def _run(self) -> None:
        while not self._stop.is_set():
            batch = self._next()
            try:
                if batch and self._keep(batch):
                    self._acknowledge(batch)
            except Exception:
                log.exception("the relay failed; with the next connection these messages come again", items=len(batch))
                self._stop.wait(_POLL_S)

    def _next(self) -> list[Heard]:
        """All that has come, at least one unless nothing came for a while: one commit for all of it."""
        batch = list[Heard]()
        with suppress(queue.Empty):
            batch.append(self._waiting.get(timeout=_POLL_S))
            while len(batch) < RECEIVE_MAXIMUM:
                batch.append(self._waiting.get_nowait())
        return batch

    def _keep(self, batch: Sequence[Heard]) -> bool:
        """Put them on the disk, whatever it takes; False when told to stop before."""
        drafts = [draft(heard) for heard in batch if self._fits(heard)]
        while True:
            try:
                self._spool.append(drafts)
            except JournalError as error:
                self._tell(str(error))
                if self._stop.wait(1.0):
                    return False
            else:
                self._counters.add("relayed", len(drafts))
                return True

    def _fits(self, heard: Heard) -> bool:
        if len(heard.payload) + len(heard.topic) <= MOST_PAYLOAD:
            return True
        self._counters.add("relay_refused")
        log.warning("a device's message is too large to be relayed", topic=heard.topic[:200], bytes=len(heard.payload))
        return False

    def _acknowledge(self, batch: Sequence[Heard]) -> None:
        for heard in batch:
            if heard.session == self._session:
                self._client.ack(heard.mid, heard.qos)


def draft(heard: Heard) -> Draft:
    """What is spooled of a message: events and transactions are said once, hence graver than telemetry."""
    priority = Priority.FACT if heard.topic.endswith(_FACTS) else Priority.TELEMETRY
    return Draft(priority, Relayed(heard.topic, heard.payload, heard.at, heard.retained))


def _filters(site: str) -> list[str]:
    """Of the site's devices: what they say in our language, and all that they say in a vendor's own."""
    return [*(f"{ROOT}/{site}/+/{channel}" for channel in sorted(DEVICE_CHANNELS)), f"{FOREIGN}/{site}/#"]


def _session() -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = SESSION_S
    properties.ReceiveMaximum = RECEIVE_MAXIMUM
    return properties
