"""What REST says of special equipment, of complaints, and of what a site shows the public."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from api.alert_model import AT, SHA, Named, Names
from domain.badge import Badge
from domain.complaint import Topic
from domain.equipment import Kind, Standing

_DAY = "2027-03-31"
_PUBLIC = "https://mingchu.example/p/e/0f8fad5bd9cb469fa16570867728950e"


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("has characters that cannot be printed")
    return text


def _sayable(text: str) -> str:
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("has characters that cannot be kept")
    return text


_Text = StringConstraints(strip_whitespace=True, max_length=120)
_Filled = StringConstraints(strip_whitespace=True, min_length=1, max_length=60)
_Words = StringConstraints(strip_whitespace=True, max_length=2000)
_SomeWords = StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)
Line = Annotated[str, _Text, AfterValidator(_printable)]
Filled = Annotated[str, _Filled, AfterValidator(_printable)]
Words = Annotated[str, _Words, AfterValidator(_sayable)]
SomeWords = Annotated[str, _SomeWords, AfterValidator(_sayable)]


class EquipmentOrder(BaseModel):
    """What the registry is to say of one piece; `site` and `code` (the device code of its nameplate) name it."""

    site: Filled = Field(examples=["tower"])
    code: Filled = Field(examples=["31104401002019080001"])
    kind: Kind = Field(examples=["elevator"])
    zh: Line = Field(examples=["1 号客梯"])
    en: Line = Field(default="", examples=["Lift 1"])
    registration: Line = Field(default="", examples=["梯11粤A00001(19)"])
    use_unit: Line = Field(default="", examples=["正佳物业"])
    maintainer: Line = Field(default="", examples=["广州某电梯维保有限公司"])
    hotline: Line = Field(default="", examples=["020-12345678"], description="the maintainer's, day and night")
    next_inspection: date | None = Field(default=None, examples=[_DAY])
    device: Line | None = Field(default=None, examples=["lift-1"], description="the code of our device that watches it")


class Equipment(Named):
    """One piece as it stands today at its site."""

    site: Named
    kind: Kind = Field(examples=["elevator"])
    registration: str = Field(examples=["梯11粤A00001(19)"])
    use_unit: str = Field(examples=["正佳物业"])
    maintainer: str = Field(examples=["广州某电梯维保有限公司"])
    hotline: str = Field(examples=["020-12345678"])
    last_inspection: date | None = Field(examples=["2026-03-31"])
    next_inspection: date | None = Field(examples=[_DAY])
    last_maintenance: date | None = Field(examples=["2026-11-20"])
    standing: Standing = Field(examples=["in_order"])
    days: int | None = Field(examples=[125], description="until the next inspection; negative: overdue by so many")
    device_id: int | None = Field(examples=[7])
    device: str | None = Field(examples=["lift-1"])
    public: str = Field(examples=[_PUBLIC], description="what its QR code says")


class Firm(Names):
    """A maintenance firm: one of those whom lifts call."""

    model_config = ConfigDict(from_attributes=True)
    id: int = Field(examples=[3])


class FirmOrder(BaseModel):
    """Which firm looks after a piece that no device of ours watches; null: none that we know."""

    firm: int | None = Field(ge=1, le=2**62, examples=[3])


class ImportLine(BaseModel):
    """What became of one line of a list; `reason` says why it was refused."""

    line: int = Field(examples=[2])
    site: str = Field(examples=["tower"])
    code: str = Field(examples=["31104401002019080001"])
    result: Literal["added", "changed", "same", "refused"] = Field(examples=["added"])
    reason: Names | None = Field(default=None, examples=[None])


class RecordOrder(BaseModel):
    """An inspection or a maintenance that was done. Only an inspection that was passed sets the next one."""

    kind: Literal["inspection", "maintenance"] = Field(examples=["inspection"])
    day: date = Field(examples=["2026-03-31"])
    done_by: Filled = Field(examples=["广州特种设备检测研究院"])
    result: Literal["passed", "failed"] = Field(default="passed", examples=["passed"])
    next_inspection: date | None = Field(default=None, examples=[_DAY])
    note: Words = Field(default="", examples=["年度定期检验合格"])

    @model_validator(mode="after")
    def _fits(self) -> "RecordOrder":
        if self.next_inspection is not None:
            if self.kind != "inspection" or self.result != "passed":
                raise ValueError("only an inspection that was passed sets the next one")
            if self.next_inspection <= self.day:
                raise ValueError("the next inspection comes after this one")
        return self


class Record(BaseModel):
    """An inspection or a maintenance, and who wrote it down when."""

    id: int = Field(examples=[3])
    kind: Literal["inspection", "maintenance"] = Field(examples=["inspection"])
    day: date = Field(examples=["2026-03-31"])
    done_by: str = Field(examples=["广州特种设备检测研究院"])
    result: Literal["passed", "failed"] = Field(examples=["passed"])
    next_inspection: date | None = Field(examples=[_DAY])
    note: str = Field(examples=["年度定期检验合格"])
    by: str = Field(examples=["李强"])
    at: datetime = Field(examples=[AT])


class Answer(BaseModel):
    """The authority's answer to a complaint."""

    at: datetime = Field(examples=[AT])
    by: str = Field(examples=["李强"])
    words: str = Field(examples=["已派人到现场核查。"])
    closes: bool = Field(examples=[True])


class Complaint(BaseModel):
    """What somebody of the public wrote. The phone is shown to the authority alone."""

    id: int = Field(examples=[5])
    at: datetime = Field(examples=[AT])
    site: Named
    equipment_id: int | None = Field(examples=[7])
    equipment: Names | None
    device_id: int | None = Field(examples=[7])
    topic: Topic = Field(examples=["trapped"])
    words: str = Field(examples=["电梯停在 5 楼和 6 楼之间，里面有人。"])
    phone: str = Field(examples=["13800000000"])
    photos: list[str] = Field(examples=[[SHA]], description="addresses of evidence")
    closed: datetime | None = Field(examples=[None])
    answers: list[Answer]


class AnswerOrder(BaseModel):
    """An answer; whoever complained reads it behind the receipt's link."""

    words: SomeWords = Field(examples=["已派人到现场核查。"])
    closes: bool = Field(default=False, examples=[True])


class PublicityOrder(BaseModel):
    """What the authority switches on. `live_consent`: its consent, which counts where the operator wants it too."""

    published: bool = Field(examples=[True])
    cameras: list[int] = Field(default_factory=list, max_length=16, examples=[[7]], description="that the public sees")
    grade: Literal["", "A", "B", "C"] = Field(default="", examples=["A"])
    live_consent: bool = Field(default=False, examples=[False])


class LiveWish(BaseModel):
    """The operator's own choice: to be shown live."""

    wanted: bool = Field(examples=[True])


class PublishedCamera(Named):
    """A camera of the site, and whether the public sees it."""

    published: bool = Field(examples=[True])


class Publicity(BaseModel):
    """What a site shows the public; all is off until somebody switches it on."""

    published: bool = Field(examples=[True])
    grade: str = Field(examples=["A"])
    live_consent: bool = Field(examples=[False])
    live_wanted: bool = Field(examples=[False])
    live: bool = Field(examples=[False], description="both agreed")
    cameras: list[PublishedCamera]
    badge: Badge = Field(examples=["active"])
    page: str | None = Field(examples=["https://mingchu.example/p/s/0f8fad5bd9cb469fa16570867728950e"])
    badge_url: str | None = Field(examples=["https://mingchu.example/p/s/0f8fad5bd9cb469fa16570867728950e/badge.svg"])
