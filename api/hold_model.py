"""Legal holds as REST says and takes them."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from api.alert_model import AT, Named


class HoldOrder(BaseModel):
    """Why evidence must stay, and until the end of which day; without one until it is lifted."""

    model_config = ConfigDict(extra="forbid")
    why: str = Field(min_length=1, max_length=1000, pattern=r"\S", examples=["行政处罚案卷 2026-118"])
    until: date | None = Field(default=None, examples=["2027-03-31"])


class LiftOrder(BaseModel):
    """Why the hold is no longer needed."""

    model_config = ConfigDict(extra="forbid")
    why: str = Field(min_length=1, max_length=1000, pattern=r"\S", examples=["案件已结"])


class Hold(BaseModel):
    """A hold of an alert's evidence, or (`alert` null) of all evidence of a site."""

    id: int = Field(examples=[2])
    alert: int | None = Field(examples=[17])
    site: Named
    by: str = Field(examples=["李强"])
    placed: datetime = Field(examples=[AT])
    until: datetime | None = Field(examples=[None])
    why: str = Field(examples=["行政处罚案卷 2026-118"])
    lifted: datetime | None = Field(examples=[None])
    lifted_by: str | None = Field(examples=[None])
    lifted_why: str = Field(examples=[""])
    in_force: bool = Field(examples=[True])
