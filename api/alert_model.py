"""What REST says of alerts."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.workflow_model import Appeal, Assignee, Authority, Comment, Draw, Look, Precision, Still, Supervision
from domain.alert import Action, Condition, Role, Status
from domain.purpose import Purpose
from domain.wire import EvidenceKind

AT = "2026-11-22T03:15:20Z"
AWAITED = "true: a picture is announced, its bytes are on their way from the edge"
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


class Named(BaseModel):
    """A thing and its two names."""

    id: int = Field(examples=[7])
    code: str = Field(examples=["cold-1"])
    zh: str = Field(examples=["一号冷库"])
    en: str = Field(examples=["Cold store 1"])


class Names(BaseModel):
    """Two names of one thing."""

    zh: str = Field(examples=["广州市越秀餐饮有限公司"])
    en: str = Field(examples=["Yuexiu Catering Co."])


class Subject(Named):
    """The camera or device that the alert is about, or the site itself."""

    kind: Literal["camera", "device", "site"] = Field(examples=["device"])
    device_kind: str | None = Field(examples=["cold_store"])


class RuleName(Names):
    """The rule that decided, in its version."""

    code: str = Field(examples=["frozen-warm"])
    version: int = Field(examples=[1])
    zh: str = Field(examples=["冷冻库温度过高"])
    en: str = Field(examples=["Frozen store too warm"])


class AlertSummary(BaseModel):
    """One row of the queue. `due` is when to acknowledge (class I) or to rectify (II, III)."""

    id: int = Field(examples=[17])
    version: int = Field(examples=[3], description="Send it back with an action: a stale one is answered 409.")
    severity: int = Field(ge=1, le=4, examples=[2], description="1 red, 2 orange, 3 yellow, 4 blue")
    status: Status = Field(examples=["open"])
    condition: Condition = Field(examples=["ACTIVE"])
    rule: RuleName
    site: Named
    operator: Names
    subject: Subject
    zone: str = Field(examples=[""])
    why: str = Field(examples=["air_temp=-11.2, defrost=0"], description="the named reason, as it was recorded")
    wording: Names = Field(description="the same for people")
    began: datetime = Field(examples=[AT])
    raised: datetime = Field(examples=[AT])
    changed: datetime = Field(examples=[AT])
    cleared: datetime | None = Field(examples=[None])
    due: datetime = Field(examples=["2026-11-22T05:15:20Z"])
    picture: str | None = Field(
        examples=[SHA], description="SHA-256 of the redacted boxed frame, for /evidence; null until its bytes are there"
    )
    picture_awaited: bool = Field(examples=[False], description=AWAITED)
    responsible: Authority = Field(description="the authority that reviews it: its site's, or the one it was passed to")
    transferred: bool = Field(examples=[False])
    assignee: Assignee | None
    supervised: Supervision | None
    appeal_due: datetime | None = Field(examples=[None], description="when a waiting appeal must have been answered")


class AlertPage(BaseModel):
    """One page of the queue; `next` is the cursor of the following one, null at the end."""

    items: list[AlertSummary]
    next: str | None = Field(examples=["AgAAAAAAAAAR"])


class AlertCount(BaseModel):
    """How many alerts have that status and severity (finished ones: of the last 24 hours)."""

    model_config = ConfigDict(from_attributes=True)
    status: Status = Field(examples=["open"])
    severity: int = Field(examples=[1])
    n: int = Field(examples=[4])


class Step(BaseModel):
    """One step of the history; `by` is null where the system did it."""

    at: datetime = Field(examples=[AT])
    by: str | None = Field(examples=["王敏"])
    role: Role | None = Field(examples=["operator"])
    action: str = Field(examples=["acknowledge"])
    source: Status | None = Field(examples=["open"])
    target: Status = Field(examples=["acknowledged"])
    condition: Condition = Field(examples=["ACTIVE"])
    reason: str = Field(examples=[""])
    wording: Names = Field(description="the reason for people; a person's own words unchanged")


class Sample(BaseModel):
    """One look at the subject; `box` is x1, y1, x2, y2 relative to the picture."""

    model_config = ConfigDict(from_attributes=True)
    at: datetime = Field(examples=[AT])
    box: tuple[float, float, float, float] = Field(examples=[(0.31, 0.22, 0.44, 0.61)])
    score: float = Field(examples=[0.83])
    verdict: str = Field(examples=["violating"])


class SceneSeen(BaseModel):
    """What the camera saw; times by the capture clock."""

    model_config = ConfigDict(from_attributes=True)
    id: str = Field(examples=["3f2a9c1e-1111-4222-8333-444455556666"])
    scene: str = Field(examples=["PHONE"])
    zone: str = Field(examples=["kitchen"])
    zone_zh: str = Field(examples=["烹饪区"])
    zone_en: str = Field(examples=["Cooking area"])
    track: int = Field(examples=[12])
    first: datetime = Field(examples=[AT])
    best: datetime = Field(examples=[AT])
    last: datetime = Field(examples=[AT])
    why: str = Field(examples=["9 of 11 samples over 12.0 s, phone linked to a person, zone kitchen, opening hours"])
    model: str = Field(examples=[SHA])
    rule_version: int = Field(examples=[1])
    ended: datetime | None = Field(examples=[None])
    ended_why: str = Field(examples=[""])


class Evidence(BaseModel):
    """One piece of evidence; `there` is false until the edge has uploaded its bytes."""

    kind: EvidenceKind = Field(examples=["clip"])
    sha256: str = Field(examples=[SHA])
    of: str | None = Field(examples=[None], description="SHA-256 of what a redacted picture is made of")
    guarded: bool = Field(examples=[True], description="true: its bytes may show faces, and need a stated purpose")
    media_type: str = Field(examples=["video/mp4"])
    size: int = Field(examples=[1843200])
    begin: datetime = Field(examples=[AT])
    end: datetime = Field(examples=["2026-11-22T03:15:40Z"])
    complete: bool = Field(examples=[True])
    why: str = Field(examples=[""])
    wording: Names = Field(description="why, for people")
    there: bool = Field(examples=[True])


class EvidenceExpired(BaseModel):
    """The tombstone of bytes that were deleted when their time was over."""

    model_config = ConfigDict(from_attributes=True)
    sha256: str = Field(examples=[SHA])
    size: int = Field(examples=[1843200])
    severity: int = Field(examples=[2], description="the class that they were kept by")
    days: int = Field(examples=[180], description="for how many days")
    since: datetime = Field(examples=[AT], description="what the days were counted from")
    gone: datetime = Field(examples=["2027-05-21T03:15:40Z"])
    rule: str = Field(examples=["class II: 180 days from 2026-11-22T03:15:40Z"])


class EvidenceGone(BaseModel):
    """Evidence that will never come; with `sha256` it had been announced."""

    part: EvidenceKind = Field(examples=["clip"])
    sha256: str | None = Field(examples=[None])
    at: datetime = Field(examples=[AT])
    why: str = Field(examples=["the edge was restarted before it was made"])
    wording: Names = Field(description="why, for people")


class EvidenceChain(BaseModel):
    """Whether the edge's statements about this scene are what it hashed, in their order, and agree with what is shown.

    `none`: the edge made no chain. `place` and `fault` say where and how it is broken.
    """

    state: Literal["intact", "broken", "none"] = Field(examples=["intact"])
    first: int = Field(examples=[12], description="the first of this scene's links in its camera's chain")
    last: int = Field(examples=[15])
    head: str = Field(examples=[SHA], description="the hash of the last one")
    place: int | None = Field(examples=[None])
    fault: Literal["edited", "missing", "unjoined", "forked"] | None = Field(examples=[None])
    detail: str = Field(examples=[""])


class Rectification(BaseModel):
    """The operator's report; `photos` are SHA-256, for /evidence."""

    id: int = Field(examples=[5])
    at: datetime = Field(examples=[AT])
    by: str | None = Field(examples=["王敏"])
    text: str = Field(examples=["已更换门封条，温度恢复到 -18 °C。"])
    photos: list[str] = Field(examples=[[SHA]])
    recheck: Look | None
    stills: list[Still]
    claimed: list[datetime | None] = Field(
        examples=[["2026-11-22T03:14:02Z"]], description="of each photo, when it was taken as the phone claims"
    )
    signature: str | None = Field(examples=[None], description="SHA-256 of the signature, a PNG picture")


class Review(BaseModel):
    """The regulator's verdict."""

    at: datetime = Field(examples=[AT])
    by: str | None = Field(examples=["李强"])
    verdict: Literal["accept", "reject", "dismiss"] = Field(examples=["reject"])
    reason: str = Field(examples=["照片看不清门封条，请重拍。"])


class Push(BaseModel):
    """One message to one recipient and how it went; `to` is null where the recipient is out of the reader's scope."""

    id: str = Field(examples=["0d9a2c6e-1111-4222-8333-444455556666"])
    reason: str = Field(examples=["raised"])
    to: Names | None
    host: str = Field(examples=["push.example.com"])
    state: Literal["waiting", "sent", "failed"] = Field(examples=["sent"])
    created: datetime = Field(examples=[AT])
    next_try: datetime | None = Field(examples=[None])
    tries: int = Field(examples=[1])
    sent: datetime | None = Field(examples=[AT])
    failed: datetime | None = Field(examples=[None])
    last_error: str = Field(examples=[""])
    kind: str = Field(examples=["wecom"], description="of channel; empty where it is out of the reader's scope")
    together: bool = Field(examples=[False], description="told in one message with others")
    instead: bool = Field(examples=[False], description="because another channel did not get through")
    opened: datetime | None = Field(examples=[None], description="where the channel tells")


class Rule(BaseModel):
    """The rule as it was when it decided."""

    model_config = ConfigDict(from_attributes=True)
    kind: str = Field(examples=["threshold"])
    source: str = Field(examples=["GB 31605-2020"])
    predicate: str = Field(examples=["air_temp > -15 and not defrost"])
    for_s: float = Field(examples=[1800.0])
    recheck_s: float = Field(examples=[600.0], description="The condition must be clear for so long before closing.")
    active: bool = Field(examples=[True])


class Clock(Names):
    """One time limit of an alert; its names are its ladder's. Without `outcome` it runs."""

    model_config = ConfigDict(from_attributes=True)

    kind: str = Field(examples=["escalated"])
    rung: str = Field(examples=["district"])
    started: datetime = Field(examples=[AT])
    due: datetime = Field(examples=[AT])
    done: datetime | None = Field(examples=[None])
    outcome: Literal["fired", "cancelled", "failed"] | None = Field(examples=[None])
    paused: datetime | None = Field(
        examples=[None],
        description="since when it waits: for an appeal's verdict, or while an outage of its site tells of it",
    )


class Measured(BaseModel):
    """One value that proved the alert when it was raised: a reading, or a figure that the rule looks at."""

    model_config = ConfigDict(from_attributes=True)
    at: datetime = Field(examples=[AT])
    name: str = Field(examples=["air_temp"])
    value: float = Field(examples=[-11.8])


class Member(Names):
    """A device or camera that an outage holds: silent since when, and when it was heard again."""

    model_config = ConfigDict(from_attributes=True)
    kind: Literal["camera", "device"] = Field(examples=["device"])
    id: int = Field(examples=[12])
    code: str = Field(examples=["cold-1"])
    since: datetime = Field(examples=[AT])
    back: datetime | None = Field(examples=[None])


class Source(BaseModel):
    """A rule that shares the alert with others; `over` is null while its own condition is still so."""

    code: str = Field(examples=["lift-alarm-button"])
    version: int = Field(examples=[2])
    zh: str = Field(examples=["轿内报警按钮被按下"])
    en: str = Field(examples=["Alarm button pressed in the car"])
    since: datetime = Field(examples=[AT])
    over: datetime | None = Field(examples=[None])
    why: str = Field(examples=["event 90 (Alarm button in the car) began"])
    wording: Names


class AlertCase(AlertSummary):
    """One alert with all that belongs to it, and what the reader may do."""

    actions: list[Action] = Field(examples=[["acknowledge"]])
    rule_body: Rule | None
    scene: SceneSeen | None
    samples: list[Sample]
    measured: list[Measured]
    sources: list[Source]
    members: list[Member] = Field(
        description="what an alert about a site (an outage) holds, what is silent still first"
    )
    evidence: list[Evidence]
    expired: list[EvidenceExpired]
    missing: list[EvidenceGone]
    chain: EvidenceChain | None
    history: list[Step]
    clocks: list[Clock]
    rectifications: list[Rectification]
    reviews: list[Review]
    pushes: list[Push]
    comments: list[Comment]
    appeal: Appeal | None
    draw: Draw | None
    precision: Precision | None = Field(description="of this scene on this camera")


class ActionOrder(BaseModel):
    """An action on an alert. `version` may come as If-Match instead."""

    version: int | None = Field(default=None, examples=[3])
    reason: str = Field(default="", max_length=2000, examples=["照片看不清门封条，请重拍。"])


class UnblurredOrder(BaseModel):
    """Why somebody wants to see faces. `words` are needed with the purpose `other`."""

    purpose: str = Field(default="", max_length=40, examples=["review"])
    words: str = Field(default="", max_length=500, examples=["核对整改照片中的人员"])


class UnblurredGrant(BaseModel):
    """Faces may be seen until then, and every look is written down."""

    purpose: Purpose = Field(examples=["review"])
    until: datetime = Field(examples=["2026-11-22T03:45:20Z"])


class StatedPurpose(Names):
    """A purpose that the reader may state."""

    code: Purpose = Field(examples=["review"])
    zh: str = Field(examples=["复核处置"])
    en: str = Field(examples=["Review of an alert"])
