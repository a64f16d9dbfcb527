"""What REST says of a camera's configuration, and takes of it."""

from datetime import date, datetime, time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, WithJsonSchema

from api.alert_model import AT, Named, Names
from domain.camera import Mode
from domain.code import PATTERN
from domain.scene import Scene

_SQUARE = [[0.1, 0.2], [0.6, 0.2], [0.6, 0.8], [0.1, 0.8]]
_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
MOST_ZONES = 16

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
ZoneCode = Annotated[str, Field(max_length=63)]  # what is kept may be no Code: it is shown, and refused when saved
ZoneName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]  # a registry file's may be empty
State = Literal["applied", "waiting", "refused", "removed"]

Share = Annotated[float, Field(allow_inf_nan=False)]
Polygon = Annotated[list[tuple[Share, Share]], Field(max_length=100)]
Code = Annotated[str, Field(pattern=PATTERN)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


# JSON Schema's own format `time` is one with an offset from UTC; a site's hours are of its own clock.
LocalTime = Annotated[time, WithJsonSchema({"type": "string", "pattern": r"^[0-2]\d:[0-5]\d(:[0-5]\d)?$"})]


class Opening(_Strict):
    """From `begin` to `end` local time on `days` (0 = Monday); an end before the begin runs past midnight."""

    days: list[Annotated[int, Field(ge=0, le=6)]] = Field(max_length=7, examples=[[0, 1, 2, 3, 4]])
    begin: LocalTime = Field(examples=["08:00:00"])
    end: LocalTime = Field(examples=["21:30:00"])


class Hours(_Strict):
    """Weekly hours in one time zone; none at all: never."""

    openings: list[Opening] = Field(default_factory=list, max_length=28)
    timezone: str = Field(default="Asia/Shanghai", max_length=60, examples=["Asia/Shanghai"])
    holidays: list[date] = Field(default_factory=list, max_length=400, examples=[["2026-10-01"]])


class ZoneSettings(_Strict):
    """A polygon in relative picture coordinates (0..1, y down) where `scenes` apply."""

    code: ZoneCode = Field(examples=["stove"])
    zh: ZoneName = Field(examples=["灶台区"])
    en: ZoneName = Field(examples=["Stoves"])
    polygon: Polygon = Field(examples=[_SQUARE])
    scenes: list[Scene] = Field(max_length=len(Scene), examples=[["FIRE_UNATTENDED", "PEST"]])
    restricted: bool = Field(default=False, examples=[False], description="INTRUSION at any hour")
    masks: list[Polygon] = Field(
        default_factory=list, max_length=16, examples=[[]], description="inside these nothing counts"
    )
    overrides: dict[Scene, dict[str, Share]] = Field(
        default_factory=dict, examples=[{"FIRE_UNATTENDED": {"min_s": 120}}], description="numbers of the scenes' rules"
    )
    special: bool = Field(default=False, examples=[False], description="a special room: no mask is of class II")
    breaks: Hours = Field(default_factory=Hours, description="PHONE does not apply")
    allowed: Hours = Field(default_factory=Hours, description="INTRUSION does not apply")


class Source(_Strict):
    """Where the camera is reached. The password goes in and never comes out again.

    With the same address and user, and no password, all stays as it is; a changed one needs the password again.
    """

    address: str = Field(max_length=500, examples=["rtsp://192.0.2.7:554/stream1"], description="without a login")
    user: str = Field(default="", max_length=100, examples=["viewer"])
    password: SecretStr | None = Field(default=None, max_length=200, examples=[None])


class CameraSettings(_Strict):
    """A camera as it shall be. `version` is the one that was looked at, unless If-Match has it."""

    zh: Name = Field(examples=["热厨 1 号"])
    en: Name = Field(examples=["Hot kitchen 1"])
    source: Source | None = Field(default=None, description="null: as it is")
    zones: list[ZoneSettings] = Field(max_length=MOST_ZONES)
    schedule: Hours | None = Field(default=None, description="its own opening hours; null: its site's")
    turns: bool = Field(default=False, examples=[False], description="it is meant to turn: MOVED is not judged")
    replay: bool = Field(default=False, examples=[False], description="REPLAYED is judged")
    mode: Mode = Field(default=Mode.WATCH, examples=["watch"], description="patrol: one look in each period")
    weight: int = Field(default=1, ge=1, le=12, examples=[1], description="visits in each period of a patrol")
    model: str | None = Field(
        default=None,
        max_length=100,
        examples=["mingchu-scenes 0.3.0"],
        description="a published release; null: the one that its edge ships",
    )
    version: int | None = Field(default=None, examples=[3])


class NewCamera(CameraSettings):
    """A camera that is not there yet, its code, and the edge that shall watch it."""

    code: Code = Field(examples=["canteen-1-stove"])
    edge_id: int = Field(examples=[3])
    source: Source
    version: None = Field(default=None, examples=[None])


class VersionOrder(_Strict):
    """The version that was looked at, unless If-Match has it."""

    version: int | None = Field(default=None, examples=[3])


class RestoreOrder(VersionOrder):
    """Which version to go back to."""

    to: int = Field(ge=1, examples=[2])


class Applied(BaseModel):
    """What the camera's edge has made of this version; `version` is that of the edge's whole configuration."""

    state: State = Field(examples=["applied"])
    version: int = Field(examples=[12], description="brings this version of the camera")
    followed: int | None = Field(examples=[12], description="what the edge follows now")
    at: datetime | None = Field(examples=[AT], description="since when")
    why: str = Field(examples=[""], description="of a refusal")
    edge: str = Field(examples=["edge-yx"])
    online: bool = Field(examples=[True])


class CameraState(Named):
    """A camera's whole configuration. `address` and `login` are null for operators; there is no way to the password."""

    site: Named
    version: int = Field(examples=[3], description="Send it back with a change: a stale one is answered 409.")
    removed: datetime | None = Field(examples=[None])
    health: str = Field(examples=["OK"])
    address: str | None = Field(examples=["rtsp://192.0.2.7:554/stream1"])
    login: str | None = Field(examples=["viewer"])
    zones: list[ZoneSettings]
    schedule: Hours | None
    site_schedule: Hours
    view: int = Field(examples=[1], description="the number of its enrolled view")
    turns: bool = Field(examples=[False])
    replay: bool = Field(examples=[False])
    mode: Mode = Field(examples=["watch"])
    weight: int = Field(examples=[1])
    model: str | None = Field(examples=[None], description="null: the one that its edge ships")
    applied: Applied
    may_change: bool = Field(examples=[True], description="whether this person may")


class Revision(BaseModel):
    """One version of a camera. `person` null: the command line, or a registry file."""

    version: int = Field(examples=[3])
    at: datetime = Field(examples=[AT])
    person: str | None = Field(examples=["李强"])
    restores: int | None = Field(examples=[None], description="the version that was gone back to")
    changes: list[Names] = Field(examples=[[{"zh": "区域“灶台区”：轮廓", "en": "Zone “Stoves”: outline"}]])


class ModelVersion(BaseModel):
    """A published model. `weights` is the digest that an alert's evidence names."""

    release: str = Field(examples=["mingchu-scenes 0.3.0"])
    sha256: str = Field(examples=[_SHA256], description="of the file that edges fetch")
    weights: str = Field(examples=[_SHA256])
    size: int = Field(examples=[6912345], description="bytes")
    thresholds: dict[str, float] = Field(examples=[{"flame": 0.46}], description="class → least score")
    traits: list[str] = Field(examples=[["hat", "mask"]], description="what is read of a person")
    published: datetime = Field(examples=[AT])
    cameras: int = Field(examples=[2], description="that name it, of those that this person may see")
