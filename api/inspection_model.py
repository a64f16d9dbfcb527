"""Inspections as REST shows and takes them."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.alert_model import AT, SHA, Named
from domain.checklist import Every, Kind, Side

_DAY = "2026-11-22"


class ChecklistItem(BaseModel):
    """One question. A yes is good; `low` and `high` are the numbers that are good, both included."""

    model_config = ConfigDict(from_attributes=True)
    code: str = Field(examples=["hygiene-1"])
    zh: str = Field(examples=["从业人员是否持有效健康证？"])
    en: str = Field(examples=["Do all workers have valid health certificates?"])
    kind: Kind = Field(examples=["yes_no"])
    photo: bool = Field(examples=[False], description="it needs a photo, whatever the answer")
    unit: str = Field(examples=[""], description="UCUM, of a number")
    low: float | None = Field(examples=[None])
    high: float | None = Field(examples=[None])


class Checklist(BaseModel):
    """A checklist in the version that is in use."""

    model_config = ConfigDict(from_attributes=True)
    code: str = Field(examples=["kitchen-daily"])
    version: int = Field(examples=[1])
    zh: str = Field(examples=["餐饮单位日管控"])
    en: str = Field(examples=["Daily check of a kitchen"])
    every: Every = Field(examples=["day"])
    signatures: list[Side] = Field(examples=[["operator"]])
    items: list[ChecklistItem]
    source: str = Field(examples=[""], description="the standard that asks for it")


class Inspection(BaseModel):
    """One inspection of a site, to do or done."""

    id: int = Field(examples=[5])
    site: Named
    checklist: str = Field(examples=["kitchen-daily"])
    zh: str = Field(examples=["餐饮单位日管控"])
    en: str = Field(examples=["Daily check of a kitchen"])
    plan: int | None = Field(examples=[2], description="of which it is an occurrence")
    assigned: datetime = Field(examples=[AT])
    due: datetime = Field(examples=[AT])
    done: datetime | None = Field(examples=[None])
    late: bool = Field(examples=[False])
    items: int = Field(examples=[12])
    answered: int = Field(examples=[3])
    failed: int = Field(examples=[1])
    sha256: str | None = Field(examples=[None], description="of the document, once it is done")


class InspectionAnswer(BaseModel):
    """What was found of one item, and by whom."""

    model_config = ConfigDict(from_attributes=True)
    item: str = Field(examples=["hygiene-1"])
    value: str = Field(examples=["no"])
    failed: bool = Field(examples=[True])
    note: str = Field(examples=["两人健康证过期"])
    alert: int | None = Field(examples=[17])
    by: str = Field(examples=["yuexiu"])
    at: datetime = Field(examples=[AT])


class InspectionPaper(BaseModel):
    """A photo of an item, or a side's signature: read the bytes at `/evidence/{sha256}`."""

    model_config = ConfigDict(from_attributes=True)
    item: str = Field(examples=["hygiene-1"], description="of a signature: the side")
    kind: Literal["photo", "signature"] = Field(examples=["photo"])
    sha256: str = Field(examples=[SHA])
    name: str = Field(examples=[""], description="of who signed")
    claimed: datetime | None = Field(examples=[None], description="when the phone says that it was taken")
    by: str = Field(examples=["yuexiu"])
    at: datetime = Field(examples=[AT])


class InspectionDocument(Inspection):
    """An inspection with all that was answered and signed so far."""

    steps: list[ChecklistItem]
    next: int = Field(examples=[3], description="the step whose turn it is, from 0; as many as steps: signatures")
    signatures: list[Side] = Field(examples=[["operator", "authority"]], description="that it needs")
    answers: list[InspectionAnswer]
    papers: list[InspectionPaper]
    intact: bool | None = Field(examples=[None], description="the document is as it was signed; null: not done yet")


class InspectionOrder(BaseModel):
    """An inspection to assign: due at the end of that day in China."""

    model_config = ConfigDict(extra="forbid")
    site: int = Field(ge=1, le=2**62, examples=[7])
    checklist: str = Field(max_length=63, examples=["kitchen-daily"])
    day: date = Field(examples=[_DAY])


class PlanOrder(InspectionOrder):
    """The same, coming again and again from that day on."""

    every: Every = Field(examples=["week"])


class InspectionPlan(BaseModel):
    """A checklist that comes again."""

    id: int = Field(examples=[2])
    site: int = Field(examples=[7])
    zh: str = Field(examples=["百味餐厅"], description="the site's")
    en: str = Field(examples=["Baiwei"])
    checklist: str = Field(examples=["kitchen-daily"])
    every: Every = Field(examples=["week"])
    starts: date = Field(examples=[_DAY])
