"""What REST says of a device's day, a market's sales and a cold store's excursions."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from api.alert_model import AT, Names

_DAY = "2026-11-22"


class StallDay(BaseModel):
    """What one scale sold on one day: mass in g, amount in fen."""

    model_config = ConfigDict(from_attributes=True)
    device_id: int = Field(examples=[7])
    code: str = Field(examples=["scale-2"])
    zh: str = Field(examples=["2 号摊位秤"])
    en: str = Field(examples=["Stall 2 scale"])
    n: int = Field(examples=[38], description="sales")
    net_g: float = Field(examples=[41250.0])
    amount: float = Field(examples=[61834.0])
    first: datetime = Field(examples=[AT])
    last: datetime = Field(examples=[AT])


class MarketDay(BaseModel):
    """A site's sales on one day of its own time zone; the stalls with the greatest amount first."""

    day: date = Field(examples=[_DAY])
    n: int = Field(examples=[212])
    net_g: float = Field(examples=[264125.5])
    amount: float = Field(examples=[395216.0])
    stalls: list[StallDay]


class AuthorityDay(BaseModel):
    """Sales on one day of all scales below an authority."""

    model_config = ConfigDict(from_attributes=True)
    path: str = Field(examples=["yunhai.lincheng"])
    day: date = Field(examples=[_DAY])
    scales: int = Field(examples=[57])
    n: int = Field(examples=[2041])
    net_g: float = Field(examples=[2641255.0])
    amount: float = Field(examples=[3952160.0])


class MetricDay(BaseModel):
    """One metric's day: how many readings, their mean and extremes."""

    metric: str = Field(examples=["air_temp"])
    zh: str = Field(examples=["库温"])
    en: str = Field(examples=["Air temperature"])
    unit: str = Field(examples=["Cel"])
    n: int = Field(examples=[1440])
    mean: float = Field(examples=[-18.4])
    low: float = Field(examples=[-19.8])
    high: float = Field(examples=[-16.9])


class EventOfDay(BaseModel):
    """A device's event: its begin, its end, or both at once (pulse)."""

    model_config = ConfigDict(from_attributes=True)
    time: datetime = Field(examples=[AT])
    code: str = Field(examples=["90"])
    phase: str = Field(examples=["begin"])
    text: str = Field(examples=[""])


class DeviceDay(BaseModel):
    """One device on one day of its site's time zone."""

    day: date = Field(examples=[_DAY])
    begin: datetime = Field(examples=[AT])
    end: datetime = Field(examples=[AT])
    metrics: list[MetricDay]
    events: list[EventOfDay]


class Excursion(BaseModel):
    """One excursion. `peak`: the value furthest beyond the limit; `degree_minutes`: the area beyond it."""

    alert_id: int = Field(examples=[31])
    rule: Names
    metric: str = Field(examples=["air_temp"])
    unit: str = Field(examples=["Cel"])
    limit: float = Field(examples=[-15.0])
    began: datetime = Field(examples=[AT])
    ended: datetime | None = Field(examples=[AT], description="null while it lasts")
    peak: float = Field(examples=[-9.4])
    peak_at: datetime = Field(examples=[AT])
    degree_minutes: float = Field(examples=[214.5])
    mean_kinetic: float = Field(examples=[-12.8], description="mean kinetic temperature (USP 1079), °C")
    recorded_s: float = Field(examples=[4210.0], description="how much of the time readings speak for")
    readings: int = Field(examples=[421])
