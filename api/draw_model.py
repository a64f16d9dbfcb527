"""Random draws (双随机) as REST says and takes them."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from api.alert_model import AT, SHA, Names

_SEED = "9d1f5c0e7b"


class DrawOrder(BaseModel):
    """How many to draw. Without a seed the platform makes one; either way it stands in the record."""

    model_config = ConfigDict(extra="forbid")
    sites: int = Field(ge=0, le=10_000, examples=[20])
    inspectors: int = Field(default=0, ge=0, le=1000, examples=[2])
    seed: str = Field(default="", max_length=200, examples=[_SEED], description="for instance of a public lottery")


class DrawSummary(BaseModel):
    """One draw in the list."""

    id: int = Field(examples=[4])
    at: datetime = Field(examples=[AT])
    authority: Names
    person: str | None = Field(examples=["李强"], description="null: by the command line")
    sites: int = Field(examples=[20], description="drawn")
    inspectors: int = Field(examples=[2], description="drawn")


class DrawCandidate(BaseModel):
    """One that might be drawn, with its lots: 1 and the site's risk score."""

    model_config = ConfigDict(from_attributes=True)
    code: str = Field(examples=["canteen-1"])
    lots: int = Field(examples=[63])


class DrawnSite(DrawCandidate):
    """A site that was drawn; without names where it is out of the reader's scope."""

    id: int | None = Field(examples=[7])
    zh: str | None = Field(examples=["第一食堂"])
    en: str | None = Field(examples=["Canteen 1"])


class DrawnInspector(BaseModel):
    """A regulator who was drawn, by login."""

    login: str = Field(examples=["yuexiu"])
    name: str | None = Field(examples=["李强"])


class SiteDraw(DrawSummary):
    """The whole record: with the seed and the candidates anybody draws the same again.

    Each candidate's key is ln(u) / lots with u = (1 + the first 53 bits of SHA-256("seed\\nkind\\ncode")) / 2^53; kind
    is site or inspector, and inspectors have one lot. Those with the greatest keys are drawn.
    """

    seed: str = Field(examples=[_SEED])
    day: date | None = Field(examples=["2026-11-22"], description="whose scores gave the lots; null: there were none")
    weights: int | None = Field(examples=[1], description="the version of the weights of those scores")
    sha256: str = Field(examples=[SHA], description="of the record; the audit log names it too")
    holds: bool = Field(examples=[True], description="drawing again gives the same, and the audit log agrees")
    misweighted: list[str] = Field(examples=[[]], description="candidates whose lots are not what their score gave")
    drawn_sites: list[DrawnSite] = Field(description="in the order in which they were drawn")
    drawn_inspectors: list[DrawnInspector]
    candidates: list[DrawCandidate]
    inspector_candidates: list[str] = Field(examples=[["yuexiu", "tianhe"]])
