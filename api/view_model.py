"""Saved views of the queue as REST shows and takes them."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from domain.alert import Condition


class Tab(StrEnum):
    """Which part of the queue is shown."""

    UNFINISHED = "unfinished"
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RECTIFIED = "rectified"
    FINISHED = "finished"


# In China's time zone.
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2200, 12, 31))]


class ViewOrder(BaseModel):
    """A choice of the queue."""

    model_config = ConfigDict(extra="forbid")
    tab: Tab = Field(default=Tab.UNFINISHED, examples=["unfinished"])
    severity: int | None = Field(default=None, ge=1, le=4, examples=[1])
    site: int | None = Field(default=None, ge=1, le=2**53, examples=[7])
    condition: Condition | None = Field(default=None, examples=["ACTIVE"])
    overdue: bool = Field(default=False, examples=[True])
    mine: bool = Field(default=False, examples=[False], description="assigned to me")
    rule: str | None = Field(default=None, min_length=1, max_length=63, examples=["frozen-warm"], description="a code")
    camera: int | None = Field(default=None, ge=1, le=2**53, examples=[None])
    device: int | None = Field(default=None, ge=1, le=2**53, examples=[12])
    from_day: Day | None = Field(default=None, examples=["2026-11-01"], description="raised on that day or later")
    to_day: Day | None = Field(default=None, examples=["2026-11-07"], description="raised on that day or before")


class View(ViewOrder):
    """A choice of the queue under a name."""

    id: int = Field(examples=[3])
    name: str = Field(examples=["一级未办结"])
    address: str = Field(examples=["/?tab=unfinished&severity=1"], description="of the console's page")
