"""The uplink: speaks MQTT 5 with the platform. Brings the spool's items up until they are acknowledged as committed."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec
import structlog
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTMessageInfo, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from domain.camera import EdgeConfig
from domain.credential import edge_user
from domain.topic import Channel, EdgeTopic
from domain.wire import MAX_LIVE, MAX_PAYLOAD, EdgeAck, EdgeBatch, EdgeDown, EdgeState, LiveReply, LiveRequest
from edge.counters import Counters
from edge.endpoint import endpoint
from edge.flight import Flight
from edge.journal import JournalError
from edge.spool import Priority, Spool
from edge.storage import ROOMY, Told

log = structlog.get_logger(__name__)

MOST_BYTES = 220_000  # of a batch's bodies: with their frame below wire.MAX_PAYLOAD
KEEPALIVE_S = 20
MOST_WAIT_S = 10
_POLL_S = 5.0  # what is appended or acknowledged wakes the sender; this is for what must be sent again
_BYE_S = 2.0


@dataclass(frozen=True, slots=True)
class Lane:
    """A part of the spool with an order of its own. `window`: batches under way at a time."""

    priorities: tuple[Priority, ...]
    items: int  # of a batch
    flight: Flight


def lanes() -> tuple[Lane, ...]:
    """What the edge itself says goes strictly one batch after the other, beside what it relays, which is many and must
    be quick: several batches under way, in order as long as one worker commits them (ADR 18).
    """
    return (
        Lane((Priority.CLASS_I, Priority.CLASS_II, Priority.CLASS_III, Priority.HEALTH), 200, Flight(1)),
        Lane((Priority.FACT, Priority.TELEMETRY), 1000, Flight(8)),
    )


@dataclass(frozen=True, slots=True)
class Broker:
    """Where to connect, and as whom."""

    url: str
    edge: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Orders:
    """What is done with each thing heard on `down`; called on paho's thread, and must return at once.

    A live view's request comes with a function that sends its reply, from any thread.
    """

    configure: Callable[[EdgeConfig], None]
    live: Callable[[LiveRequest, Callable[[LiveReply], None]], None]


class Uplink:
    """Two threads: paho's, which hears, and a sender."""

    def __init__(self, broker: Broker, spool: Spool, orders: Orders, counters: Counters) -> None:
        self._broker, self._spool, self._orders, self._counters = broker, spool, orders, counters
        self._endpoint = endpoint(broker.url)
        self._topics = {
            channel: str(EdgeTopic(broker.edge, channel))
            for channel in (Channel.UP, Channel.ACK, Channel.DOWN, Channel.LIVE, Channel.STATE)
        }
        self._storage = ROOMY
        self._client = self._make_client()
        self._lock = threading.Lock()
        self._lanes = lanes()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="uplink", daemon=True)
        self._told = ""

    def open(self) -> None:
        """Begin to connect; an unreachable broker is tried again for ever."""
        self._client.connect_async(self._endpoint.host, self._endpoint.port, keepalive=KEEPALIVE_S, clean_start=True)
        self._client.loop_start()
        self._thread.start()

    def close(self) -> None:
        """Say goodbye and hang up; waits."""
        self._stop.set()
        self._spool.filled.set()
        self._thread.join()
        if self._client.is_connected():
            self._say_state(online=False).wait_for_publish(_BYE_S)
        self._client.disconnect()
        self._client.loop_stop()

    def tell(self, storage: Told) -> None:
        """The disk's state has changed: it goes beside the spool, which a full disk does not let grow."""
        self._storage = storage
        if self._client.is_connected():
            self._say_state(online=True)

    def _make_client(self) -> Client:
        user = edge_user(self._broker.edge)
        client = Client(CallbackAPIVersion.VERSION2, client_id=user, protocol=MQTTv5)
        client.username_pw_set(user, self._broker.secret)
        client.reconnect_delay_set(1, MOST_WAIT_S)
        client.max_queued_messages_set(64)
        if self._endpoint.secure:
            client.tls_set()
        client.will_set(self._topics[Channel.STATE], _state(None), qos=1, retain=True)
        client.on_connect = self._connected
        client.on_connect_fail = lambda *_: self._tell(f"the broker at {self._endpoint} cannot be reached")
        client.on_disconnect = self._disconnected
        client.on_message = self._heard
        return client

    # On paho's thread.

    def _connected(
        self, client: Client, _: object, __: ConnectFlags, reason: ReasonCode, ___: Properties | None
    ) -> None:
        if reason.is_failure:
            self._tell(f"the broker at {self._endpoint} refuses this edge: {reason}")
            return
        self._told = ""
        log.info("connected to the broker", broker=str(self._endpoint))
        client.subscribe([(self._topics[Channel.ACK], 1), (self._topics[Channel.DOWN], 1)])
        self._say_state(online=True)
        with self._lock:
            for lane in self._lanes:
                lane.flight.restart()
        self._spool.filled.set()

    def _disconnected(
        self, _: Client, __: object, ___: DisconnectFlags, reason: ReasonCode, ____: Properties | None
    ) -> None:
        if not self._stop.is_set() and reason.is_failure and not self._told:  # else it never stood: why is told
            self._tell(f"the connection to the broker was lost: {reason}")

    def _heard(self, _: Client, __: object, message: MQTTMessage) -> None:
        try:
            if message.topic == self._topics[Channel.ACK]:
                self._acknowledged(msgspec.json.decode(message.payload, type=EdgeAck))
            elif not message.payload:  # how a retained message is taken away
                log.warning("this edge is revoked: it forgets its cameras")
                self._orders.configure(EdgeConfig(0, ()))
            else:
                self._ordered(msgspec.json.decode(message.payload, type=EdgeDown))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self._counters.add("messages_refused")
            log.warning("a message from the platform is not understood", topic=message.topic, why=str(error)[:300])
        except JournalError as error:
            self._counters.add("storage_refused")
            log.warning("an acknowledgement could not be recorded, the items will be sent again", why=str(error))
        except Exception:
            self._counters.add("messages_refused")
            log.exception("a message from the platform could not be handled", topic=message.topic)

    def _ordered(self, down: EdgeDown) -> None:
        if down.config is not None:
            self._orders.configure(down.config)
        if down.live is not None:
            self._orders.live(down.live, self._reply)

    def _reply(self, reply: LiveReply) -> None:
        """Said once and not kept: whoever asked has long gone when the line is down."""
        payload = msgspec.json.encode(reply)
        assert len(payload) <= MAX_LIVE
        if self._client.is_connected():
            self._client.publish(self._topics[Channel.LIVE], payload, qos=0)

    def _acknowledged(self, ack: EdgeAck) -> None:
        if ack.spool != self._spool.id:
            log.info("an acknowledgement is for a spool of before", spool=ack.spool)
            return
        self._counters.add("items_acknowledged", self._spool.acknowledge(ack.seqs))
        with self._lock:
            for lane in self._lanes:
                lane.flight.acknowledged(ack.seqs, time.monotonic())
        self._spool.filled.set()

    def _say_state(self, *, online: bool) -> MQTTMessageInfo:
        payload = _state(self._storage if online else None)
        return self._client.publish(self._topics[Channel.STATE], payload, qos=1, retain=True)

    def _tell(self, why: str) -> None:
        if why != self._told:  # once per outage, not at each attempt
            self._told = why
            log.warning("no uplink, trying again; items wait in the spool", why=why)

    # On the sender's thread.

    def _run(self) -> None:
        while not self._stop.is_set():
            self._spool.filled.clear()
            try:
                more = self._client.is_connected() and any(self._send(lane) for lane in self._lanes)
            except JournalError as error:
                self._tell(str(error))
                more = False
            except Exception:
                log.exception("the uplink failed to send")
                more = False
            if not more:
                self._spool.filled.wait(_POLL_S)

    def _send(self, lane: Lane) -> bool:
        """Send the lane's next batch if there is one and there is room; True when it was sent."""
        with self._lock:
            if not lane.flight.has_room(time.monotonic()):
                return False
            after = dict(lane.flight.after)
        portion = self._spool.waiting(lane.priorities, lane.items, MOST_BYTES, after)
        if not portion.items:
            return False
        payload = msgspec.json.encode(EdgeBatch(self._spool.id, portion.items))
        assert len(payload) <= MAX_PAYLOAD
        with self._lock:
            if lane.flight.after != after:  # connected anew meanwhile: all that is there goes again, in its order
                return True
            lane.flight.sent([item.seq for item in portion.items], portion.upto, time.monotonic())
        self._client.publish(self._topics[Channel.UP], payload, qos=1)
        self._counters.add("batches_sent")
        return True


def _state(storage: Told | None) -> bytes:
    """Presence, with the disk's state; None: the edge is not there."""
    if storage is None:
        return msgspec.json.encode(EdgeState(online=False))
    return msgspec.json.encode(EdgeState(True, datetime.now(UTC), storage.state, storage.why))
