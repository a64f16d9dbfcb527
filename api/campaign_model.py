"""What REST says of special campaigns, and takes as orders."""

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, Field

from api.workflow_model import Authority
from domain.alert import Status

AT = "2026-11-22T03:15:20Z"


class Campaign(BaseModel):
    """A named set of alerts and how far it has come, of the alerts that the reader may see."""

    id: int = Field(examples=[2])
    authority: Authority
    name: str = Field(examples=["冬季明厨专项"])
    goal: str = Field(examples=["整治后厨吸烟，一个月内全部办结。"])
    begins: datetime = Field(examples=[AT])
    ends: datetime = Field(examples=["2026-12-22T03:15:20Z"])
    may_add: bool = Field(examples=[True])
    alerts: int = Field(examples=[12])
    counts: dict[Status, int] = Field(examples=[{"open": 2, "acknowledged": 1, "rectified": 1, "closed": 8}])
    on_time: int = Field(examples=[9], description="acted on by the deadline: class I acknowledged, others reported")
    late: int = Field(examples=[1])


class CampaignOrder(BaseModel):
    """A campaign with the alerts raised since `since` that fit the filter."""

    name: str = Field(min_length=1, max_length=100, examples=["冬季明厨专项"])
    goal: str = Field(default="", max_length=2000, examples=["整治后厨吸烟，一个月内全部办结。"])
    begins: AwareDatetime = Field(examples=[AT])
    ends: AwareDatetime = Field(examples=["2026-12-22T03:15:20Z"])
    since: AwareDatetime = Field(examples=["2026-11-01T00:00:00Z"])
    rule: str | None = Field(default=None, max_length=63, examples=["smoking"])
    severity: int | None = Field(default=None, ge=1, le=4, examples=[2])
    site: int | None = Field(default=None, examples=[7])


class CampaignAlerts(BaseModel):
    """Alerts to be added by hand."""

    alerts: list[int] = Field(min_length=1, max_length=200, examples=[[17, 18]])
