"""What REST says of the workflow's papers, and takes as orders: comments, appeals, re-checks, precision, bulk."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.alert import Action, Recheck, Side, Status

AT = "2026-11-22T03:15:20Z"
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
MAX_BULK = 100


class Authority(BaseModel):
    """A node of the regulator's tree; `path` names it from the top."""

    path: str = Field(examples=["gz.yx"])
    zh: str = Field(examples=["越秀区市场监督管理局"])
    en: str = Field(examples=["Yuexiu"])


class Assignee(BaseModel):
    """Who works on an alert; `name` is null where it is one of the other side's people."""

    id: int = Field(examples=[4])
    name: str | None = Field(examples=["王敏"])


class Candidate(BaseModel):
    """Somebody whom an alert can be given to."""

    model_config = ConfigDict(from_attributes=True)
    id: int = Field(examples=[4])
    name: str = Field(examples=["王敏"])
    side: Side = Field(examples=["operator"])


class Supervision(BaseModel):
    """An authority above watches over the alert until its own deadline."""

    by: Authority
    due: datetime = Field(examples=[AT])
    reason: str = Field(examples=["群众多次投诉，请今日办结。"])


class Comment(BaseModel):
    """What somebody said; `by` is null where it is one of the other side's people."""

    at: datetime = Field(examples=[AT])
    by: str | None = Field(examples=["王敏"])
    side: Side = Field(examples=["both"], description="whose eyes it is for")
    text: str = Field(examples=["配件明天到货。"])


class Appeal(BaseModel):
    """The operator's dispute, to be answered until `due`; `verdict` is null while it waits."""

    at: datetime = Field(examples=[AT])
    by: str | None = Field(examples=["王敏"])
    text: str = Field(examples=["画面里是蒸汽，不是烟。"])
    photos: list[str] = Field(examples=[[SHA]])
    due: datetime = Field(examples=["2026-11-25T03:15:20Z"])
    decided: datetime | None = Field(examples=[None])
    verdict: Literal["upheld", "rejected"] | None = Field(examples=[None])
    reason: str = Field(examples=[""])


class Still(BaseModel):
    """A fresh picture, heads hidden, beside a report."""

    sha256: str = Field(examples=[SHA])
    at: datetime = Field(examples=[AT])


class Look(BaseModel):
    """The machine's re-check after a report; `result` is null while it still looks."""

    began: datetime = Field(examples=[AT])
    watch_s: float = Field(examples=[600.0])
    ended: datetime | None = Field(examples=["2026-11-22T03:25:20Z"])
    result: Recheck | None = Field(examples=["clear"])
    clear_since: datetime | None = Field(examples=[AT])
    why: str = Field(examples=["watched for 600 s, nothing seen"])
    zh: str = Field(examples=["监看 600 秒，未再出现"], description="why, for people")
    en: str = Field(examples=["Watched for 600 s, nothing seen"])


class Draw(BaseModel):
    """Who looks at a re-checked class III alert, as drawn: SHA-256 of "seed:alert" against the machine's share."""

    model_config = ConfigDict(from_attributes=True)
    at: datetime = Field(examples=[AT])
    seed: str = Field(examples=["2026-q4"])
    share: float = Field(examples=[0.8], description="closed by the machine alone")
    drawn: float = Field(examples=[0.91])
    human: bool = Field(examples=[True])


class Precision(BaseModel):
    """How often a scene on a camera was right, of what people have judged."""

    scene: str = Field(examples=["SMOKING"])
    camera_id: int = Field(examples=[3])
    camera: str = Field(examples=["canteen-1-prep"])
    zh: str = Field(examples=["切配间"])
    en: str = Field(examples=["Preparation"])
    judged: int = Field(examples=[14])
    confirmed: int = Field(examples=[12])
    precision: float = Field(examples=[0.857])


class Order(BaseModel):
    """What every order has. `version` may come as If-Match instead."""

    version: int | None = Field(default=None, examples=[3])
    reason: str = Field(default="", max_length=2000, examples=["请尽快处理。"])


class AssignOrder(Order):
    """To whom; null: to nobody any more."""

    person: int | None = Field(examples=[4])


class CommentOrder(Order):
    """`reason` is what is said; `own`: for the side's own eyes."""

    own: bool = Field(default=False, examples=[False])


class TransferOrder(Order):
    """To an authority above or below the responsible one."""

    authority: str = Field(max_length=200, examples=["gz.yx.bj"])


class SuperviseOrder(Order):
    """Until when."""

    until: AwareDatetime = Field(examples=["2027-01-01T10:00:00+08:00"])


class Seen(BaseModel):
    """An alert in the version that the person has looked at."""

    id: int = Field(examples=[17])
    version: int = Field(examples=[3])


class BulkOrder(BaseModel):
    """One action on alike alerts: all of one rule, or all of one site."""

    action: Literal[Action.ACKNOWLEDGE, Action.ASSIGN, Action.ACCEPT, Action.REJECT, Action.DISMISS] = Field(
        examples=["acknowledge"]
    )
    alerts: list[Seen] = Field(min_length=1, max_length=MAX_BULK)
    reason: str = Field(default="", max_length=2000, examples=["同一原因。"])
    person: int | None = Field(default=None, examples=[4], description="for assign")


class BulkResult(BaseModel):
    """What became of one alert; `code` and `detail` say why it was refused."""

    id: int = Field(examples=[17])
    done: bool = Field(examples=[True])
    status: Status | None = Field(default=None, examples=["acknowledged"])
    version: int | None = Field(default=None, examples=[4])
    code: str = Field(default="", examples=[""])
    detail: str = Field(default="", examples=[""])


class BulkAnswer(BaseModel):
    """Each alert on its own: some may be done and others refused."""

    done: int = Field(examples=[1])
    refused: int = Field(examples=[0])
    results: list[BulkResult]
