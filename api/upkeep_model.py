"""What REST says to a maintenance firm of its equipment and its calls, and takes from it (ADR 45, 51)."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from api.alert_model import AT, Names
from api.equipment_model import Filled, Words
from domain.alert import Condition, Status
from domain.equipment import Kind, Standing

_DAY = "2026-11-20"


class UpkeptEquipment(BaseModel):
    """One piece that the firm looks after, as it stands today at its site."""

    id: int = Field(examples=[7])
    code: str = Field(examples=["31104401002019080001"])
    kind: Kind = Field(examples=["elevator"])
    zh: str = Field(examples=["1 号客梯"])
    en: str = Field(examples=["Lift 1"])
    site: Names
    address: str = Field(examples=["天河路 228 号"])
    registration: str = Field(examples=["梯11粤A00001(19)"])
    use_unit: str = Field(examples=["正佳物业"])
    last_inspection: date | None = Field(examples=["2026-03-31"])
    next_inspection: date | None = Field(examples=["2027-03-31"])
    last_maintenance: date | None = Field(examples=[_DAY])
    maintenance_due: date | None = Field(examples=["2026-12-05"], description="null: no rule says when")
    days: int | None = Field(examples=[13], description="until that day; negative: overdue by so many")
    standing: Standing = Field(examples=["in_order"], description="by its inspections")
    online: bool | None = Field(examples=[True], description="of the device that watches it; null: none does")


class MaintenanceOrder(BaseModel):
    """Maintenance that was done, by whom, and what of it is to be remembered."""

    model_config = ConfigDict(extra="forbid")
    day: date = Field(examples=[_DAY])
    done_by: Filled = Field(examples=["周师傅"])
    result: Literal["passed", "failed"] = Field(default="passed", examples=["passed"])
    note: Words = Field(default="", examples=["半月保养，更换门锁触点。"])


class RescueCall(BaseModel):
    """A call to one of the firm's lifts, in one of its roles, and what was reported about it."""

    alert: int = Field(examples=[17])
    role: str = Field(examples=["maintainer"])
    site: Names
    address: str = Field(examples=["天河路 228 号"])
    lift: Names
    lift_code: str = Field(examples=["lift-1"])
    status: Status = Field(examples=["open"])
    condition: Condition = Field(examples=["ACTIVE"])
    trapped: AwareDatetime = Field(examples=[AT], description="since when people are trapped")
    began: AwareDatetime = Field(examples=[AT], description="when the firm was called")
    answered: AwareDatetime | None = Field(examples=[None])
    arrived: AwareDatetime | None = Field(examples=[None])
    released: AwareDatetime | None = Field(examples=[None])


class RescueReport(BaseModel):
    """When and where it was, as whoever reports says; both may be left out."""

    model_config = ConfigDict(extra="forbid")
    claimed: AwareDatetime | None = Field(default=None, examples=[AT])
    latitude: float | None = Field(default=None, ge=-90, le=90, examples=[23.132], description="WGS 84")
    longitude: float | None = Field(default=None, ge=-180, le=180, examples=[113.327])

    @model_validator(mode="after")
    def _both(self) -> "RescueReport":
        if (self.latitude is None) is not (self.longitude is None):
            raise ValueError("a position is a latitude and a longitude")
        return self


class RescueSaid(BaseModel):
    """What became of a report. again: it was there before and nothing changed; over: the alert is finished."""

    said: Literal["done", "again", "over"] = Field(examples=["done"])
    call: RescueCall
