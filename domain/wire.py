"""What travels on MQTT, as typed values; parsed at the edge of the system, trusted inside (DESIGN, MQTT)."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from domain.camera import EdgeConfig
from domain.code import Code, MetricName
from domain.scene import Scene, SubLabel

Aware = Annotated[datetime, msgspec.Meta(tz=True)]
Sequence = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Counter = Annotated[str, msgspec.Meta(pattern="^[a-z0-9_]{1,63}$")]
Short = Annotated[str, msgspec.Meta(max_length=200)]
Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
EventId = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}$")]
Box = tuple[float, float, float, float]  # x1, y1, x2, y2, relative to the picture, 0..1

MAX_PAYLOAD = 256 * 1024  # bytes; more is refused unread
MAX_SDP = 24 * 1024  # characters of a session description
CLOCK_BOUND_MS = 2000  # an edge's clock that is off by more is a fault: its evidence shows wrong times
MAX_LIVE = 600 * 1024  # bytes of a live view's message; a still picture is the greatest


class Telemetry(msgspec.Struct, frozen=True, omit_defaults=True):
    """`mc/v1/{site}/{device}/telemetry`. `units` names those that differ from the profile's. Flags may be booleans.

    The names of `values` are held against the profile: a pattern here would be matched again for each value.
    """

    ts: Aware
    values: Annotated[dict[str, float | bool], msgspec.Meta(min_length=1, max_length=200)]
    seq: Sequence | None = None
    units: dict[MetricName, Short] = {}


class EventPhase(StrEnum):
    """An event begins and ends, or is over at once."""

    BEGIN = "begin"
    END = "end"
    PULSE = "pulse"


class DeviceEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """`…/event`: a fault or event by the code of the device's profile."""

    ts: Aware
    code: Short
    phase: EventPhase = EventPhase.PULSE
    seq: Sequence | None = None
    text: Short = ""


class Transaction(msgspec.Struct, frozen=True, omit_defaults=True):
    """`…/transaction`: one sale on a scale. Masses in g, price in fen/kg, amount in fen."""

    ts: Aware
    tx_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    seq: Sequence
    product: Short
    gross_g: float
    tare_g: float
    net_g: float
    unit_price: float
    amount: float
    pay: Short = ""
    trace: Short = ""


class DeviceState(msgspec.Struct, frozen=True, omit_defaults=True):
    """`…/state`, retained, also the last will: presence."""

    online: bool
    ts: Aware | None = None


class Verdict(StrEnum):
    """Three-valued visibility: what is not visible is never a violation (DOMAIN §1)."""

    VIOLATING = "violating"
    COMPLIANT = "compliant"
    NOT_VISIBLE = "not_visible"


class Sample(msgspec.Struct, frozen=True):
    """One look at one subject: when (capture clock), where, how sure, and what it said."""

    at: Aware
    box: Box
    score: float
    verdict: Verdict


class EvidenceKind(StrEnum):
    """The parts of a scene event's evidence."""

    FRAME = "frame"
    BOXED = "boxed"
    CROP = "crop"
    CLIP = "clip"
    FRAME_REDACTED = "frame_redacted"
    BOXED_REDACTED = "boxed_redacted"
    CROP_REDACTED = "crop_redacted"
    STORYBOARD = "storyboard"  # the clip as a few still pictures, heads hidden


REDACTED = (
    EvidenceKind.FRAME_REDACTED,
    EvidenceKind.BOXED_REDACTED,
    EvidenceKind.CROP_REDACTED,
    EvidenceKind.STORYBOARD,
)


class EvidenceItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One piece of evidence by content. `begin`/`end` are the capture times that it covers."""

    kind: EvidenceKind
    sha256: Sha256
    media_type: Literal["image/jpeg", "video/mp4"]
    size: int
    begin: Aware
    end: Aware
    complete: bool = True  # False: a clip that does not contain first, best and last sample (with `why`)
    why: Short = ""
    of: Sha256 | None = None  # a redacted picture's original


class Link(msgspec.Struct, frozen=True):
    """A statement's place in its camera's chain (ADR 17): `previous` is the hash of the statement before it."""

    chain: EventId  # the spool's: a new spool begins a new chain
    index: Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
    previous: Sha256


class SceneBegan(msgspec.Struct, frozen=True, tag="scene_began", tag_field="kind"):
    """A scene became a violation: all gates passed (DOMAIN §1). `why` is the named reason."""

    id: EventId
    camera: Code
    scene: Scene
    zone: Code
    track: int
    first: Aware
    best: Aware
    last: Aware
    why: Short
    samples: Annotated[tuple[Sample, ...], msgspec.Meta(max_length=200)]
    model: Sha256
    rule_version: int
    evidence: tuple[EvidenceItem, ...] = ()
    label: SubLabel = SubLabel.NONE  # decides which of the scene's alert rules is meant
    link: Link | None = None


class SceneEnded(msgspec.Struct, frozen=True, tag="scene_ended", tag_field="kind"):
    """The same scene is compliant again and has cooled down; `id` is the began event's."""

    id: EventId
    camera: Code
    at: Aware
    why: Short
    link: Link | None = None


class EvidenceAdded(msgspec.Struct, frozen=True, tag="evidence", tag_field="kind"):
    """Evidence that was ready later than the scene event (the clip's after-roll)."""

    id: EventId
    camera: Code
    item: EvidenceItem
    link: Link | None = None


class EvidenceMissing(msgspec.Struct, frozen=True, tag="evidence_missing", tag_field="kind"):
    """Evidence of a scene event that will never come, and why; with `sha256` it was announced before."""

    id: EventId
    camera: Code
    part: EvidenceKind
    at: Aware
    why: Short
    sha256: Sha256 | None = None
    link: Link | None = None


Statement = SceneBegan | SceneEnded | EvidenceAdded | EvidenceMissing  # what a camera's chain is made of


class Health(StrEnum):
    """Camera integrity states (DOMAIN §1), all but the first in the order in which one hides another."""

    OK = "OK"
    OFFLINE = "OFFLINE"
    STALLED = "STALLED"
    BLACK = "BLACK"
    OCCLUDED = "OCCLUDED"
    BLURRED = "BLURRED"
    FROZEN = "FROZEN"
    MOVED = "MOVED"
    REPLAYED = "REPLAYED"
    LOW_FPS = "LOW_FPS"


class CameraHealth(msgspec.Struct, frozen=True, tag="health", tag_field="kind"):
    """A camera's state changed."""

    camera: Code
    at: Aware
    state: Health
    why: Short


class Relayed(msgspec.Struct, frozen=True, omit_defaults=True, tag="relayed", tag_field="kind"):
    """A device's own message, heard on the site's broker and carried through the spool (ADR 18)."""

    topic: Short
    payload: bytes
    heard: Aware
    retained: bool = False  # the site's broker kept it: it says nothing about now


class EdgeClock(msgspec.Struct, frozen=True, tag="clock", tag_field="kind"):
    """By how much an edge's clock was ahead of the platform's (ms, negative: behind), at `at` by its own clock.

    Half the round trip bounds the error.
    """

    at: Aware
    offset_ms: Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
    rtt_ms: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class EdgeShed(msgspec.Struct, frozen=True, tag="shed", tag_field="kind"):
    """An edge's spool was full: so many items were shed since it began, the oldest of the least important ones."""

    at: Aware
    shed: Sequence


class EdgeLoad(msgspec.Struct, frozen=True, tag="load", tag_field="kind"):
    """How an edge keeps up (ADR 16): at which step of its ladder it stands, and what that means.

    `periods`: ordinary cameras are visited so many times as rarely; `frames`: their candidates get this share of the
    looks that they want. `missed`: periods in which a camera was not visited, since the edge began; so are `counters`.
    """

    at: Aware
    step: Annotated[int, msgspec.Meta(ge=0, le=100)]
    periods: Annotated[float, msgspec.Meta(ge=1, le=100)]
    frames: Annotated[float, msgspec.Meta(gt=0, le=1)]
    patrolled: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
    promoted: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
    missed: Sequence
    counters: Annotated[dict[Counter, Sequence], msgspec.Meta(max_length=100)] = {}  # all that it has counted


class ConfigApplied(msgspec.Struct, frozen=True, tag="config_applied", tag_field="kind"):
    """The edge follows its configuration from `at` on, but for the cameras that are refused, and why."""

    version: int
    at: Aware
    refused: dict[Code, Short] = {}


EdgeBody = Statement | CameraHealth | Relayed | EdgeClock | EdgeShed | EdgeLoad | ConfigApplied


class Storage(StrEnum):
    """How an edge's disk is: what it must keep has room, sheds what is least important, or cannot be written."""

    OK = "OK"
    SHEDDING = "SHEDDING"
    FULL = "FULL"


class EdgeState(msgspec.Struct, frozen=True, omit_defaults=True):
    """`mc/v1/edge/{edge}/state`, retained, also the last will (which knows nothing of the disk: `storage` None).
    The disk's state goes this way and not through the spool: a full disk takes no item that says so.
    """

    online: bool
    ts: Aware | None = None
    storage: Storage | None = None
    why: Short = ""


class EdgeItem(msgspec.Struct, frozen=True):
    """One spooled item; `seq` is unique within its spool."""

    seq: Sequence
    body: msgspec.Raw  # one EdgeBody, decoded item by item so that one bad item does not sink its batch


class EdgeBatch(msgspec.Struct, frozen=True):
    """`mc/v1/edge/{edge}/up`. `spool` names the spool file's life, so that a lost spool may count from 1 again."""

    spool: EventId
    items: Annotated[tuple[EdgeItem, ...], msgspec.Meta(min_length=1, max_length=1000)]


class EdgeAck(msgspec.Struct, frozen=True):
    """`…/ack`: the committed (or dead-lettered) seqs; a list, since shared workers finish out of order."""

    spool: EventId
    seqs: tuple[Sequence, ...]


class LiveOffer(msgspec.Struct, frozen=True, tag="offer", tag_field="kind"):
    """A person wants to watch, `until` then at most. `view` is the ticket's number (one view each), `viewer` whose."""

    id: EventId  # of this request; its reply repeats it
    camera: Code
    view: EventId
    viewer: int
    sdp: Annotated[str, msgspec.Meta(max_length=MAX_SDP)]
    until: Aware | None = None


class LiveEnd(msgspec.Struct, frozen=True, tag="end", tag_field="kind"):
    """The person has seen enough."""

    id: EventId
    camera: Code
    view: EventId
    viewer: int


class LiveLook(msgspec.Struct, frozen=True, tag="look", tag_field="kind"):
    """A person wants one still picture; `redacted`: with every head hidden."""

    id: EventId
    camera: Code
    redacted: bool = True


LiveRequest = LiveOffer | LiveEnd | LiveLook


class LiveRefusal(StrEnum):
    """Why an edge does not show a camera (ADR 14)."""

    CAMERA = "camera"  # this edge does not watch it
    NO_PICTURE = "no_picture"  # it sends none now
    CODEC = "codec"  # not H.264: passed through, few browsers could show it
    REORDERED = "reordered"  # B-frames: WebRTC has no way to say in which order they are shown
    OFFER = "offer"  # not understood, or not of one H.264 video that is only received
    VIEWERS = "viewers"  # the camera has as many as it may have
    BUSY = "busy"  # the edge has
    USED = "used"  # the ticket was used before
    VIEW = "view"  # no such view, or another person's
    FAILED = "failed"


class LiveAnswer(msgspec.Struct, frozen=True, tag="answer", tag_field="kind"):
    """The edge's session description for an offer."""

    id: EventId
    sdp: Annotated[str, msgspec.Meta(max_length=MAX_SDP)]


class LivePicture(msgspec.Struct, frozen=True, tag="picture", tag_field="kind"):
    """The newest keyframe as JPEG, captured at `at`. `redacted`: heads are hidden; an older edge cannot say so."""

    id: EventId
    at: Aware
    jpeg: bytes
    redacted: bool = False


class LiveEnded(msgspec.Struct, frozen=True, tag="ended", tag_field="kind"):
    """The view is over and all that it held is free."""

    id: EventId


class LiveRefused(msgspec.Struct, frozen=True, tag="refused", tag_field="kind"):
    """The request is not granted."""

    id: EventId
    reason: LiveRefusal


LiveReply = LiveAnswer | LivePicture | LiveEnded | LiveRefused


class EdgeDown(msgspec.Struct, frozen=True, omit_defaults=True):
    """`…/down`: retained, the edge's whole configuration; or, not retained, a live view's request."""

    config: EdgeConfig | None = None
    live: LiveRequest | None = None
