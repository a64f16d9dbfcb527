"""Risk as REST shows it."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from api.alert_model import AT, Named, Names
from domain.risk import Band

_DAY = "2026-11-22"


class RiskTerm(BaseModel):
    """One term of a score: what was measured (empty for what never was), and the points that it gives of `weight`."""

    model_config = ConfigDict(from_attributes=True)
    zh: str = Field(examples=["未办结 I 级报警"])
    en: str = Field(examples=["Unfinished alerts of class I"])
    measure: str = Field(examples=["2"])
    points: float = Field(examples=[12.5])
    weight: int = Field(examples=[25])


class RankedSite(BaseModel):
    """A site in the order of risk, with the three terms that make most of its score."""

    day: date = Field(examples=[_DAY])
    site: Named
    kind: str = Field(examples=["kitchen"])
    authority: Names
    score: int = Field(examples=[62], description="0 to 100")
    band: Band = Field(examples=["orange"])
    change: int | None = Field(examples=[7], description="since a week ago")
    terms: list[RiskTerm]


class RiskDay(BaseModel):
    """A day of a subject's trend."""

    model_config = ConfigDict(from_attributes=True)
    day: date = Field(examples=[_DAY])
    score: int = Field(examples=[62])
    band: Band = Field(examples=["orange"])


class Risk(BaseModel):
    """A site's or a device's risk, how it comes about, and its last 30 days."""

    score: int = Field(examples=[62])
    band: Band = Field(examples=["orange"])
    at: datetime = Field(examples=[AT])
    weights: int = Field(examples=[1], description="the version of the weights that counted")
    terms: list[RiskTerm]
    trend: list[RiskDay]
