"""What REST says of edges, and how one is enrolled."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.alert_model import AT, Named, Names
from domain.code import PATTERN
from domain.enrolment import CREDENTIAL


class Clock(BaseModel):
    """By how much an edge's clock is ahead of the platform's; wrong beyond two seconds. Told hourly and at a change."""

    ahead_ms: int = Field(examples=[12], description="negative: behind")
    rtt_ms: int = Field(examples=[3], description="half of it bounds the error")
    at: datetime = Field(examples=[AT])
    wrong: bool = Field(examples=[False])


class Edge(Named):
    """One edge agent: presence, and the configuration that it has and that it follows."""

    site: Named | None = Field(description="where it stands, if it stands at one site")
    state: Literal["active", "waiting", "revoked"] = Field(examples=["active"], description="waiting: for enrolment")
    code_expires: datetime | None = Field(examples=[None], description="of an enrolment code that waits")
    enrolled: datetime | None = Field(examples=[AT])
    revoked: datetime | None = Field(examples=[None])
    online: bool = Field(examples=[True])
    last_seen: datetime | None = Field(examples=[AT])
    config_version: int = Field(examples=[4])
    storage: Literal["OK", "SHEDDING", "FULL"] = Field(examples=["OK"], description="its disk, as it says itself")
    storage_wording: Names = Field(description="why, for people")
    applied_version: int | None = Field(examples=[4])
    applied_at: datetime | None = Field(examples=[AT])
    refused: dict[str, str] = Field(examples=[{}], description="camera → why its configuration is not followed")
    cameras: int = Field(examples=[8])
    clock: Clock | None = Field(description="null until it was measured")
    shed: int = Field(examples=[0], description="messages that its full spool had to drop, the least important first")
    shed_at: datetime | None = Field(examples=[None])
    step: int = Field(examples=[0], description="of its ladder; above 0 it is overloaded and does less")
    periods: float = Field(examples=[1.0], description="ordinary cameras are visited so many times as rarely")
    frames: float = Field(examples=[1.0], description="the share of the wanted looks that their candidates get")
    patrolled: int = Field(examples=[500], description="cameras that it visits on patrol")
    missed: int = Field(examples=[0], description="periods in which one was not visited, since it began")


class NewEdge(BaseModel):
    """An edge that is not there yet."""

    model_config = ConfigDict(extra="forbid")
    code: str = Field(pattern=PATTERN, examples=["edge-canteen-1"])
    zh: str = Field(min_length=1, max_length=100, examples=["百味餐厅边缘节点"])
    en: str = Field(min_length=1, max_length=100, examples=["Baiwei edge"])


class EdgeCode(BaseModel):
    """A code for one use, shown this once; `command` is what to run on the edge's machine."""

    edge: Named
    code: str = Field(examples=["7K3M-9QTX-2B4D"])
    expires: datetime = Field(examples=[AT])
    command: str = Field(examples=["mingchu edge enroll 7K3M-9QTX-2B4D --api-url https://console.example"])


class Redemption(BaseModel):
    """A code, and the hash of the secret that the edge has made for itself (mosquitto's $7$ form)."""

    model_config = ConfigDict(extra="forbid")
    code: str = Field(min_length=1, max_length=40, examples=["7K3M-9QTX-2B4D"])
    credential: str = Field(pattern=CREDENTIAL, examples=["$7$101$AAAAAAAAAAAAAAAA$" + "A" * 86 + "=="], max_length=200)


class Enrolled(BaseModel):
    """Who the edge is from now on, and where its broker is; its configuration waits for it there."""

    edge: str = Field(examples=["edge-canteen-1"])
    zh: str = Field(examples=["百味餐厅边缘节点"])
    en: str = Field(examples=["Baiwei edge"])
    site: str | None = Field(examples=["canteen-1"])
    mqtt_url: str | None = Field(
        examples=["mqtts://broker.example:8883"], description="null: ask who runs the platform"
    )
