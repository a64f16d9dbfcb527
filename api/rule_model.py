"""What REST says of rules, their versions and their previews, and takes of them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.alert_model import AT, Names
from domain.code import PATTERN
from domain.replay import MOST_DAYS, Limit, Verdict
from domain.rule import RuleKind
from domain.severity import Severity

_TOML = '[[rules]]\ncode = "cold-frozen-warm"\nversion = 1\nkind = "threshold"\n…'

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Seconds = Annotated[float, Field(ge=0, le=366 * 86400, allow_inf_nan=False)]
Code = Annotated[str, Field(pattern=PATTERN, max_length=63)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RuleLine(BaseModel):
    """A rule in the list. `person` is empty where the product's own file, or the command line, made this version."""

    code: str = Field(examples=["cold-frozen-warm"])
    zh: str = Field(examples=["冷冻库温度高于 −15 ℃"])
    en: str = Field(examples=["Freezer room warmer than −15 °C"])
    kind: RuleKind
    severity: Severity
    profiles: list[str] = Field(examples=[["cold-store"]], description="device profiles in scope; none: all that fit")
    predicate: str = Field(examples=["air_temp > -15 and not defrost"])
    version: int = Field(examples=[3])
    enabled: bool = Field(examples=[True])
    at: datetime = Field(examples=[AT])
    person: str | None = Field(examples=["李强"])
    why: str = Field(examples=["立秋后按 −17 ℃ 执行"])
    offered: int | None = Field(examples=[None], description="a newer version of the product's file, not in force")


class Threshold(BaseModel):
    """A number of the predicate and what it is compared with."""

    label: str = Field(examples=["air_temp >"])
    value: float = Field(examples=[-15.0])


class RuleFields(_Strict):
    """What people change most; what is left out stays."""

    zh: Title | None = Field(default=None, examples=["冷冻库温度高于 −17 ℃"])
    en: Title | None = Field(default=None, examples=["Freezer room warmer than −17 °C"])
    severity: Severity | None = Field(default=None, examples=[2])
    numbers: list[Annotated[float, Field(allow_inf_nan=False)]] | None = Field(
        default=None, max_length=50, examples=[[-17.0, -10.0]], description="the predicate's numbers, all, in order"
    )
    for_s: Seconds | None = Field(default=None, examples=[900])
    recheck_s: Seconds | None = Field(default=None, examples=[600])
    deadline_s: Seconds | None = Field(default=None, examples=[7200], description="0: the severity's own")


class RuleDraft(_Strict):
    """A rule as somebody wants it: the document, or else the current version of `code`, with `fields` changed."""

    code: Code | None = Field(default=None, examples=["cold-frozen-warm"], description="of a rule that is there")
    toml: str | None = Field(default=None, max_length=20_000, examples=[_TOML])
    fields: RuleFields | None = Field(default=None)


class SaveOrder(RuleDraft):
    """The next version of a rule. `version` is the one that it was made from (or If-Match)."""

    version: int | None = Field(default=None, examples=[3])
    enabled: bool = Field(default=True, examples=[True])
    why: Reason = Field(examples=["立秋后按 −17 ℃ 执行"])


class RestoreRule(_Strict):
    """Back to the version `to`."""

    version: int | None = Field(default=None, examples=[4])
    to: int = Field(ge=1, examples=[2])
    why: Reason = Field(examples=["误报过多"])


class SwitchRule(_Strict):
    """On or off."""

    version: int | None = Field(default=None, examples=[4])
    enabled: bool = Field(examples=[False])
    why: Reason = Field(examples=["设备改造期间停用"])


class CheckedRule(BaseModel):
    """A draft that is sound, both as a document and as fields."""

    toml: str = Field(examples=[_TOML])
    zh: str = Field(examples=["冷冻库温度高于 −17 ℃"])
    en: str = Field(examples=["Freezer room warmer than −17 °C"])
    severity: Severity
    numbers: list[Threshold]
    for_s: float = Field(examples=[900.0])
    recheck_s: float = Field(examples=[600.0])
    deadline_s: float | None = Field(examples=[None])
    previewable: bool = Field(examples=[True])
    unpreviewable: Names | None = Field(examples=[None], description="why it cannot be previewed")


class RuleVersion(BaseModel):
    """One version and what it has changed. `shipped`: it came with the product, as that version of its file."""

    version: int = Field(examples=[3])
    at: datetime = Field(examples=[AT])
    person: str | None = Field(examples=["李强"])
    why: str = Field(examples=["立秋后按 −17 ℃ 执行"])
    enabled: bool = Field(examples=[True])
    current: bool = Field(examples=[True])
    shipped: int | None = Field(examples=[None])
    restores: int | None = Field(examples=[None])
    changes: list[Names]
    toml: str = Field(examples=[_TOML])


class RuleState(RuleLine):
    """One rule with its document, its fields and its versions, the newest first."""

    draft: CheckedRule
    source: str = Field(examples=["GB 31605-2020"])
    versions: list[RuleVersion]
    may_change: bool = Field(examples=[True])
    may_preview: bool = Field(examples=[True])


class PreviewOrder(RuleDraft):
    """A draft to be replayed over the last `days`."""

    days: float = Field(default=30, gt=0, le=MOST_DAYS, allow_inf_nan=False, examples=[30])


class PreviewedPlace(BaseModel):
    """Whom a replayed alert is about."""

    site: Names
    subject: Names
    device: int | None = Field(examples=[17])
    camera: int | None = Field(examples=[None])
    zone: str = Field(examples=[""])


class PreviewedAlert(BaseModel):
    """One alert that the rule would have raised, or (`gone`) that was raised and would not be any more."""

    verdict: Verdict
    place: PreviewedPlace
    begin: datetime = Field(examples=[AT])
    end: datetime | None = Field(examples=[AT])
    times: int = Field(examples=[1], description="how often the condition began in it")
    peak: float | None = Field(examples=[-12.4])
    wording: Names
    alert: int | None = Field(examples=[None], description="the one that was raised")


class RulePreview(BaseModel):
    """A preview and how far it is; the counts and alerts come with `done`."""

    id: UUID = Field(examples=["6f1c1c52-5f0e-4c8e-9a64-0d8a2e6f7b11"])
    code: str = Field(examples=["cold-frozen-warm"])
    state: Literal["waiting", "running", "done", "failed"]
    begin: datetime = Field(examples=[AT])
    end: datetime = Field(examples=[AT])
    done: int = Field(examples=[120], description="devices or cameras that were replayed")
    total: int = Field(examples=[340])
    rows: int = Field(examples=[180_000])
    why: Names | None = Field(examples=[None], description="why it failed, or did not look at everything")
    limit: Limit = Limit.NONE
    new: int | None = Field(default=None, examples=[4])
    same: int | None = Field(default=None, examples=[11])
    gone: int | None = Field(default=None, examples=[0])
    alerts: list[PreviewedAlert] = Field(default_factory=list, description="the first 500: new, gone, then the same")
