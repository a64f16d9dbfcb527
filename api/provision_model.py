"""What REST says of vendors, profiles, and how devices come and go."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.alert_model import AT, Named, Names
from domain.code import PATTERN


class VendorNames(BaseModel):
    """What is known of a vendor beside its code."""

    model_config = ConfigDict(extra="forbid")
    zh: str = Field(min_length=1, max_length=100, examples=["顶点电梯"])
    en: str = Field(min_length=1, max_length=100, examples=["Acme Lifts"])
    contact: str = Field(default="", max_length=200, examples=["support@acme.example"])


class Vendor(BaseModel):
    """Who builds devices. `devices` counts those of the person's authority."""

    code: str = Field(examples=["acme"])
    zh: str = Field(examples=["顶点电梯"])
    en: str = Field(examples=["Acme Lifts"])
    contact: str = Field(examples=["support@acme.example"])
    profiles: int = Field(examples=[2])
    devices: int = Field(examples=[140])


class ProfileSummary(BaseModel):
    """One profile in a list, in the version that is in use."""

    code: str = Field(examples=["acme-room"])
    version: int = Field(examples=[3])
    kind: str = Field(examples=["cold_store"])
    zh: str = Field(examples=["顶点冷库"])
    en: str = Field(examples=["Acme cold store"])
    vendor: str = Field(examples=["acme"], description="empty: nobody's in particular")
    devices: int = Field(examples=[12], description="of the person's authority")


class MetricValue(BaseModel):
    """What one value of a status item means."""

    value: float = Field(examples=[1])
    zh: str = Field(examples=["运行"])
    en: str = Field(examples=["Running"])


class Metric(BaseModel):
    """One metric: `low` and `high` bound what is believable, in `unit` (UCUM), both inclusive."""

    name: str = Field(examples=["air_temp"])
    unit: str = Field(examples=["Cel"])
    zh: str = Field(examples=["库温"])
    en: str = Field(examples=["Air temperature"])
    low: float = Field(examples=[-60])
    high: float = Field(examples=[60])
    flag: bool = Field(examples=[False])
    values: list[MetricValue]


class EventCode(BaseModel):
    """One code of the profile's table."""

    code: str = Field(examples=["90"])
    zh: str = Field(examples=["困人"])
    en: str = Field(examples=["Person trapped"])
    severity: int = Field(examples=[1])


class VectorResult(BaseModel):
    """A test vector of the file; without faults it came out."""

    name: str = Field(examples=["a poll"])
    faults: list[str] = Field(examples=[[]])


class Profile(ProfileSummary):
    """A profile whole."""

    source: str = Field(examples=["acme manual 4.2"])
    base: str | None = Field(examples=["cold-store"])
    silence_s: float = Field(examples=[600], description="without any message for so long it counts as offline")
    metrics: list[Metric]
    events: list[EventCode]
    topics: list[str] = Field(examples=[["gw/+/data → telemetry"]], description="foreign messages that it reads")
    sparkplug: bool = Field(examples=[False])
    vectors: list[VectorResult]


class Change(BaseModel):
    """One difference to the version before. `before` is null for what was added, `after` for what was taken away."""

    at: str = Field(examples=["metrics[air_temp].high"])
    before: str | None = Field(examples=["50"])
    after: str | None = Field(examples=["60"])


class ProfileVersion(BaseModel):
    """A version of a profile, since when it was in use, and what it changed."""

    version: int = Field(examples=[3])
    installed: datetime | None = Field(examples=[AT], description="null: from the start")
    changes: list[Change]


class ProfileCheck(BaseModel):
    """A file that may be installed: what it says, and what it changes."""

    profile: Profile
    installed: int | None = Field(examples=[2], description="the version in use; null: a new profile")
    changes: list[Change]


class NewDevice(BaseModel):
    """A device that is not there yet."""

    model_config = ConfigDict(extra="forbid")
    code: str = Field(pattern=PATTERN, examples=["room-1"])
    zh: str = Field(min_length=1, max_length=100, examples=["一号冷库"])
    en: str = Field(min_length=1, max_length=100, examples=["Cold store 1"])
    profile: str = Field(min_length=1, max_length=63, examples=["acme-room"])
    vendor: str = Field(default="", max_length=63, examples=["acme"])
    serial: str = Field(default="", max_length=100, examples=["A1001"])
    behind: bool = Field(default=False, examples=[False], description="an edge or a gateway speaks for it: no password")


class Claim(BaseModel):
    """A label's code, and where its device stands."""

    model_config = ConfigDict(extra="forbid")
    label: str = Field(
        min_length=1, max_length=300, examples=["7K3M-Q9ZT-4V0X-H2RD"], description="or the QR code's text"
    )
    site: str = Field(pattern=PATTERN, examples=["coldstore-1"])
    code: str = Field(pattern=PATTERN, examples=["room-1"])
    zh: str = Field(min_length=1, max_length=100, examples=["一号冷库"])
    en: str = Field(min_length=1, max_length=100, examples=["Cold store 1"])


class Label(BaseModel):
    """The device that a label stands for."""

    code: str = Field(examples=["7K3M-Q9ZT-4V0X-H2RD"])
    vendor: str = Field(examples=["acme"])
    profile: str = Field(examples=["acme-room"])
    serial: str = Field(examples=["A1001"])


class Credential(BaseModel):
    """How a device logs in at the broker; the password is shown this once. Null: an edge or a gateway speaks for it."""

    device: Named
    site: Names
    user: str | None = Field(examples=["coldstore-1.room-1"])
    password: str | None = Field(examples=["one-time example"])
    topic: str = Field(examples=["mc/v1/coldstore-1/room-1/telemetry"])
    foreign_topic: str = Field(examples=["mx/v1/coldstore-1/room-1/"])
    mqtt_url: str | None = Field(
        examples=["mqtts://broker.example:8883"], description="null: ask who runs the platform"
    )


class Access(BaseModel):
    """How a device is let in."""

    profile: str = Field(examples=["acme-room"])
    vendor: str = Field(examples=["acme"])
    serial: str = Field(examples=["A1001"])
    state: Literal["own", "behind", "revoked"] = Field(examples=["own"], description="own: it has a credential")
    issued: datetime | None = Field(examples=[AT])
    revoked: datetime | None = Field(examples=[None])


class ListLine(BaseModel):
    """What became of one line of a list. The password is shown this once."""

    line: int = Field(examples=[2])
    site: str = Field(examples=["market-1"])
    code: str = Field(examples=["scale-9"])
    result: Literal["added", "changed", "same", "refused"] = Field(examples=["added"])
    user: str = Field(examples=["market-1.scale-9"])
    password: str = Field(examples=["one-time example"])
    topic: str = Field(examples=["mc/v1/market-1/scale-9"])
    reason: str = Field(examples=[""])
