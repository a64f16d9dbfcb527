"""What REST says of sites, cameras, devices, readings and the house itself."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.alert_model import AT, AWAITED, SHA, Named, Names
from api.edge_model import Edge
from domain.alert import Role


class Site(Named):
    """One kitchen, warehouse, market or building."""

    kind: str = Field(examples=["kitchen"])
    address: str = Field(examples=["越秀区中山五路 1 号"])
    authority: Names
    operator: Names
    uscc: str = Field(examples=["91440101MA5XXXXX0K"])
    cameras: int = Field(examples=[4])
    cameras_ok: int = Field(examples=[3])
    devices: int = Field(examples=[5])
    devices_online: int = Field(examples=[5])
    alerts: int = Field(examples=[2], description="unfinished alerts")
    gravest: int | None = Field(examples=[1], description="their gravest severity")
    card: Literal["yellow", "red"] | None = Field(
        default=None, examples=[None], description="the gravest card in force"
    )


class Card(BaseModel):
    """A yellow or red card of a site, shown for an alert that was not rectified; `lifted` is null while in force."""

    id: int = Field(examples=[3])
    alert: int = Field(examples=[17])
    colour: Literal["yellow", "red"] = Field(examples=["yellow"])
    rule: Names
    issued: datetime = Field(examples=[AT])
    lifted: datetime | None = Field(examples=[None])
    lifted_by: str | None = Field(examples=[None])
    reason: str | None = Field(examples=[None])


class CardLift(BaseModel):
    """Why a card is lifted."""

    reason: str = Field(default="", max_length=2000, examples=["已现场核查，整改到位。"])


class Camera(Named):
    """One camera and its health; `picture` is its latest redacted frame, taken at `picture_at`."""

    site: Named
    health: str = Field(examples=["OK"])
    health_at: datetime | None = Field(examples=[AT])
    health_why: str = Field(examples=[""])
    health_wording: Names = Field(description="health_why for people")
    zones: int = Field(examples=[2])
    alerts: int = Field(examples=[1])
    picture: str | None = Field(
        examples=[SHA], description="its SHA-256, for /evidence; null until its bytes are there"
    )
    picture_awaited: bool = Field(examples=[False], description=AWAITED)
    picture_at: datetime | None = Field(examples=[AT])
    mode: Literal["watch", "patrol"] = Field(examples=["watch"])
    weight: int = Field(examples=[1], description="on patrol: visits in each period")


class LiveTicket(BaseModel):
    """A ticket to watch one camera once: the bearer token of a WHEP offer."""

    ticket: str = Field(examples=["0123456789abcdef0123456789abcdef.3.7.1795317350.0123…"])
    expires: datetime = Field(examples=[AT])
    whep: str = Field(examples=["/api/v1/cameras/7/whep"], description="where to post the offer")
    until: datetime = Field(examples=[AT], description="so long this person may see the camera unblurred")


class Reading(BaseModel):
    """The last value of one metric, in its UCUM unit. Quality 0 is good."""

    metric: str = Field(examples=["air_temp"])
    zh: str = Field(examples=["库温"])
    en: str = Field(examples=["Air temperature"])
    unit: str = Field(examples=["Cel"])
    time: datetime = Field(examples=[AT])
    value: float = Field(examples=[-18.4])
    quality: int = Field(examples=[0])
    suspect: bool = Field(examples=[False], description="out of range, or its sender's clock was wrong")
    historical: bool = Field(examples=[False], description="kept somewhere and told late: it says nothing about now")
    flag: bool = Field(examples=[False], description="true: the value is a yes (1) or a no (0)")
    said: Names | None = Field(description="what the value means, by the profile's code table")
    chart: bool = Field(examples=[True], description="true: shown first on the device's page")


class Device(Named):
    """One device, its profile and its latest readings."""

    site: Named
    kind: str = Field(examples=["cold_store"])
    profile: Names
    online: bool = Field(examples=[True])
    last_seen: datetime | None = Field(examples=[AT])
    alerts: int = Field(examples=[1])
    readings: list[Reading]


class Series(BaseModel):
    """Parallel arrays in order of time, at most 2,000 points: `time` in Unix seconds, mean, low, high per step."""

    metric: str = Field(examples=["air_temp"])
    unit: str = Field(examples=["Cel"])
    resolution: Literal["raw", "1m", "1h", "1d"] = Field(examples=["raw"])
    time: list[float] = Field(examples=[[1795317320.0, 1795317330.0]])
    mean: list[float] = Field(examples=[[-18.4, -18.3]])
    low: list[float] = Field(examples=[[-18.4, -18.3]])
    high: list[float] = Field(examples=[[-18.4, -18.3]])


class Now(BaseModel):
    """Two moments in microseconds since 1970-01-01 UTC."""

    received: int = Field(examples=[1795317350000000])
    answered: int = Field(examples=[1795317350000180])


class DeadLetters(BaseModel):
    """Messages that were refused with that reason."""

    model_config = ConfigDict(from_attributes=True)
    reason: str = Field(examples=["not JSON: unexpected end of data"])
    n: int = Field(examples=[3])
    last: datetime = Field(examples=[AT])


class Operations(BaseModel):
    """What keeps the house running, for admins."""

    edges: list[Edge]
    cameras: list[Camera]
    dead_letters: list[DeadLetters]
    dead_letter_count: int = Field(examples=[3])


class Credentials(BaseModel):
    """A login."""

    login: str = Field(min_length=1, max_length=100, examples=["operator"])
    password: str = Field(min_length=1, max_length=200, examples=["a long pass phrase"])


class Me(BaseModel):
    """Who is logged in, and over what."""

    model_config = ConfigDict(from_attributes=True)
    login: str = Field(examples=["operator"])
    name: str = Field(examples=["王敏"])
    role: Role = Field(examples=["operator"])
    lang: str = Field(examples=["zh"])


class Health(BaseModel):
    """Whether the service lives, or can serve."""

    status: Literal["ok"] = Field(examples=["ok"])
