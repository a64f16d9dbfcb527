"""What REST says of channels."""

from datetime import datetime, time
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.alert_model import AT, Names
from domain.channel import ChannelKind

_CLOCK = "22:00:00"


class ChannelBudget(BaseModel):
    """Messages that it may have at once now, and what is kept for class I of them."""

    ordinary: int = Field(examples=[4])
    reserved: int = Field(examples=[4])
    ordinary_of: int = Field(examples=[4])
    reserved_of: int = Field(examples=[4])


class Channel(BaseModel):
    """One way to a recipient and how it does. Its address and secret are never shown again."""

    id: int = Field(examples=[3])
    kind: ChannelKind = Field(examples=["wecom"])
    name: str = Field(examples=["值班群"])
    place: str = Field(examples=["qyapi.weixin.qq.com"], description="its host, or its mail address")
    owner: Names
    person: str | None = Field(examples=[None], description="whose browser it is")
    mine: bool = Field(examples=[True], description="may be changed by the reader")
    lang: Literal["zh", "en"] = Field(examples=["zh"])
    rank: int = Field(examples=[1], description="the lowest of a side is told first, the next when it fails")
    enabled: bool = Field(examples=[True])
    state: Literal["working", "failing", "dead", "off", "new"] = Field(examples=["working"])
    quiet_from: time | None = Field(examples=[_CLOCK], description="from then on only class I is sent")
    quiet_to: time | None = Field(examples=["07:00:00"])
    budget: ChannelBudget
    held_until: datetime | None = Field(examples=[None], description="the ordinary waits until then, to go together")
    waiting: int = Field(examples=[0], description="pushes not sent yet")
    last_sent: datetime | None = Field(examples=[AT])
    last_failed: datetime | None = Field(examples=[None])
    last_error: str = Field(examples=[""])


class ChannelSettings(BaseModel):
    """What may be changed of a channel. Changing one that was given up tries it again."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(default="", max_length=100, examples=["值班群"])
    rank: int = Field(default=1, ge=1, le=9, examples=[1])
    enabled: bool = Field(default=True, examples=[True])
    lang: Literal["zh", "en"] = Field(default="zh", examples=["zh"])
    quiet_from: time | None = Field(default=None, examples=[_CLOCK])
    quiet_to: time | None = Field(default=None, examples=["07:00:00"])


class NewChannel(ChannelSettings):
    """A channel that is not there yet: of the reader's own side."""

    kind: Literal["webhook", "wecom", "dingtalk", "feishu", "email"] = Field(examples=["wecom"])
    address: str = Field(
        min_length=1,
        max_length=2000,
        examples=["https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=00000000-0000-0000-0000-000000000000"],
        description="the robot's or webhook's URL, or an e-mail address",
    )
    secret: str = Field(
        default="", max_length=500, examples=[""], description="signs: of a webhook, a DingTalk or Feishu robot"
    )


class SubscriptionKeys(BaseModel):
    """The browser's public key and its shared secret (RFC 8291), in base64url."""

    p256dh: str = Field(pattern=r"^[A-Za-z0-9_-]{80,100}=*$", examples=["B" + "A" * 86])
    auth: str = Field(pattern=r"^[A-Za-z0-9_-]{20,30}=*$", examples=["A" * 22])


class Subscription(BaseModel):
    """What the browser's PushManager has given."""

    model_config = ConfigDict(extra="ignore")
    endpoint: str = Field(pattern=r"^https?://", max_length=2000, examples=["https://push.example/abc"])
    keys: SubscriptionKeys


class PushKey(BaseModel):
    """This house's public key, for the browser's PushManager; null until the alerts service has run."""

    key: str | None = Field(examples=["B" + "A" * 86])
