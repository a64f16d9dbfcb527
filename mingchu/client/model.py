"""What REST says and takes. Written by `mingchu client`: change the routes, not this file."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """How a device is let in."""
    profile: str
    vendor: str
    serial: str
    state: Literal["own", "behind", "revoked"]
    issued: datetime | None
    revoked: datetime | None


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One person who may log in, or no more."""
    id: int
    login: str
    name: str
    role: Role
    own_role: int | None
    role_name: Names | None
    permissions: list[Permission]
    authority: str | None
    operator: int | None
    vendor: str | None = None
    firm: int | None = None
    place: Names
    lang: str
    enabled: bool
    linked: bool
    may_change: bool


class AccountChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a manager may change of an account."""
    role: Role
    own_role: int | None = None
    name: str
    lang: Literal["zh", "en"] = "zh"


Action = Literal[
    "acknowledge", "report", "accept", "reject", "dismiss", "settle", "assign", "comment", "transfer",
    "supervise", "lift", "appeal", "uphold", "deny"
]

class ActionOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An action on an alert. `version` may come as If-Match instead."""
    version: int | None = None
    reason: str = ""


class AlertByHand(msgspec.Struct, frozen=True, kw_only=True):
    """Of which class, how long people have to act (without it, the class's own time), and in which words."""
    severity: Literal[1, 2, 3]
    hours: float | None = None
    words: str = ""


class AlertCase(msgspec.Struct, frozen=True, kw_only=True):
    """One alert with all that belongs to it, and what the reader may do."""
    id: int
    version: int
    severity: int
    status: Status
    condition: Condition
    rule: RuleName
    site: Named
    operator: Names
    subject: Subject
    zone: str
    why: str
    wording: Names
    began: datetime
    raised: datetime
    changed: datetime
    cleared: datetime | None
    due: datetime
    picture: str | None
    picture_awaited: bool
    responsible: Authority
    transferred: bool
    assignee: Assignee | None
    supervised: Supervision | None
    appeal_due: datetime | None
    actions: list[Action]
    rule_body: Rule | None
    scene: SceneSeen | None
    samples: list[Sample]
    measured: list[Measured]
    sources: list[AlertSource]
    members: list[Member]
    evidence: list[Evidence]
    expired: list[EvidenceExpired]
    missing: list[EvidenceGone]
    chain: EvidenceChain | None
    history: list[Step]
    clocks: list[AlertClock]
    rectifications: list[Rectification]
    reviews: list[Review]
    pushes: list[Push]
    comments: list[Comment]
    appeal: Appeal | None
    draw: Draw | None
    precision: Precision | None


class AlertClock(msgspec.Struct, frozen=True, kw_only=True):
    """One time limit of an alert; its names are its ladder's. Without `outcome` it runs."""
    zh: str
    en: str
    kind: str
    rung: str
    started: datetime
    due: datetime
    done: datetime | None
    outcome: Literal["fired", "cancelled", "failed"] | None
    paused: datetime | None


class AlertCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many alerts have that status and severity (finished ones: of the last 24 hours)."""
    status: Status
    severity: int
    n: int


class AlertEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A turn of an alert, an appeal against it, or a card for it."""
    specversion: Literal["1.0"]
    id: str
    source: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"]
    type: Literal[
        "mingchu.alert.opened", "mingchu.alert.recurred", "mingchu.alert.cleared",
        "mingchu.alert.acknowledged", "mingchu.alert.reported", "mingchu.alert.rejected",
        "mingchu.alert.closed", "mingchu.alert.dismissed", "mingchu.alert.transferred",
        "mingchu.alert.supervised", "mingchu.alert.overdue", "mingchu.alert.escalated", "mingchu.card.issued",
        "mingchu.appeal.filed", "mingchu.appeal.decided"
    ]
    data: AlertFacts


class AlertFacts(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as one step of its history left it. `version` says which of two is the newer."""
    alert: int
    version: int
    action: str
    by: Literal["operator", "authority", "system"]
    reason: str
    severity: int
    status: Status
    condition: Condition
    rule: RuleName
    site: EventSite
    device: Named | None
    camera: Named | None
    zone: str
    began: datetime
    raised: datetime
    due: datetime


class AlertPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the queue; `next` is the cursor of the following one, null at the end."""
    items: list[AlertSummary]
    next: str | None


AlertSide = Literal["both", "operator", "authority"]

class AlertSource(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that shares the alert with others; `over` is null while its own condition is still so."""
    code: str
    version: int
    zh: str
    en: str
    since: datetime
    over: datetime | None
    why: str
    wording: Names


class AlertSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the queue. `due` is when to acknowledge (class I) or to rectify (II, III)."""
    id: int
    version: int
    severity: int
    status: Status
    condition: Condition
    rule: RuleName
    site: Named
    operator: Names
    subject: Subject
    zone: str
    why: str
    wording: Names
    began: datetime
    raised: datetime
    changed: datetime
    cleared: datetime | None
    due: datetime
    picture: str | None
    picture_awaited: bool
    responsible: Authority
    transferred: bool
    assignee: Assignee | None
    supervised: Supervision | None
    appeal_due: datetime | None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The authority's answer to a complaint."""
    at: datetime
    by: str
    words: str
    closes: bool


class AnswerOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An answer; whoever complained reads it behind the receipt's link."""
    words: str
    closes: bool = False


class Appeal(msgspec.Struct, frozen=True, kw_only=True):
    """The operator's dispute, to be answered until `due`; `verdict` is null while it waits."""
    at: datetime
    by: str | None
    text: str
    photos: list[str]
    due: datetime
    decided: datetime | None
    verdict: Literal["upheld", "rejected"] | None
    reason: str


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """What the camera's edge has made of this version; `version` is that of the edge's whole configuration."""
    state: Literal["applied", "waiting", "refused", "removed"]
    version: int
    followed: int | None
    at: datetime | None
    why: str
    edge: str
    online: bool


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """How many letters will be read again; a partial one stands for all its messages."""
    letters: int


class AssignOrder(msgspec.Struct, frozen=True, kw_only=True):
    """To whom; null: to nobody any more."""
    version: int | None = None
    reason: str = ""
    person: int | None


class Assignee(msgspec.Struct, frozen=True, kw_only=True):
    """Who works on an alert; `name` is null where it is one of the other side's people."""
    id: int
    name: str | None


Attached = Literal["", "pdf", "xlsx"]

class AuditChain(msgspec.Struct, frozen=True, kw_only=True):
    """Whether every entry, whoever's, follows the one before it; `broken` is the first that does not."""
    entries: int
    intact: bool
    broken: int | None


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the audit log; without `login` nobody did it who is known, or the system."""
    id: int
    at: datetime
    login: str | None
    name: str | None
    action: str
    detail: dict[str, Any]


class Authority(msgspec.Struct, frozen=True, kw_only=True):
    """A node of the regulator's tree; `path` names it from the top."""
    path: str
    zh: str
    en: str


class AuthorityDay(msgspec.Struct, frozen=True, kw_only=True):
    """Sales on one day of all scales below an authority."""
    path: str
    day: date
    scales: int
    n: int
    net_g: float
    amount: float


class AuthorityStanding(msgspec.Struct, frozen=True, kw_only=True):
    """One authority with all sites at or below it."""
    zh: str
    en: str
    path: str
    standing: MapStanding


Badge = Literal["none", "pending", "active", "degraded"]

Band = Literal["green", "yellow", "orange", "red"]

class Body_post_alert_appeal(msgspec.Struct, frozen=True, kw_only=True):
    """Body_post_alert_appeal"""
    text: str = ""
    photos: list[str] | None = None
    version: int | None = None


class Body_post_alert_report(msgspec.Struct, frozen=True, kw_only=True):
    """Body_post_alert_report"""
    text: str = ""
    photos: list[str] | None = None
    version: int | None = None
    key: str | None = None
    claimed: list[str] | None = None
    signature: str | None = None


class Body_post_equipment_import(msgspec.Struct, frozen=True, kw_only=True):
    """Body_post_equipment_import"""
    file: str


class Body_post_inspection_answers(msgspec.Struct, frozen=True, kw_only=True):
    """Body_post_inspection_answers"""
    item: str = ""
    value: str = ""
    note: str = ""
    alert: int | None = None
    photos: list[str] | None = None


class Body_post_inspection_signature(msgspec.Struct, frozen=True, kw_only=True):
    """Body_post_inspection_signature"""
    name: str = ""
    signature: str | None = None


class Body_post_map_import(msgspec.Struct, frozen=True, kw_only=True):
    """Body_post_map_import"""
    file: str


class Body_post_supply_reports(msgspec.Struct, frozen=True, kw_only=True):
    """Body_post_supply_reports"""
    file: str


class BulkAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Each alert on its own: some may be done and others refused."""
    done: int
    refused: int
    results: list[BulkResult]


class BulkOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One action on alike alerts: all of one rule, or all of one site."""
    action: Literal["acknowledge", "assign", "accept", "reject", "dismiss"]
    alerts: list[Seen]
    reason: str = ""
    person: int | None = None


class BulkResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one alert; `code` and `detail` say why it was refused."""
    id: int
    done: bool
    status: Status | None = None
    version: int | None = None
    code: str = ""
    detail: str = ""


class Camera(msgspec.Struct, frozen=True, kw_only=True):
    """One camera and its health; `picture` is its latest redacted frame, taken at `picture_at`."""
    id: int
    code: str
    zh: str
    en: str
    site: Named
    health: str
    health_at: datetime | None
    health_why: str
    health_wording: Names
    zones: int
    alerts: int
    picture: str | None
    picture_awaited: bool
    picture_at: datetime | None
    mode: Literal["watch", "patrol"]
    weight: int


class CameraChoice(msgspec.Struct, frozen=True, kw_only=True):
    """A camera to choose, or of a list."""
    id: int
    code: str
    zh: str
    en: str
    site: Named
    health: str


class CameraEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A camera gives no picture, a bad one, or a good one again."""
    specversion: Literal["1.0"]
    id: str
    source: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"]
    type: Literal["mingchu.camera.offline", "mingchu.camera.impaired", "mingchu.camera.online"]
    data: CameraFacts


class CameraFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A camera whose health has changed: OK, OFFLINE, or what is wrong with its picture."""
    site: EventSite
    camera: Named
    health: str
    before: str
    why: str


class CameraList(msgspec.Struct, frozen=True, kw_only=True):
    """A person's own list, with the cameras of it that the person may see."""
    name: str
    columns: int
    cameras: list[CameraChoice]


class CameraSettings(msgspec.Struct, frozen=True, kw_only=True):
    """A camera as it shall be. `version` is the one that was looked at, unless If-Match has it."""
    zh: str
    en: str
    source: CameraSource | None = None
    zones: list[ZoneSettings]
    schedule: Hours | None = None
    turns: bool = False
    replay: bool = False
    mode: Mode = "watch"
    weight: int = 1
    model: str | None = None
    version: int | None = None


class CameraSource(msgspec.Struct, frozen=True, kw_only=True):
    """Where the camera is reached. The password goes in and never comes out again. With the same address and
    user, and no password, all stays as it is; a changed one needs the password again.
    """
    address: str
    user: str = ""
    password: str | None = None


class CameraState(msgspec.Struct, frozen=True, kw_only=True):
    """A camera's whole configuration. `address` and `login` are null for operators; there is no way to the
    password.
    """
    id: int
    code: str
    zh: str
    en: str
    site: Named
    version: int
    removed: datetime | None
    health: str
    address: str | None
    login: str | None
    zones: list[ZoneSettings]
    schedule: Hours | None
    site_schedule: Hours
    view: int
    turns: bool
    replay: bool
    mode: Mode
    weight: int
    model: str | None
    applied: Applied
    may_change: bool


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """A named set of alerts and how far it has come, of the alerts that the reader may see."""
    id: int
    authority: Authority
    name: str
    goal: str
    begins: datetime
    ends: datetime
    may_add: bool
    alerts: int
    counts: dict[str, int]
    on_time: int
    late: int


class CampaignAlerts(msgspec.Struct, frozen=True, kw_only=True):
    """Alerts to be added by hand."""
    alerts: list[int]


class CampaignOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign with the alerts raised since `since` that fit the filter."""
    name: str
    goal: str = ""
    begins: datetime
    ends: datetime
    since: datetime
    rule: str | None = None
    severity: int | None = None
    site: int | None = None


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whom an alert can be given to."""
    id: int
    name: str
    side: AlertSide


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A yellow or red card of a site, shown for an alert that was not rectified; `lifted` is null while in
    force.
    """
    id: int
    alert: int
    colour: Literal["yellow", "red"]
    rule: Names
    issued: datetime
    lifted: datetime | None
    lifted_by: str | None
    reason: str | None


class CardLift(msgspec.Struct, frozen=True, kw_only=True):
    """Why a card is lifted."""
    reason: str = ""


Cause = Literal["rejected", "clock", "lost", "offline", "never_sent", "late"]

class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One difference to the version before. `before` is null for what was added, `after` for what was taken
    away.
    """
    at: str
    before: str | None
    after: str | None


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """One way to a recipient and how it does. Its address and secret are never shown again."""
    id: int
    kind: ChannelKind
    name: str
    place: str
    owner: Names
    person: str | None
    mine: bool
    lang: Literal["zh", "en"]
    rank: int
    enabled: bool
    state: Literal["working", "failing", "dead", "off", "new"]
    quiet_from: str | None
    quiet_to: str | None
    budget: ChannelBudget
    held_until: datetime | None
    waiting: int
    last_sent: datetime | None
    last_failed: datetime | None
    last_error: str


class ChannelBudget(msgspec.Struct, frozen=True, kw_only=True):
    """Messages that it may have at once now, and what is kept for class I of them."""
    ordinary: int
    reserved: int
    ordinary_of: int
    reserved_of: int


ChannelKind = Literal["webhook", "wecom", "dingtalk", "feishu", "email", "webpush"]

class ChannelSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What may be changed of a channel. Changing one that was given up tries it again."""
    name: str = ""
    rank: int = 1
    enabled: bool = True
    lang: Literal["zh", "en"] = "zh"
    quiet_from: str | None = None
    quiet_to: str | None = None


class CheckedRule(msgspec.Struct, frozen=True, kw_only=True):
    """A draft that is sound, both as a document and as fields."""
    toml: str
    zh: str
    en: str
    severity: Severity
    numbers: list[Threshold]
    for_s: float
    recheck_s: float
    deadline_s: float | None
    previewable: bool
    unpreviewable: Names | None


class Checklist(msgspec.Struct, frozen=True, kw_only=True):
    """A checklist in the version that is in use."""
    code: str
    version: int
    zh: str
    en: str
    every: Every
    signatures: list[ChecklistSide]
    items: list[ChecklistItem]
    source: str


class ChecklistItem(msgspec.Struct, frozen=True, kw_only=True):
    """One question. A yes is good; `low` and `high` are the numbers that are good, both included."""
    code: str
    zh: str
    en: str
    kind: ChecklistKind
    photo: bool
    unit: str
    low: float | None
    high: float | None


ChecklistKind = Literal["yes_no", "number", "photo"]

ChecklistSide = Literal["operator", "authority"]

class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A label's code, and where its device stands."""
    label: str
    site: str
    code: str
    zh: str
    en: str


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody said; `by` is null where it is one of the other side's people."""
    at: datetime
    by: str | None
    side: AlertSide
    text: str


class CommentOrder(msgspec.Struct, frozen=True, kw_only=True):
    """`reason` is what is said; `own`: for the side's own eyes."""
    version: int | None = None
    reason: str = ""
    own: bool = False


class Complaint(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody of the public wrote. The phone is shown to the authority alone."""
    id: int
    at: datetime
    site: Named
    equipment_id: int | None
    equipment: Names | None
    device_id: int | None
    topic: Topic
    words: str
    phone: str
    photos: list[str]
    closed: datetime | None
    answers: list[Answer]


class ComplaintEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the public has complained."""
    specversion: Literal["1.0"]
    id: str
    source: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"]
    type: Literal["mingchu.complaint.received"]
    data: ComplaintFacts


class ComplaintFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A complaint of the public; its words are read in the console."""
    complaint: int
    topic: Literal["trapped", "fault", "hygiene", "feedback"]
    site: EventSite
    equipment: Named | None


Condition = Literal["ACTIVE", "CLEARED"]

class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """How a device logs in at the broker; the password is shown this once. Null: an edge or a gateway speaks
    for it.
    """
    device: Named
    site: Names
    user: str | None
    password: str | None
    topic: str
    foreign_topic: str
    mqtt_url: str | None


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """A login."""
    login: str
    password: str


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was refused. `payload` is its beginning, as text where it is text, else in hexadecimal."""
    id: int
    topic: str
    reason: str
    payload: str
    text: bool
    size: int
    partial: bool
    kept: int
    seen: int
    received: datetime
    last: datetime
    replay: datetime | None


class DeadLetters(msgspec.Struct, frozen=True, kw_only=True):
    """Messages that were refused with that reason."""
    reason: str
    n: int
    last: datetime


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One event for one webhook, and how its delivery went."""
    id: int
    event: str
    kind: str
    subject: str
    at: datetime
    state: Literal["waiting", "retrying", "sent", "failed"]
    tries: int
    asked: datetime
    next_try: datetime | None
    sent: datetime | None
    failed: datetime | None
    status: int | None
    last_error: str
    data: dict[str, Any]


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """One device, its profile and its latest readings."""
    id: int
    code: str
    zh: str
    en: str
    site: Named
    kind: str
    profile: Names
    online: bool
    last_seen: datetime | None
    alerts: int
    readings: list[Reading]


class DeviceDay(msgspec.Struct, frozen=True, kw_only=True):
    """One device on one day of its site's time zone."""
    day: date
    begin: datetime
    end: datetime
    metrics: list[MetricDay]
    events: list[EventOfDay]


class DeviceEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A device is away, or back."""
    specversion: Literal["1.0"]
    id: str
    source: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"]
    type: Literal["mingchu.device.offline", "mingchu.device.online"]
    data: DeviceFacts


class DeviceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A device that came or went, as it or its edge says."""
    site: EventSite
    device: Named
    online: bool
    last_seen: datetime | None


class DeviceGap(msgspec.Struct, frozen=True, kw_only=True):
    """A time for which messages are missing, or were missing for long, and the named cause."""
    begin: datetime
    end: datetime
    minutes: int
    cause: Cause
    messages: int


class Draw(msgspec.Struct, frozen=True, kw_only=True):
    """Who looks at a re-checked class III alert, as drawn: SHA-256 of "seed:alert" against the machine's share."""
    at: datetime
    seed: str
    share: float
    drawn: float
    human: bool


class DrawCandidate(msgspec.Struct, frozen=True, kw_only=True):
    """One that might be drawn, with its lots: 1 and the site's risk score."""
    code: str
    lots: int


class DrawOrder(msgspec.Struct, frozen=True, kw_only=True):
    """How many to draw. Without a seed the platform makes one; either way it stands in the record."""
    sites: int
    inspectors: int = 0
    seed: str = ""


class DrawSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One draw in the list."""
    id: int
    at: datetime
    authority: Names
    person: str | None
    sites: int
    inspectors: int


class DrawnInspector(msgspec.Struct, frozen=True, kw_only=True):
    """A regulator who was drawn, by login."""
    login: str
    name: str | None


class DrawnSite(msgspec.Struct, frozen=True, kw_only=True):
    """A site that was drawn; without names where it is out of the reader's scope."""
    code: str
    lots: int
    id: int | None
    zh: str | None
    en: str | None


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """One edge agent: presence, and the configuration that it has and that it follows."""
    id: int
    code: str
    zh: str
    en: str
    site: Named | None
    state: Literal["active", "waiting", "revoked"]
    code_expires: datetime | None
    enrolled: datetime | None
    revoked: datetime | None
    online: bool
    last_seen: datetime | None
    config_version: int
    storage: Literal["OK", "SHEDDING", "FULL"]
    storage_wording: Names
    applied_version: int | None
    applied_at: datetime | None
    refused: dict[str, str]
    cameras: int
    clock: EdgeClock | None
    shed: int
    shed_at: datetime | None
    step: int
    periods: float
    frames: float
    patrolled: int
    missed: int


class EdgeClock(msgspec.Struct, frozen=True, kw_only=True):
    """By how much an edge's clock is ahead of the platform's; wrong beyond two seconds. Told hourly and at a
    change.
    """
    ahead_ms: int
    rtt_ms: int
    at: datetime
    wrong: bool


class EdgeCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code for one use, shown this once; `command` is what to run on the edge's machine."""
    edge: Named
    code: str
    expires: datetime
    command: str


class EdgeEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An edge is away, or back."""
    specversion: Literal["1.0"]
    id: str
    source: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"]
    type: Literal["mingchu.edge.offline", "mingchu.edge.online"]
    data: EdgeFacts


class EdgeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """An edge that came or went; what it watches is unseen meanwhile."""
    edge: Named
    authority: str
    online: bool
    last_seen: datetime | None


class Enrolled(msgspec.Struct, frozen=True, kw_only=True):
    """Who the edge is from now on, and where its broker is; its configuration waits for it there."""
    edge: str
    zh: str
    en: str
    site: str | None
    mqtt_url: str | None


class Equipment(msgspec.Struct, frozen=True, kw_only=True):
    """One piece as it stands today at its site."""
    id: int
    code: str
    zh: str
    en: str
    site: Named
    kind: EquipmentKind
    registration: str
    use_unit: str
    maintainer: str
    hotline: str
    last_inspection: date | None
    next_inspection: date | None
    last_maintenance: date | None
    standing: EquipmentStanding
    days: int | None
    device_id: int | None
    device: str | None
    public: str


EquipmentKind = Literal[
    "elevator", "escalator", "boiler", "pressure_vessel", "crane", "forklift", "amusement", "ropeway", "other"
]

class EquipmentOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What the registry is to say of one piece; `site` and `code` (the device code of its nameplate) name it."""
    site: str
    code: str
    kind: EquipmentKind
    zh: str
    en: str = ""
    registration: str = ""
    use_unit: str = ""
    maintainer: str = ""
    hotline: str = ""
    next_inspection: date | None = None
    device: str | None = None


EquipmentStanding = Literal["failed", "overdue", "due", "in_order", "unknown"]

class EventCode(msgspec.Struct, frozen=True, kw_only=True):
    """One code of the profile's table."""
    code: str
    zh: str
    en: str
    severity: int


EventKind = Literal[
    "alert.opened", "alert.recurred", "alert.cleared", "alert.acknowledged", "alert.reported",
    "alert.rejected", "alert.closed", "alert.dismissed", "alert.transferred", "alert.supervised",
    "alert.overdue", "alert.escalated", "card.issued", "appeal.filed", "appeal.decided", "device.offline",
    "device.online", "camera.offline", "camera.impaired", "camera.online", "edge.offline", "edge.online",
    "report.ready", "complaint.received", "inspection.finished"
]

class EventOfDay(msgspec.Struct, frozen=True, kw_only=True):
    """A device's event: its begin, its end, or both at once (pulse)."""
    time: datetime
    code: str
    phase: str
    text: str


class EventSite(msgspec.Struct, frozen=True, kw_only=True):
    """A site, the authority that it is under, and its operator."""
    id: int
    code: str
    zh: str
    en: str
    authority: str
    operator: str


Every = Literal["day", "week", "month", "year"]

class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of evidence; `there` is false until the edge has uploaded its bytes."""
    kind: EvidenceKind
    sha256: str
    of: str | None
    guarded: bool
    media_type: str
    size: int
    begin: datetime
    end: datetime
    complete: bool
    why: str
    wording: Names
    there: bool


class EvidenceChain(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the edge's statements about this scene are what it hashed, in their order, and agree with what
    is shown. `none`: the edge made no chain. `place` and `fault` say where and how it is broken.
    """
    state: Literal["intact", "broken", "none"]
    first: int
    last: int
    head: str
    place: int | None
    fault: Literal["edited", "missing", "unjoined", "forked"] | None
    detail: str


class EvidenceExpired(msgspec.Struct, frozen=True, kw_only=True):
    """The tombstone of bytes that were deleted when their time was over."""
    sha256: str
    size: int
    severity: int
    days: int
    since: datetime
    gone: datetime
    rule: str


class EvidenceGone(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence that will never come; with `sha256` it had been announced."""
    part: EvidenceKind
    sha256: str | None
    at: datetime
    why: str
    wording: Names


EvidenceKind = Literal[
    "frame", "boxed", "crop", "clip", "frame_redacted", "boxed_redacted", "crop_redacted", "storyboard"
]

class Excursion(msgspec.Struct, frozen=True, kw_only=True):
    """One excursion. `peak`: the value furthest beyond the limit; `degree_minutes`: the area beyond it."""
    alert_id: int
    rule: Names
    metric: str
    unit: str
    limit: float
    began: datetime
    ended: datetime | None
    peak: float
    peak_at: datetime
    degree_minutes: float
    mean_kinetic: float
    recorded_s: float
    readings: int


class FieldFault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one part of a request."""
    place: str
    fault: str
    line: int | None = None
    column: int | None = None
    position: int | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something found in a camera's still."""
    id: int
    look: int
    at: datetime
    words: str
    camera: Named
    site: Named
    picture: str | None
    person: str


class Firm(msgspec.Struct, frozen=True, kw_only=True):
    """A maintenance firm: one of those whom lifts call."""
    zh: str
    en: str
    id: int


class FirmOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Which firm looks after a piece that no device of ours watches; null: none that we know."""
    firm: int | None


Format = Literal["csv", "parquet"]

class HTTPValidationError(msgspec.Struct, frozen=True, kw_only=True):
    """HTTPValidationError"""
    detail: list[ValidationError] = msgspec.field(default_factory=list)


class HandedPassword(msgspec.Struct, frozen=True, kw_only=True):
    """A password that is shown this once."""
    account: Account
    password: str


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the service lives, or can serve."""
    status: Literal["ok"]


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A hold of an alert's evidence, or (`alert` null) of all evidence of a site."""
    id: int
    alert: int | None
    site: Named
    by: str
    placed: datetime
    until: datetime | None
    why: str
    lifted: datetime | None
    lifted_by: str | None
    lifted_why: str
    in_force: bool


class HoldOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Why evidence must stay, and until the end of which day; without one until it is lifted."""
    why: str
    until: date | None = None


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """Weekly hours in one time zone; none at all: never."""
    openings: list[Opening] = msgspec.field(default_factory=list)
    timezone: str = "Asia/Shanghai"
    holidays: list[date] = msgspec.field(default_factory=list)


class ImportLine(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one line of a list; `reason` says why it was refused."""
    line: int
    site: str
    code: str
    result: Literal["added", "changed", "same", "refused"]
    reason: Names | None = None


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """One inspection of a site, to do or done."""
    id: int
    site: Named
    checklist: str
    zh: str
    en: str
    plan: int | None
    assigned: datetime
    due: datetime
    done: datetime | None
    late: bool
    items: int
    answered: int
    failed: int
    sha256: str | None


class InspectionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of one item, and by whom."""
    item: str
    value: str
    failed: bool
    note: str
    alert: int | None
    by: str
    at: datetime


class InspectionDocument(msgspec.Struct, frozen=True, kw_only=True):
    """An inspection with all that was answered and signed so far."""
    id: int
    site: Named
    checklist: str
    zh: str
    en: str
    plan: int | None
    assigned: datetime
    due: datetime
    done: datetime | None
    late: bool
    items: int
    answered: int
    failed: int
    sha256: str | None
    steps: list[ChecklistItem]
    next: int
    signatures: list[ChecklistSide]
    answers: list[InspectionAnswer]
    papers: list[InspectionPaper]
    intact: bool | None


class InspectionEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An inspection is finished."""
    specversion: Literal["1.0"]
    id: str
    source: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"]
    type: Literal["mingchu.inspection.finished"]
    data: InspectionFacts


class InspectionFacts(msgspec.Struct, frozen=True, kw_only=True):
    """An inspection that was signed; `digest` is its document's SHA-256."""
    inspection: int
    site: EventSite
    due: datetime
    done: datetime
    digest: str
    items: int
    failed: int


class InspectionOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An inspection to assign: due at the end of that day in China."""
    site: int
    checklist: str
    day: date


class InspectionPaper(msgspec.Struct, frozen=True, kw_only=True):
    """A photo of an item, or a side's signature: read the bytes at `/evidence/{sha256}`."""
    item: str
    kind: Literal["photo", "signature"]
    sha256: str
    name: str
    claimed: datetime | None
    by: str
    at: datetime


class InspectionPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A checklist that comes again."""
    id: int
    site: int
    zh: str
    en: str
    checklist: str
    every: Every
    starts: date


class KitReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report of the vendor kit that was handed in, as its signature vouches for it."""
    id: int
    profile: str
    version: int
    device: str
    conforms: bool
    failed: int
    made: datetime
    key: str
    at: datetime


class Licence(msgspec.Struct, frozen=True, kw_only=True):
    """A site's licence; `days` are left until it ends, negative after that."""
    kind: Literal["food", "special_equipment", "metrology", "fire", "business", "other"]
    number: str
    valid_until: date
    id: int
    site: Named
    days: int


class LiftOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Why the hold is no longer needed."""
    why: str


Limit = Literal["", "rows", "time"]

class ListLine(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one line of a list. The password is shown this once."""
    line: int
    site: str
    code: str
    result: Literal["added", "changed", "same", "refused"]
    user: str
    password: str
    topic: str
    reason: str


class LiveTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket to watch one camera once: the bearer token of a WHEP offer."""
    ticket: str
    expires: datetime
    whep: str
    until: datetime


class LiveWish(msgspec.Struct, frozen=True, kw_only=True):
    """The operator's own choice: to be shown live."""
    wanted: bool


class MadeToken(msgspec.Struct, frozen=True, kw_only=True):
    """A new token; `secret` is shown this once."""
    id: int
    name: str
    scopes: list[str]
    created: datetime
    expires: datetime
    used: datetime | None
    revoked: datetime | None
    secret: str


class MadeWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """A new webhook with its secret, which is shown this once."""
    secret: str
    webhook: Webhook


class MaintenanceOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Maintenance that was done, by whom, and what of it is to be remembered."""
    day: date
    done_by: str
    result: Literal["passed", "failed"] = "passed"
    note: str = ""


class MapSite(msgspec.Struct, frozen=True, kw_only=True):
    """A site with its place (WGS 84), where it is known."""
    id: int
    code: str
    zh: str
    en: str
    kind: str
    longitude: float | None
    latitude: float | None
    worst: int | None
    alerts: int
    overdue: int
    band: Band | None


class MapStanding(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of one site, or of all sites of an authority."""
    sites: int
    classes: list[Any]
    overdue: int
    on_time: float | None
    cameras: int
    cameras_ok: int
    devices: int
    devices_online: int


class MarketDay(msgspec.Struct, frozen=True, kw_only=True):
    """A site's sales on one day of its own time zone; the stalls with the greatest amount first."""
    day: date
    n: int
    net_g: float
    amount: float
    stalls: list[StallDay]


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who is logged in, and over what."""
    login: str
    name: str
    role: Role
    lang: str


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One value that proved the alert when it was raised: a reading, or a figure that the rule looks at."""
    at: datetime
    name: str
    value: float


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A device or camera that an outage holds: silent since when, and when it was heard again."""
    zh: str
    en: str
    kind: Literal["camera", "device"]
    id: int
    code: str
    since: datetime
    back: datetime | None


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One metric: `low` and `high` bound what is believable, in `unit` (UCUM), both inclusive."""
    name: str
    unit: str
    zh: str
    en: str
    low: float
    high: float
    flag: bool
    values: list[MetricValue]


class MetricDay(msgspec.Struct, frozen=True, kw_only=True):
    """One metric's day: how many readings, their mean and extremes."""
    metric: str
    zh: str
    en: str
    unit: str
    n: int
    mean: float
    low: float
    high: float


class MetricValue(msgspec.Struct, frozen=True, kw_only=True):
    """What one value of a status item means."""
    value: float
    zh: str
    en: str


class MissedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """There were too many; every webhook may be sent it."""
    specversion: Literal["1.0"]
    id: str
    source: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"]
    type: Literal["mingchu.webhook.missed"]
    data: MissedFacts


class MissedFacts(msgspec.Struct, frozen=True, kw_only=True):
    """At least so many events were not sent: too many waited, or it was given up. Read the lists again."""
    webhook: int
    count: int
    since: datetime
    until: datetime


Mode = Literal["watch", "patrol"]

class ModelVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A published model. `weights` is the digest that an alert's evidence names."""
    release: str
    sha256: str
    weights: str
    size: int
    thresholds: dict[str, float]
    traits: list[str]
    published: datetime
    cameras: int


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A thing and its two names."""
    id: int
    code: str
    zh: str
    en: str


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """Two names of one thing."""
    zh: str
    en: str


class NewAccount(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody to let in: of an authority (regulator, admin), an operator, a vendor or a maintenance firm."""
    role: Role
    own_role: int | None = None
    name: str
    lang: Literal["zh", "en"] = "zh"
    login: str
    authority: str | None = None
    operator: int | None = None
    vendor: str | None = None
    firm: int | None = None


class NewCamera(msgspec.Struct, frozen=True, kw_only=True):
    """A camera that is not there yet, its code, and the edge that shall watch it."""
    zh: str
    en: str
    source: CameraSource
    zones: list[ZoneSettings]
    schedule: Hours | None = None
    turns: bool = False
    replay: bool = False
    mode: Mode = "watch"
    weight: int = 1
    model: str | None = None
    version: None | UnsetType = UNSET
    code: str
    edge_id: int


class NewChannel(msgspec.Struct, frozen=True, kw_only=True):
    """A channel that is not there yet: of the reader's own side."""
    name: str = ""
    rank: int = 1
    enabled: bool = True
    lang: Literal["zh", "en"] = "zh"
    quiet_from: str | None = None
    quiet_to: str | None = None
    kind: Literal["webhook", "wecom", "dingtalk", "feishu", "email"]
    address: str
    secret: str = ""


class NewDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device that is not there yet."""
    code: str
    zh: str
    en: str
    profile: str
    vendor: str = ""
    serial: str = ""
    behind: bool = False


class NewEdge(msgspec.Struct, frozen=True, kw_only=True):
    """An edge that is not there yet."""
    code: str
    zh: str
    en: str


class NewFinding(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, in words."""
    words: str


class NewLicence(msgspec.Struct, frozen=True, kw_only=True):
    """A licence as it is written down."""
    kind: Literal["food", "special_equipment", "metrology", "fire", "business", "other"]
    number: str
    valid_until: date


class NewList(msgspec.Struct, frozen=True, kw_only=True):
    """Cameras in order; `columns` by `columns` of them fill the wall."""
    columns: int
    cameras: list[int]


class NewOwnRole(msgspec.Struct, frozen=True, kw_only=True):
    """A role to make. Its permissions are ones that `base` allows and that one may give."""
    zh: str
    en: str
    permissions: list[Permission]
    base: Role


class NewToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token to make. Reading is always in; without more the token is read-only."""
    name: str
    scopes: list[Permission] = msgspec.field(default_factory=list)
    days: int = 90


class NewTour(msgspec.Struct, frozen=True, kw_only=True):
    """What to go through: one of the person's own lists, or the worst cameras first."""
    plan: Literal["worst", "list"]
    name: str = ""
    most: int = 20


class NewWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook that is not there yet: of the reader's own side."""
    name: str
    url: str
    kinds: list[EventKind]


class Notices(msgspec.Struct, frozen=True, kw_only=True):
    """The document that a video image library takes at `/VIID/SubscribeNotifications`."""
    subscribenotificationlistobject: SubscribeNotificationList = msgspec.field(name="SubscribeNotificationListObject")

    


class Now(msgspec.Struct, frozen=True, kw_only=True):
    """Two moments in microseconds since 1970-01-01 UTC."""
    received: int
    answered: int


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """From `begin` to `end` local time on `days` (0 = Monday); an end before the begin runs past midnight."""
    days: list[int]
    begin: str
    end: str


class Operations(msgspec.Struct, frozen=True, kw_only=True):
    """What keeps the house running, for admins."""
    edges: list[Edge]
    cameras: list[Camera]
    dead_letters: list[DeadLetters]
    dead_letter_count: int


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What every order has. `version` may come as If-Match instead."""
    version: int | None = None
    reason: str = ""


class OwnRole(msgspec.Struct, frozen=True, kw_only=True):
    """A role of an authority's own. `mine` false: made by an authority above."""
    id: int
    authority: str
    zh: str
    en: str
    base: Role
    permissions: list[Permission]
    people: int
    mine: bool


class PasswordChange(msgspec.Struct, frozen=True, kw_only=True):
    """One's own password: the present one and the next."""
    old: str
    new: str


Permission = Literal[
    "data.read", "alert.handle", "alert.review", "evidence.unblurred", "evidence.export", "camera.configure",
    "device.provision", "rule.edit", "channel.manage", "operations.manage", "audit.read", "people.manage",
    "supply.read", "supply.rotate", "upkeep.read", "upkeep.record", "upkeep.rescue"
]

class PingEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A test; every webhook may be sent it."""
    specversion: Literal["1.0"]
    id: str
    source: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"]
    type: Literal["mingchu.webhook.ping"]
    data: PingFacts


class PingFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody tries the webhook."""
    webhook: int


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a site is, WGS 84 in degrees; both null: not known."""
    longitude: float | None = None
    latitude: float | None = None


class PlaceLine(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one line of a list of places."""
    line: int
    code: str
    result: Literal["placed", "refused"]
    reason: str = ""


class PlanOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The same, coming again and again from that day on."""
    site: int
    checklist: str
    day: date
    every: Every


class Precision(msgspec.Struct, frozen=True, kw_only=True):
    """How often a scene on a camera was right, of what people have judged."""
    scene: str
    camera_id: int
    camera: str
    zh: str
    en: str
    judged: int
    confirmed: int
    precision: float


class PreviewOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A draft to be replayed over the last `days`."""
    code: str | None = None
    toml: str | None = None
    fields: RuleFields | None = None
    days: float = 30


class PreviewedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """One alert that the rule would have raised, or (`gone`) that was raised and would not be any more."""
    verdict: Verdict
    place: PreviewedPlace
    begin: datetime
    end: datetime | None
    times: int
    peak: float | None
    wording: Names
    alert: int | None


class PreviewedPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a replayed alert is about."""
    site: Names
    subject: Names
    device: int | None
    camera: int | None
    zone: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """An error. `code` is its named reason and does not change with the language."""
    type: str
    title: str
    status: int
    detail: str
    code: str
    faults: list[FieldFault] = msgspec.field(default_factory=list)


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A profile whole."""
    code: str
    version: int
    kind: str
    zh: str
    en: str
    vendor: str
    devices: int
    source: str
    base: str | None
    silence_s: float
    metrics: list[Metric]
    events: list[EventCode]
    topics: list[str]
    sparkplug: bool
    vectors: list[VectorResult]


class ProfileCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A file that may be installed: what it says, and what it changes."""
    profile: Profile
    installed: int | None
    changes: list[Change]


class ProfileSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One profile in a list, in the version that is in use."""
    code: str
    version: int
    kind: str
    zh: str
    en: str
    vendor: str
    devices: int


class ProfileVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a profile, since when it was in use, and what it changed."""
    version: int
    installed: datetime | None
    changes: list[Change]


class Publicity(msgspec.Struct, frozen=True, kw_only=True):
    """What a site shows the public; all is off until somebody switches it on."""
    published: bool
    grade: str
    live_consent: bool
    live_wanted: bool
    live: bool
    cameras: list[PublishedCamera]
    badge: Badge
    page: str | None
    badge_url: str | None


class PublicityOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What the authority switches on. `live_consent`: its consent, which counts where the operator wants it too."""
    published: bool
    cameras: list[int] = msgspec.field(default_factory=list)
    grade: Literal["", "A", "B", "C"] = ""
    live_consent: bool = False


class PublishedCamera(msgspec.Struct, frozen=True, kw_only=True):
    """A camera of the site, and whether the public sees it."""
    id: int
    code: str
    zh: str
    en: str
    published: bool


Purpose = Literal["review", "enforcement", "complaint", "rectify", "appeal", "safety", "other"]

class Push(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one recipient and how it went; `to` is null where the recipient is out of the reader's
    scope.
    """
    id: str
    reason: str
    to: Names | None
    host: str
    state: Literal["waiting", "sent", "failed"]
    created: datetime
    next_try: datetime | None
    tries: int
    sent: datetime | None
    failed: datetime | None
    last_error: str
    kind: str
    together: bool
    instead: bool
    opened: datetime | None


class PushKey(msgspec.Struct, frozen=True, kw_only=True):
    """This house's public key, for the browser's PushManager; null until the alerts service has run."""
    key: str | None


class RankedSite(msgspec.Struct, frozen=True, kw_only=True):
    """A site in the order of risk, with the three terms that make most of its score."""
    day: date
    site: Named
    kind: str
    authority: Names
    score: int
    band: Band
    change: int | None
    terms: list[RiskTerm]


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """The last value of one metric, in its UCUM unit. Quality 0 is good."""
    metric: str
    zh: str
    en: str
    unit: str
    time: datetime
    value: float
    quality: int
    suspect: bool
    historical: bool
    flag: bool
    said: Names | None
    chart: bool


Recheck = Literal["clear", "violating", "unjudged"]

class Record(msgspec.Struct, frozen=True, kw_only=True):
    """An inspection or a maintenance, and who wrote it down when."""
    id: int
    kind: Literal["inspection", "maintenance"]
    day: date
    done_by: str
    result: Literal["passed", "failed"]
    next_inspection: date | None
    note: str
    by: str
    at: datetime


class RecordOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An inspection or a maintenance that was done. Only an inspection that was passed sets the next one."""
    kind: Literal["inspection", "maintenance"]
    day: date
    done_by: str
    result: Literal["passed", "failed"] = "passed"
    next_inspection: date | None = None
    note: str = ""


class Rectification(msgspec.Struct, frozen=True, kw_only=True):
    """The operator's report; `photos` are SHA-256, for /evidence."""
    id: int
    at: datetime
    by: str | None
    text: str
    photos: list[str]
    recheck: WorkflowLook | None
    stills: list[Still]
    claimed: list[datetime | None]
    signature: str | None


class Redemption(msgspec.Struct, frozen=True, kw_only=True):
    """A code, and the hash of the secret that the edge has made for itself (mosquitto's $7$ form)."""
    code: str
    credential: str


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """Which letters to read again: those whose topic begins so, and whose reason has this part."""
    topic: str = ""
    reason: str = ""


class ReportEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A report is ready."""
    specversion: Literal["1.0"]
    id: str
    source: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"]
    type: Literal["mingchu.report.ready"]
    data: ReportFacts


class ReportFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A report of a closed period: of an authority's sites, or of one site."""
    report: int
    span: Literal["day", "week", "month"]
    begin: datetime
    end: datetime
    authority: str | None
    site: EventSite | None
    sha256: str


class ReportOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The report of which closed period (the one that `day` lies in): of a site, or of one's whole authority."""
    span: Span
    day: date
    site: int | None = None


class ReportSubscription(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription, and how the newest report of it went."""
    id: int
    span: Span
    attached: Attached
    since: datetime
    zh: str
    en: str
    kind: ChannelKind
    channel: str
    place: str
    working: bool
    mine: bool
    report: int | None
    made: datetime | None
    sent: datetime | None
    failed: datetime | None
    opened: datetime | None
    tries: int
    last_error: str


class ReportSubscriptionOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Which report goes over which channel from now on; a file goes with a mail alone."""
    span: Span
    channel: int
    site: int | None = None
    attached: Attached = ""


class ReportSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One report in the list."""
    id: int
    span: Span
    begin: datetime
    end: datetime
    made: datetime
    of: Names
    raised: int


class ReportWhole(msgspec.Struct, frozen=True, kw_only=True):
    """One report. `figures` are those of its page and files; times in seconds, shares of one."""
    id: int
    made: datetime
    sha256: str
    authority: str | None
    site: int | None
    figures: dict[str, Any]


RescueAction = Literal["answered", "arrived", "released"]

class RescueCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call to one of the firm's lifts, in one of its roles, and what was reported about it."""
    alert: int
    role: str
    site: Names
    address: str
    lift: Names
    lift_code: str
    status: Status
    condition: Condition
    trapped: datetime
    began: datetime
    answered: datetime | None
    arrived: datetime | None
    released: datetime | None


class RescueReport(msgspec.Struct, frozen=True, kw_only=True):
    """When and where it was, as whoever reports says; both may be left out."""
    claimed: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None


class RescueSaid(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a report. again: it was there before and nothing changed; over: the alert is finished."""
    said: Literal["done", "again", "over"]
    call: RescueCall


class RestoreOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Which version to go back to."""
    version: int | None = None
    to: int


class RestoreRule(msgspec.Struct, frozen=True, kw_only=True):
    """Back to the version `to`."""
    version: int | None = None
    to: int
    why: str


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """The regulator's verdict."""
    at: datetime
    by: str | None
    verdict: Literal["accept", "reject", "dismiss"]
    reason: str


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a camera. `person` null: the command line, or a registry file."""
    version: int
    at: datetime
    person: str | None
    restores: int | None
    changes: list[Names]


class Risk(msgspec.Struct, frozen=True, kw_only=True):
    """A site's or a device's risk, how it comes about, and its last 30 days."""
    score: int
    band: Band
    at: datetime
    weights: int
    terms: list[RiskTerm]
    trend: list[RiskDay]


class RiskDay(msgspec.Struct, frozen=True, kw_only=True):
    """A day of a subject's trend."""
    day: date
    score: int
    band: Band


class RiskTerm(msgspec.Struct, frozen=True, kw_only=True):
    """One term of a score: what was measured (empty for what never was), and the points that it gives of
    `weight`.
    """
    zh: str
    en: str
    measure: str
    points: float
    weight: int


Role = Literal["operator", "regulator", "admin", "vendor", "maintainer"]

class RoleChange(msgspec.Struct, frozen=True, kw_only=True):
    """Another name, other permissions."""
    zh: str
    en: str
    permissions: list[Permission]


class Rollup(msgspec.Struct, frozen=True, kw_only=True):
    """One authority: its superiors as far as the reader sees them, its own sum, what is directly below."""
    above: list[AuthorityStanding]
    here: AuthorityStanding
    below: list[AuthorityStanding]
    sites: list[SiteStanding]


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """The rule as it was when it decided."""
    kind: str
    source: str
    predicate: str
    for_s: float
    recheck_s: float
    active: bool


class RuleDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as somebody wants it: the document, or else the current version of `code`, with `fields` changed."""
    code: str | None = None
    toml: str | None = None
    fields: RuleFields | None = None


class RuleFields(msgspec.Struct, frozen=True, kw_only=True):
    """What people change most; what is left out stays."""
    zh: str | None = None
    en: str | None = None
    severity: Severity | None = None
    numbers: list[float] | None = None
    for_s: float | None = None
    recheck_s: float | None = None
    deadline_s: float | None = None


RuleKind = Literal[
    "threshold", "event", "transaction", "figure", "silence", "scene", "health", "edge", "outage"
]

class RuleLine(msgspec.Struct, frozen=True, kw_only=True):
    """A rule in the list. `person` is empty where the product's own file, or the command line, made this
    version.
    """
    code: str
    zh: str
    en: str
    kind: RuleKind
    severity: Severity
    profiles: list[str]
    predicate: str
    version: int
    enabled: bool
    at: datetime
    person: str | None
    why: str
    offered: int | None


class RuleName(msgspec.Struct, frozen=True, kw_only=True):
    """The rule that decided, in its version."""
    zh: str
    en: str
    code: str
    version: int


class RulePreview(msgspec.Struct, frozen=True, kw_only=True):
    """A preview and how far it is; the counts and alerts come with `done`."""
    id: str
    code: str
    state: Literal["waiting", "running", "done", "failed"]
    begin: datetime
    end: datetime
    done: int
    total: int
    rows: int
    why: Names | None
    limit: Limit = ""
    new: int | None = None
    same: int | None = None
    gone: int | None = None
    alerts: list[PreviewedAlert] = msgspec.field(default_factory=list)


class RuleState(msgspec.Struct, frozen=True, kw_only=True):
    """One rule with its document, its fields and its versions, the newest first."""
    code: str
    zh: str
    en: str
    kind: RuleKind
    severity: Severity
    profiles: list[str]
    predicate: str
    version: int
    enabled: bool
    at: datetime
    person: str | None
    why: str
    offered: int | None
    draft: CheckedRule
    source: str
    versions: list[RuleVersion]
    may_change: bool
    may_preview: bool


class RuleVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version and what it has changed. `shipped`: it came with the product, as that version of its file."""
    version: int
    at: datetime
    person: str | None
    why: str
    enabled: bool
    current: bool
    shipped: int | None
    restores: int | None
    changes: list[Names]
    toml: str


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One look at the subject; `box` is x1, y1, x2, y2 relative to the picture."""
    at: datetime
    box: list[Any]
    score: float
    verdict: str


class SaveOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The next version of a rule. `version` is the one that it was made from (or If-Match)."""
    code: str | None = None
    toml: str | None = None
    fields: RuleFields | None = None
    version: int | None = None
    enabled: bool = True
    why: str


Scene = Literal[
    "NO_HAT", "NO_MASK", "NO_UNIFORM", "SMOKING", "PHONE", "PEST", "BIN_OPEN", "FIRE_UNATTENDED", "INTRUSION"
]

class SceneSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What the camera saw; times by the capture clock."""
    id: str
    scene: str
    zone: str
    zone_zh: str
    zone_en: str
    track: int
    first: datetime
    best: datetime
    last: datetime
    why: str
    model: str
    rule_version: int
    ended: datetime | None
    ended_why: str


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """An alert in the version that the person has looked at."""
    id: int
    version: int


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """Parallel arrays in order of time, at most 2,000 points: `time` in Unix seconds, mean, low, high per step."""
    metric: str
    unit: str
    resolution: Literal["raw", "1m", "1h", "1d"]
    time: list[float]
    mean: list[float]
    low: list[float]
    high: list[float]


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """An open session of one's own."""
    id: int
    created: datetime
    expires: datetime
    address: str
    agent: str
    own: bool


Severity = Literal[1, 2, 3, 4]

class Site(msgspec.Struct, frozen=True, kw_only=True):
    """One kitchen, warehouse, market or building."""
    id: int
    code: str
    zh: str
    en: str
    kind: str
    address: str
    authority: Names
    operator: Names
    uscc: str
    cameras: int
    cameras_ok: int
    devices: int
    devices_online: int
    alerts: int
    gravest: int | None
    card: Literal["yellow", "red"] | None = None


class SiteDraw(msgspec.Struct, frozen=True, kw_only=True):
    """The whole record: with the seed and the candidates anybody draws the same again. Each candidate's key
    is ln(u) / lots with u = (1 + the first 53 bits of SHA-256("seed\\nkind\\ncode")) / 2^53; kind is site or
    inspector, and inspectors have one lot. Those with the greatest keys are drawn.
    """
    id: int
    at: datetime
    authority: Names
    person: str | None
    sites: int
    inspectors: int
    seed: str
    day: date | None
    weights: int | None
    sha256: str
    holds: bool
    misweighted: list[str]
    drawn_sites: list[DrawnSite]
    drawn_inspectors: list[DrawnInspector]
    candidates: list[DrawCandidate]
    inspector_candidates: list[str]


class SiteStanding(msgspec.Struct, frozen=True, kw_only=True):
    """One site, as a line of its authority's table."""
    id: int
    code: str
    zh: str
    en: str
    standing: MapStanding


Span = Literal["day", "week", "month"]

class StallDay(msgspec.Struct, frozen=True, kw_only=True):
    """What one scale sold on one day: mass in g, amount in fen."""
    device_id: int
    code: str
    zh: str
    en: str
    n: int
    net_g: float
    amount: float
    first: datetime
    last: datetime


class StatedPurpose(msgspec.Struct, frozen=True, kw_only=True):
    """A purpose that the reader may state."""
    zh: str
    en: str
    code: Purpose


Status = Literal["open", "acknowledged", "rectified", "closed", "dismissed"]

class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the history; `by` is null where the system did it."""
    at: datetime
    by: str | None
    role: Role | None
    action: str
    source: Status | None
    target: Status
    condition: Condition
    reason: str
    wording: Names


class Still(msgspec.Struct, frozen=True, kw_only=True):
    """A fresh picture, heads hidden, beside a report."""
    sha256: str
    at: datetime


class SubImageInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A picture (GA/T 1400.3, SubImageInfo). `StoragePath` is read with the same token."""
    imageid: str = msgspec.field(name="ImageID")
    deviceid: str = msgspec.field(name="DeviceID")
    type: str = msgspec.field(name="Type")
    fileformat: str = msgspec.field(name="FileFormat")
    shottime: str = msgspec.field(name="ShotTime")
    title: str = msgspec.field(name="Title")
    contentdescription: str = msgspec.field(name="ContentDescription")
    shotplacefulladress: str = msgspec.field(name="ShotPlaceFullAdress")
    storagepath: str = msgspec.field(name="StoragePath")
    filehash: str = msgspec.field(name="FileHash")


class SubImageList(msgspec.Struct, frozen=True, kw_only=True):
    """Pictures of one notice."""
    subimageinfoobject: list[SubImageInfo] = msgspec.field(name="SubImageInfoObject")


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """The camera or device that the alert is about, or the site itself."""
    id: int
    code: str
    zh: str
    en: str
    kind: Literal["camera", "device", "site"]
    device_kind: str | None


class SubscribeNotification(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as a notice to whoever subscribed (GA/T 1400.4, SubscribeNotification)."""
    notificationid: str = msgspec.field(name="NotificationID")
    subscribeid: str = msgspec.field(name="SubscribeID")
    title: str = msgspec.field(name="Title")
    triggertime: str = msgspec.field(name="TriggerTime")
    infoids: str = msgspec.field(name="InfoIDs")
    executeoperation: int = msgspec.field(name="ExecuteOperation")
    subimagelist: SubImageList = msgspec.field(name="SubImageList")


class SubscribeNotificationList(msgspec.Struct, frozen=True, kw_only=True):
    """The notices of a page."""
    subscribenotificationobject: list[
        SubscribeNotification
    ] = msgspec.field(name="SubscribeNotificationObject")


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """What the browser's PushManager has given."""
    endpoint: str
    keys: SubscriptionKeys


class SubscriptionKeys(msgspec.Struct, frozen=True, kw_only=True):
    """The browser's public key and its shared secret (RFC 8291), in base64url."""
    p256dh: str
    auth: str


class SuperviseOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Until when."""
    version: int | None = None
    reason: str = ""
    until: datetime


class Supervision(msgspec.Struct, frozen=True, kw_only=True):
    """An authority above watches over the alert until its own deadline."""
    by: Authority
    due: datetime
    reason: str


class SuppliedCredential(msgspec.Struct, frozen=True, kw_only=True):
    """A device's new credential; the password is shown this once."""
    device: SuppliedDevice
    mqtt_url: str | None
    user: str
    password: str
    topic: str
    foreign_topic: str


class SuppliedDevice(msgspec.Struct, frozen=True, kw_only=True):
    """One device. Of its site the code alone is told, as it stands in the topics."""
    id: int
    site: str
    code: str
    zh: str
    en: str
    profile: str
    version: int
    serial: str
    online: bool
    last_seen: datetime | None
    admitted: bool
    issued: datetime | None
    revoked: datetime | None
    letters: int


class SwitchRule(msgspec.Struct, frozen=True, kw_only=True):
    """On or off."""
    version: int | None = None
    enabled: bool
    why: str


Tab = Literal["unfinished", "open", "acknowledged", "rectified", "finished"]

Table = Literal["alerts", "readings", "transactions", "risk"]

class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """A number of the predicate and what it is compared with."""
    label: str
    value: float


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """An API token, without its secret."""
    id: int
    name: str
    scopes: list[str]
    created: datetime
    expires: datetime
    used: datetime | None
    revoked: datetime | None


Topic = Literal["trapped", "fault", "hygiene", "feedback"]

class Tour(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of it; `own`: the reader goes it."""
    id: int
    person: str
    plan: str
    began: datetime
    ended: datetime | None
    cameras: int
    looked_at: int
    findings: int
    own: bool
    stops: list[CameraChoice]
    looks: list[TourLook]
    found: list[Finding]


class TourLook(msgspec.Struct, frozen=True, kw_only=True):
    """One look at a camera; `sha256` is the digest of the still that was shown, `captured` by the camera."""
    id: int
    camera: int
    at: datetime
    captured: datetime | None
    sha256: str | None
    why: str
    kept: bool


class TourSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A tour, how far it came and what it found."""
    id: int
    person: str
    plan: str
    began: datetime
    ended: datetime | None
    cameras: int
    looked_at: int
    findings: int


class TransferOrder(msgspec.Struct, frozen=True, kw_only=True):
    """To an authority above or below the responsible one."""
    version: int | None = None
    reason: str = ""
    authority: str


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """When a device came or went."""
    at: datetime
    online: bool


class UnblurredGrant(msgspec.Struct, frozen=True, kw_only=True):
    """Faces may be seen until then, and every look is written down."""
    purpose: Purpose
    until: datetime


class UnblurredOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Why somebody wants to see faces. `words` are needed with the purpose `other`."""
    purpose: str = ""
    words: str = ""


class UpkeptEquipment(msgspec.Struct, frozen=True, kw_only=True):
    """One piece that the firm looks after, as it stands today at its site."""
    id: int
    code: str
    kind: EquipmentKind
    zh: str
    en: str
    site: Names
    address: str
    registration: str
    use_unit: str
    last_inspection: date | None
    next_inspection: date | None
    last_maintenance: date | None
    maintenance_due: date | None
    days: int | None
    standing: EquipmentStanding
    online: bool | None


class ValidationError(msgspec.Struct, frozen=True, kw_only=True):
    """ValidationError"""
    loc: list[str | int]
    msg: str
    type: str
    input: Any | UnsetType = UNSET
    ctx: dict[str, Any] | UnsetType = UNSET


class VectorResult(msgspec.Struct, frozen=True, kw_only=True):
    """A test vector of the file; without faults it came out."""
    name: str
    faults: list[str]


class Vendor(msgspec.Struct, frozen=True, kw_only=True):
    """Who builds devices. `devices` counts those of the person's authority."""
    code: str
    zh: str
    en: str
    contact: str
    profiles: int
    devices: int


class VendorNames(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a vendor beside its code."""
    zh: str
    en: str
    contact: str = ""


Verdict = Literal["new", "same", "gone"]

class VersionOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The version that was looked at, unless If-Match has it."""
    version: int | None = None


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A choice of the queue under a name."""
    tab: Tab = "unfinished"
    severity: int | None = None
    site: int | None = None
    condition: Condition | None = None
    overdue: bool = False
    mine: bool = False
    rule: str | None = None
    camera: int | None = None
    device: int | None = None
    from_day: date | None = None
    to_day: date | None = None
    id: int
    name: str
    address: str


class ViewOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A choice of the queue."""
    tab: Tab = "unfinished"
    severity: int | None = None
    site: int | None = None
    condition: Condition | None = None
    overdue: bool = False
    mine: bool = False
    rule: str | None = None
    camera: int | None = None
    device: int | None = None
    from_day: date | None = None
    to_day: date | None = None


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """A program that is told of events. Its address and secret are never shown again."""
    id: int
    name: str
    place: str
    owner: Names
    kinds: list[EventKind]
    enabled: bool
    state: Literal["working", "failing", "dead", "off", "new"]
    made: datetime
    secret_until: datetime | None
    waiting: int
    dropped: int
    held_until: datetime | None
    last_sent: datetime | None
    last_failed: datetime | None
    last_error: str


class WebhookChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be another; what is left out stays. Changing one that was given up tries it again."""
    name: str | None = None
    url: str | None = None
    kinds: list[EventKind] | None = None
    enabled: bool | None = None


class WebhookSecret(msgspec.Struct, frozen=True, kw_only=True):
    """What signs, shown this once. The one before signs as well for 24 hours."""
    secret: str


class WorkflowLook(msgspec.Struct, frozen=True, kw_only=True):
    """The machine's re-check after a report; `result` is null while it still looks."""
    began: datetime
    watch_s: float
    ended: datetime | None
    result: Recheck | None
    clear_since: datetime | None
    why: str
    zh: str
    en: str


class ZoneSettings(msgspec.Struct, frozen=True, kw_only=True):
    """A polygon in relative picture coordinates (0..1, y down) where `scenes` apply."""
    code: str
    zh: str
    en: str
    polygon: list[list[Any]]
    scenes: list[Scene]
    restricted: bool = False
    masks: list[list[list[Any]]] = msgspec.field(default_factory=list)
    overrides: dict[str, dict[str, float]] | UnsetType = UNSET
    special: bool = False
    breaks: Hours | UnsetType = UNSET
    allowed: Hours | UnsetType = UNSET
