"""What REST says of webhooks, and of what each was sent."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.alert_model import AT, Names
from domain.webhook import EventKind

_Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S", examples=["ERP"])]
_Url = Annotated[
    str,
    Field(
        min_length=1, max_length=2000, examples=["https://erp.example/hooks/mingchu"],
        description="http or https; of the public internet, unless whoever runs the house allows others",
    ),
]  # fmt: skip
_Kinds = Annotated[
    list[EventKind],
    Field(min_length=1, max_length=len(EventKind), examples=[["alert.opened", "alert.closed", "device.offline"]]),
]
_SECRET = "whsec_6uMLiLIqXbCoZSDkRLqa8R9pQmDCyXw0Wf2cB0Vd1Ng="  # noqa: S105 - an example


class Webhook(BaseModel):
    """A program that is told of events. Its address and secret are never shown again."""

    id: int = Field(examples=[3])
    name: str = Field(examples=["ERP"])
    place: str = Field(examples=["erp.example"], description="its host")
    owner: Names
    kinds: list[EventKind] = Field(examples=[["alert.opened", "alert.closed", "device.offline"]])
    enabled: bool = Field(examples=[True])
    state: Literal["working", "failing", "dead", "off", "new"] = Field(
        examples=["working"], description="dead: given up after 48 hours, or because it answered 410"
    )
    made: datetime = Field(examples=[AT])
    secret_until: datetime | None = Field(examples=[None], description="until then the secret before signs as well")
    waiting: int = Field(examples=[0], description="deliveries not done yet; 5,000 at most")
    dropped: int = Field(examples=[0], description="events that it never got, in all")
    held_until: datetime | None = Field(examples=[None], description="nothing is sent before, after a failure")
    last_sent: datetime | None = Field(examples=[AT])
    last_failed: datetime | None = Field(examples=[None])
    last_error: str = Field(examples=[""])


class NewWebhook(BaseModel):
    """A webhook that is not there yet: of the reader's own side."""

    model_config = ConfigDict(extra="forbid")
    name: _Name
    url: _Url
    kinds: _Kinds


class WebhookChange(BaseModel):
    """What is to be another; what is left out stays. Changing one that was given up tries it again."""

    model_config = ConfigDict(extra="forbid")
    name: _Name | None = None
    url: _Url | None = None
    kinds: _Kinds | None = None
    enabled: bool | None = Field(default=None, examples=[True], description="off: nothing is kept for it meanwhile")


class WebhookSecret(BaseModel):
    """What signs, shown this once. The one before signs as well for 24 hours."""

    secret: str = Field(examples=[_SECRET])


class MadeWebhook(WebhookSecret):
    """A new webhook with its secret, which is shown this once."""

    webhook: Webhook


class Delivery(BaseModel):
    """One event for one webhook, and how its delivery went."""

    id: int = Field(examples=[41])
    event: UUID = Field(examples=["0d9a2c6e-1111-4222-8333-444455556666"], description="the webhook-id of each attempt")
    kind: str = Field(examples=["alert.opened"])
    subject: str = Field(examples=["alerts/17"])
    at: datetime = Field(examples=[AT], description="when it happened")
    state: Literal["waiting", "retrying", "sent", "failed"] = Field(examples=["sent"])
    tries: int = Field(examples=[1])
    asked: datetime = Field(examples=[AT], description="since when it waits, or waited")
    next_try: datetime | None = Field(examples=[None])
    sent: datetime | None = Field(examples=[AT])
    failed: datetime | None = Field(examples=[None])
    status: int | None = Field(examples=[204], description="of the last answer, in HTTP")
    last_error: str = Field(examples=[""])
    data: dict[str, Any] = Field(examples=[{"alert": 17, "version": 1}], description="the event's `data`")
