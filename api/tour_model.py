"""What REST says of lists of cameras and of tours."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.alert_model import AT, SHA, Named

Cameras = Annotated[list[Annotated[int, Field(ge=1, le=2**62)]], Field(min_length=1, max_length=200)]


class CameraChoice(Named):
    """A camera to choose, or of a list."""

    site: Named
    health: str = Field(examples=["OK"])


class NewList(BaseModel):
    """Cameras in order; `columns` by `columns` of them fill the wall."""

    columns: int = Field(ge=2, le=4, examples=[3])
    cameras: Cameras = Field(examples=[[7, 8]])


class CameraList(BaseModel):
    """A person's own list, with the cameras of it that the person may see."""

    name: str = Field(examples=["午间重点"])
    columns: int = Field(examples=[3])
    cameras: list[CameraChoice]


class NewTour(BaseModel):
    """What to go through: one of the person's own lists, or the worst cameras first."""

    plan: Literal["worst", "list"] = Field(examples=["worst"])
    name: str = Field(default="", max_length=100, description="the list's", examples=[""])
    most: int = Field(default=20, ge=1, le=200, description="cameras, of the worst", examples=[20])


class Look(BaseModel):
    """One look at a camera; `sha256` is the digest of the still that was shown, `captured` by the camera."""

    id: int = Field(examples=[3])
    camera: int = Field(examples=[7])
    at: datetime = Field(examples=[AT])
    captured: datetime | None = Field(examples=[AT])
    sha256: str | None = Field(examples=[SHA])
    why: str = Field(examples=[""], description="why there was no picture")
    kept: bool = Field(examples=[False], description="the bytes are in the vault")


class Finding(BaseModel):
    """Something found in a camera's still."""

    id: int = Field(examples=[1])
    look: int = Field(examples=[3])
    at: datetime = Field(examples=[AT])
    words: str = Field(examples=["操作台上有生熟混放。"])
    camera: Named
    site: Named
    picture: str | None = Field(examples=[SHA], description="its SHA-256, for /evidence")
    person: str = Field(examples=["李强"])


class TourSummary(BaseModel):
    """A tour, how far it came and what it found."""

    id: int = Field(examples=[1])
    person: str = Field(examples=["李强"])
    plan: str = Field(examples=["worst"])
    began: datetime = Field(examples=[AT])
    ended: datetime | None = Field(examples=[None])
    cameras: int = Field(examples=[20])
    looked_at: int = Field(examples=[4])
    findings: int = Field(examples=[1])


class Tour(TourSummary):
    """The whole of it; `own`: the reader goes it."""

    own: bool = Field(examples=[True])
    stops: list[CameraChoice]
    looks: list[Look]
    found: list[Finding]


class NewFinding(BaseModel):
    """What was found, in words."""

    words: str = Field(max_length=2000, examples=["操作台上有生熟混放。"])
