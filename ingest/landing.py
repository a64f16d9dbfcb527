"""What one batch of messages says, sorted by where it goes, before it is known which of it is new."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.quality import Quality
from domain.wire import (
    CameraHealth,
    ConfigApplied,
    EdgeClock,
    EdgeLoad,
    EdgeState,
    EvidenceAdded,
    EvidenceMissing,
    SceneBegan,
    SceneEnded,
)
from ingest.message import message_key
from ingest.profile_table import ProfileTable, Shape
from ingest.refusal import RefusedError, UnauthorisedError, UnknownSenderError
from ingest.sparkplug import Nodes
from store.dead_letters import DeadLetter
from store.device_events import EventRow, TransactionRow
from store.ledger import LedgerRows
from store.leftovers import Leftover
from store.presence import Heard, Told
from store.sparkplug import BirthRow


@dataclass(slots=True)
class Measured:
    """Telemetry of one profile: parallel lists, one item per message; `values` of all messages in one flat list."""

    table: ProfileTable
    entry: list[int] = field(default_factory=list)  # the message's place in the ledger rows
    device: list[int] = field(default_factory=list)
    time: list[int] = field(default_factory=list)  # µs
    quality: list[int] = field(default_factory=list)
    shape: list[Shape] = field(default_factory=list)
    values: list[float | bool] = field(default_factory=list)

    def add(
        self, entry: int, device: int, stamp: tuple[int, Quality], shape: Shape, values: list[float | bool]
    ) -> None:
        self.entry.append(entry)
        self.device.append(device)
        self.time.append(stamp[0])
        self.quality.append(stamp[1])
        self.shape.append(shape)
        self.values.extend(values)


@dataclass(frozen=True, slots=True)
class Begun:
    """A scene event of one of the edge's cameras; `payload` is the statement as it came."""

    entry: int
    camera: int
    said: SceneBegan
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Healthy:
    """A camera's health; `time` (µs) has passed the clock policy."""

    entry: int
    camera: int
    time: int
    said: CameraHealth


@dataclass(frozen=True, slots=True)
class Applied:
    """What an edge has made of its configuration; `time` (µs) has passed the clock policy."""

    entry: int
    edge: int
    time: int
    said: ConfigApplied


@dataclass(frozen=True, slots=True)
class Loaded:
    """How an edge keeps up; its time has passed the clock policy."""

    entry: int
    edge: int
    said: EdgeLoad


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which edge's spool an item lies."""

    edge: str
    edge_id: int
    spool: str
    seq: int


@dataclass(frozen=True, slots=True)
class Follower:
    """An item that is worth something only when its scene event is stored."""

    place: Place
    camera: int
    time: int  # the item's own, µs
    said: SceneEnded | EvidenceAdded | EvidenceMissing
    payload: bytes


@dataclass(frozen=True, slots=True)
class Ended:
    """A follower whose scene event is known."""

    entry: int
    camera: int
    scene: str
    zone: str
    said: SceneEnded
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Added:
    """Later evidence, or the word that there is none, whose scene event is known."""

    entry: int
    camera: int
    said: EvidenceAdded | EvidenceMissing
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Stored:
    """How an edge says that its disk is; `time` (µs) has passed the clock policy."""

    edge: int
    time: int
    said: EdgeState


@dataclass(frozen=True, slots=True)
class Clocked:
    """An edge's clock, measured; `time` (µs) has passed the clock policy."""

    entry: int
    edge: int
    time: int
    said: EdgeClock


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A message that lands but for what the reason names. `entries`: its places in the ledger rows.

    `heard` (µs): by which its time was judged. `landed`: the metrics of it that are stored.
    """

    topic: str
    payload: bytes
    heard: int
    reason: str
    landed: tuple[str, ...]
    entries: Sequence[int]

    @property
    def letter(self) -> DeadLetter:
        """One for all messages of a topic and a reason; more of it only counts up."""
        key = message_key(self.topic, self.reason.encode())
        return DeadLetter(key, self.topic, self.payload, self.reason, partial=True)

    @property
    def leftover(self) -> Leftover:
        key = message_key(self.topic, self.payload)
        return Leftover(self.letter.key, key, self.heard, self.payload, self.landed)


@dataclass(slots=True)
class Landing:
    """One batch. Everything but dead letters and presence refers to its message's place in `ledger`."""

    ledger: LedgerRows = field(default_factory=LedgerRows)
    measured: dict[str, Measured] = field(default_factory=dict)  # by profile
    events: list[tuple[int, ProfileTable, EventRow]] = field(default_factory=list)
    transactions: list[tuple[int, ProfileTable, TransactionRow]] = field(default_factory=list)
    begun: list[Begun] = field(default_factory=list)
    healths: list[Healthy] = field(default_factory=list)
    applied: list[Applied] = field(default_factory=list)
    loads: list[Loaded] = field(default_factory=list)
    followers: list[Follower] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)
    added: list[Added] = field(default_factory=list)
    clocks: list[Clocked] = field(default_factory=list)
    shed: list[tuple[int, int, int]] = field(default_factory=list)  # entry, edge, how many
    stored: list[Stored] = field(default_factory=list)
    dead: list[DeadLetter] = field(default_factory=list)
    left: list[LeftOut] = field(default_factory=list)
    devices: dict[int, Heard] = field(default_factory=dict)
    edges: dict[int, Heard] = field(default_factory=dict)
    told: dict[int, Told] = field(default_factory=dict)  # by device
    acks: dict[tuple[str, str], list[int]] = field(default_factory=dict)  # (edge, spool) → seqs
    unauthorised: list[tuple[str, str]] = field(default_factory=list)  # topic and reason, for the security log
    nodes: Nodes = field(default_factory=Nodes)  # Sparkplug's, as this batch leaves them
    births: list[BirthRow] = field(default_factory=list)
    rebirths: set[tuple[str, str]] = field(default_factory=set)  # nodes to be asked for their births
    unknown: bool = False  # a sender or camera is not in the roster: a fresher roster may know it

    def ack(self, place: Place) -> None:
        """The edge may forget this item once the batch is committed."""
        self.acks.setdefault((place.edge, place.spool), []).append(place.seq)

    def refuse(self, topic: str, payload: bytes, reason: RefusedError, key: bytes | None = None) -> None:
        """Keep the whole message as a dead letter."""
        self.unknown = self.unknown or isinstance(reason, UnknownSenderError)
        if isinstance(reason, UnauthorisedError):
            self.unauthorised.append((topic, str(reason)))
        self.dead.append(DeadLetter(key or message_key(topic, payload), topic, payload, str(reason)))

    def note(self, topic: str, payload: bytes, reason: str) -> None:
        """Say once per topic and reason what of a landed message was left out; more of it only counts up."""
        self.dead.append(DeadLetter(message_key(topic, reason.encode()), topic, payload, reason, partial=True))

    def measure(self, table: ProfileTable) -> Measured:
        """Where the telemetry of that profile goes."""
        found = self.measured.get(table.profile.code)
        if found is None:
            found = self.measured[table.profile.code] = Measured(table)
        return found

    def hear(self, kind: dict[int, Heard], source: int, seen: int, online: bool | None) -> None:
        """Somebody spoke at `seen` (µs, 0: not himself), in the order of arrival."""
        heard = kind.get(source)
        if heard is None:
            heard = kind[source] = Heard()
        heard.seen = max(heard.seen, seen)
        if online is not None:
            heard.online = online
