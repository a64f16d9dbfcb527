"""Reports, and who gets them by themselves, as REST says and takes them."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.alert_model import AT, SHA, Names
from domain.channel import ChannelKind
from domain.enclosure import Attached
from domain.period import Span


class ReportOrder(BaseModel):
    """The report of which closed period (the one that `day` lies in): of a site, or of one's whole authority."""

    model_config = ConfigDict(extra="forbid")
    span: Span = Field(examples=["week"])
    day: date = Field(examples=["2026-11-16"])
    site: int | None = Field(default=None, ge=1, le=2**62, examples=[7], description="an operator names one of its own")


class ReportSummary(BaseModel):
    """One report in the list."""

    id: int = Field(examples=[12])
    span: Span = Field(examples=["week"])
    begin: datetime = Field(examples=[AT])
    end: datetime = Field(examples=[AT])
    made: datetime = Field(examples=[AT])
    of: Names
    raised: int = Field(examples=[41], description="alerts")


class ReportWhole(BaseModel):
    """One report. `figures` are those of its page and files; times in seconds, shares of one."""

    id: int = Field(examples=[12])
    made: datetime = Field(examples=[AT])
    sha256: str = Field(examples=[SHA], description="of the figures in canonical JSON, names left out")
    authority: str | None = Field(examples=["gz.yx"])
    site: int | None = Field(examples=[None])
    figures: dict[str, Any] = Field(
        examples=[{"span": "week", "first": "2026-11-16", "last": "2026-11-22", "classes": [], "rules": []}]
    )


class ReportSubscriptionOrder(BaseModel):
    """Which report goes over which channel from now on; a file goes with a mail alone."""

    model_config = ConfigDict(extra="forbid")
    span: Span = Field(examples=["week"])
    channel: int = Field(ge=1, le=2**62, examples=[3])
    site: int | None = Field(default=None, ge=1, le=2**62, examples=[None])
    attached: Attached = Field(default=Attached.NONE, examples=["pdf"])


class ReportSubscription(BaseModel):
    """A subscription, and how the newest report of it went."""

    model_config = ConfigDict(from_attributes=True)
    id: int = Field(examples=[5])
    span: Span = Field(examples=["week"])
    attached: Attached = Field(examples=["pdf"])
    since: datetime = Field(examples=[AT])
    zh: str = Field(examples=["越秀区"])
    en: str = Field(examples=["Yuexiu"])
    kind: ChannelKind = Field(examples=["email"])
    channel: str = Field(examples=["值班信箱"])
    place: str = Field(examples=["duty@example.com"])
    working: bool = Field(examples=[True], description="the channel is in use")
    mine: bool = Field(examples=[True], description="one may end it")
    report: int | None = Field(examples=[12], description="the newest that went")
    made: datetime | None = Field(examples=[AT])
    sent: datetime | None = Field(examples=[AT])
    failed: datetime | None = Field(examples=[None])
    opened: datetime | None = Field(examples=[None])
    tries: int = Field(examples=[1])
    last_error: str = Field(examples=[""])
