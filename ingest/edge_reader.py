"""Reads what an edge says into a landing: its presence, and its batches item by item."""

from dataclasses import dataclass
from typing import assert_never

import msgspec

from domain import topic
from domain.topic import Channel, DeviceTopic, EdgeTopic, ForeignTopic
from domain.wire import (
    CameraHealth,
    ConfigApplied,
    DeviceState,
    EdgeBatch,
    EdgeBody,
    EdgeClock,
    EdgeItem,
    EdgeLoad,
    EdgeShed,
    EdgeState,
    EvidenceAdded,
    EvidenceMissing,
    Relayed,
    SceneBegan,
    SceneEnded,
    Statement,
)
from ingest import clock, device_reader, foreign_reader
from ingest.device_reader import Speech, check_size, check_text, reason
from ingest.landing import Applied, Begun, Clocked, Follower, Healthy, Landing, Loaded, Place, Stored
from ingest.message import Message, item_key, message_key
from ingest.refusal import RefusedError, UnauthorisedError
from ingest.roster import Edge, Roster, Route
from store.presence import Told

_batch = msgspec.json.Decoder(EdgeBatch)
_body: msgspec.json.Decoder[EdgeBody] = msgspec.json.Decoder(EdgeBody)
_state = msgspec.json.Decoder(EdgeState)


def read(message: Message, where: EdgeTopic, roster: Roster, landing: Landing) -> None:
    """Add the message to the landing; raises RefusedError."""
    match where.channel:
        case Channel.UP:
            _read_batch(message, roster.edge(where.edge), roster, landing)
        case Channel.STATE:
            _read_state(message, roster.edge(where.edge), landing)
        case _:
            raise RefusedError(f"an edge hears on {where.channel}, it does not speak there")


def _read_state(message: Message, edge: Edge, landing: Landing) -> None:
    try:
        said = _state.decode(message.payload)
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"not a state message: {reason(error)}") from None
    presence = DeviceState(said.online, said.ts)
    landing.hear(landing.edges, edge.id, device_reader.seen(presence, message.received, message.retained), said.online)
    if said.storage is not None:
        claimed = message.received if said.ts is None else clock.instant(said.ts)
        landing.stored.append(Stored(edge.id, clock.heard(claimed, message.received), said))


@dataclass(frozen=True, slots=True)
class _Batch:
    """Whose batch is read, heard when, by whom it may speak for, and where to."""

    message: Message
    edge: Edge
    spool: str
    roster: Roster
    landing: Landing

    def place(self, item: EdgeItem) -> Place:
        return Place(self.edge.code, self.edge.id, self.spool, item.seq)


def _read_batch(message: Message, edge: Edge, roster: Roster, landing: Landing) -> None:
    check_size(message.payload)
    try:
        said = _batch.decode(message.payload)
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"not an edge's batch: {reason(error)}") from None
    landing.hear(landing.edges, edge.id, message.received, True)
    batch = _Batch(message, edge, said.spool, roster, landing)
    for item in said.items:
        try:
            _read_item(item, batch)
        except RefusedError as error:
            landing.refuse(message.topic, bytes(item.body), error, item_key(said.spool, item.seq))
            landing.ack(batch.place(item))


def _read_item(item: EdgeItem, batch: _Batch) -> None:
    check_text(bytes(item.body))
    try:
        body = _body.decode(item.body)
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"item {item.seq} is none that an edge sends: {reason(error)}") from None
    if isinstance(body, Relayed):
        _read_relayed(body, batch)
        batch.landing.ack(batch.place(item))
    elif isinstance(body, EdgeClock | EdgeShed | EdgeLoad | ConfigApplied):
        _read_itself(body, item, batch)
    else:
        _read_own(body, batch.roster.camera(body.camera, batch.edge).id, item, batch)


def _read_own(body: Statement | CameraHealth, camera: int, item: EdgeItem, batch: _Batch) -> None:
    """What the edge itself says of one of its cameras."""
    place, landing = batch.place(item), batch.landing
    match body:
        case SceneBegan():
            entry = _enter(place, clock.instant(body.first), landing)
            landing.begun.append(Begun(entry, camera, body, bytes(item.body)))
        case CameraHealth():
            claimed = clock.instant(body.at)
            time, _ = clock.judge(claimed, batch.message.received)
            landing.healths.append(Healthy(_enter(place, claimed, landing), camera, time, body))
        case SceneEnded():
            landing.followers.append(Follower(place, camera, clock.instant(body.at), body, bytes(item.body)))
        case EvidenceAdded():
            landing.followers.append(Follower(place, camera, clock.instant(body.item.end), body, bytes(item.body)))
        case EvidenceMissing():
            landing.followers.append(Follower(place, camera, clock.instant(body.at), body, bytes(item.body)))
        case _:
            assert_never(body)


def _read_itself(body: EdgeClock | EdgeShed | EdgeLoad | ConfigApplied, item: EdgeItem, batch: _Batch) -> None:
    """What the edge says of itself."""
    claimed, landing = clock.instant(body.at), batch.landing
    time, _ = clock.judge(claimed, batch.message.received)
    entry = _enter(batch.place(item), claimed, landing)
    match body:
        case EdgeClock():
            landing.clocks.append(Clocked(entry, batch.edge.id, time, body))
        case EdgeShed():
            landing.shed.append((entry, batch.edge.id, body.shed))
        case ConfigApplied():
            landing.applied.append(Applied(entry, batch.edge.id, time, body))
        case EdgeLoad():
            said = msgspec.structs.replace(body, at=clock.moment(time))
            landing.loads.append(Loaded(entry, batch.edge.id, said))
        case _:
            assert_never(body)


def _enter(place: Place, claimed: int, landing: Landing) -> int:
    landing.ack(place)
    return landing.ledger.add(place.edge_id, item_key(place.spool, place.seq), claimed, place.seq, 1)


def enter_follower(follower: Follower, landing: Landing) -> int:
    """The follower's place in the ledger, once its scene event is known."""
    return _enter(follower.place, follower.time, landing)


def _read_relayed(body: Relayed, batch: _Batch) -> None:
    """A device's own message; its dead letter, if it comes to that, is the device's.

    Of a device that nobody registered the site's broker may bring one each second: the first is kept, the others count.
    """
    heard = clock.heard(clock.instant(body.heard), batch.message.received)
    try:
        where = _device(batch.roster.route(body.topic))
        speech = Speech(body.topic, body.payload, heard, batch.edge, body.retained)
        if isinstance(where, ForeignTopic):
            foreign_reader.read(speech, where, batch.roster, batch.landing)
        else:
            device_reader.read(speech, where, batch.roster, batch.landing)
        device = batch.roster.device(where, batch.edge)
        batch.landing.told[device.id] = Told(batch.edge.id, batch.message.received)
    except UnauthorisedError as error:
        batch.landing.refuse(body.topic, body.payload, error, message_key(body.topic, str(error).encode()))
    except RefusedError as error:
        batch.landing.refuse(body.topic, body.payload, error, message_key(body.topic, body.payload))


def _device(where: Route) -> DeviceTopic | ForeignTopic:
    if isinstance(where, DeviceTopic | ForeignTopic):
        return where
    raise RefusedError("an edge relays devices only")


def split(message: Message) -> list[Message]:
    """An edge's batch as one message per item, to find the one that the database refuses; else the message itself."""
    said = _batch_of(message)
    if said is None:
        return [message]
    parts = [EdgeBatch(said.spool, (item,)) for item in said.items]
    return [msgspec.structs.replace(message, payload=msgspec.json.encode(part)) for part in parts]


def refuse_whole(message: Message, error: RefusedError, landing: Landing) -> None:
    """Refuse a message; of an edge's batch each item, so that the edge may forget it."""
    said = _batch_of(message)
    if said is None:
        landing.refuse(message.topic, message.payload, error)
        return
    edge = message.topic.split("/")[3]
    for item in said.items:
        landing.refuse(message.topic, bytes(item.body), error, item_key(said.spool, item.seq))
        landing.ack(Place(edge, 0, said.spool, item.seq))


def _batch_of(message: Message) -> EdgeBatch | None:
    try:
        where = topic.parse(message.topic)
        if isinstance(where, EdgeTopic) and where.channel is Channel.UP:
            return _batch.decode(message.payload)
    except (ValueError, RecursionError):
        pass
    return None
