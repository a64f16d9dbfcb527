"""What REST says of the map, the table of authorities, and a site's place and licences."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from api.alert_model import Named, Names
from domain.risk import Band

LicenceKind = Literal["food", "special_equipment", "metrology", "fire", "business", "other"]


class Standing(BaseModel):
    """Counts of one site, or of all sites of an authority."""

    sites: int = Field(examples=[5])
    classes: tuple[int, int, int, int] = Field(
        examples=[[1, 2, 0, 0]], description="unfinished alerts of class I to IV"
    )
    overdue: int = Field(examples=[1], description="whose deadline has passed without its step")
    on_time: float | None = Field(
        examples=[0.93], description="share of the last 30 days' deadlines that were kept; null: there were none"
    )
    cameras: int = Field(examples=[4])
    cameras_ok: int = Field(examples=[3])
    devices: int = Field(examples=[5])
    devices_online: int = Field(examples=[5])


class MapSite(Named):
    """A site with its place (WGS 84), where it is known."""

    kind: str = Field(examples=["kitchen"])
    longitude: float | None = Field(examples=[113.2644])
    latitude: float | None = Field(examples=[23.1291])
    worst: int | None = Field(examples=[1], description="the gravest class with an unfinished alert")
    alerts: int = Field(examples=[3], description="unfinished")
    overdue: int = Field(examples=[1])
    band: Band | None = Field(examples=["orange"], description="of the newest risk score; null: not scored yet")


class AuthorityStanding(Names):
    """One authority with all sites at or below it."""

    path: str = Field(examples=["gz.yx"])
    standing: Standing


class SiteStanding(Named):
    """One site, as a line of its authority's table."""

    standing: Standing


class Rollup(BaseModel):
    """One authority: its superiors as far as the reader sees them, its own sum, what is directly below."""

    above: list[AuthorityStanding]
    here: AuthorityStanding
    below: list[AuthorityStanding]
    sites: list[SiteStanding]


class Place(BaseModel):
    """Where a site is, WGS 84 in degrees; both null: not known."""

    longitude: float | None = Field(default=None, ge=-180, le=180, examples=[113.2644])
    latitude: float | None = Field(default=None, ge=-90, le=90, examples=[23.1291])


class PlaceLine(BaseModel):
    """What became of one line of a list of places."""

    line: int = Field(examples=[2])
    code: str = Field(examples=["canteen-1"])
    result: Literal["placed", "refused"] = Field(examples=["placed"])
    reason: str = Field(default="", examples=[""])


class NewLicence(BaseModel):
    """A licence as it is written down."""

    kind: LicenceKind = Field(examples=["food"])
    number: str = Field(min_length=1, max_length=100, examples=["JY24401040012345"])
    valid_until: date = Field(examples=["2028-06-30"])


class Licence(NewLicence):
    """A site's licence; `days` are left until it ends, negative after that."""

    id: int = Field(examples=[4])
    site: Named
    days: int = Field(examples=[584])
