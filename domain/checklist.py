"""Checklists of inspections: plain questions in order, what an answer must bring, and when it fails (ADR 39)."""

import hashlib
import math
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

import msgspec
from msgspec.structs import force_setattr

from domain import period
from domain.period import Span


class Kind(StrEnum):
    """How an item is answered."""

    YES_NO = "yes_no"
    NUMBER = "number"
    PHOTO = "photo"


class Side(StrEnum):
    """Whose signature it is."""

    OPERATOR = "operator"
    AUTHORITY = "authority"


class Every(StrEnum):
    """How often a checklist comes again."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class BadAnswerError(ValueError):
    """An answer is yes, no or a number, as its item asks; a failed one says what was found, and brings its photo."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question. A yes is good. `low` and `high`: the numbers that are good, both included, in `unit` (UCUM)."""

    code: str
    zh: str
    en: str
    kind: Kind = Kind.YES_NO
    photo: bool = False
    unit: str = ""
    low: float | None = None
    high: float | None = None
    if_no_zh: str = ""
    if_no_en: str = ""

    @property
    def needs_photo(self) -> bool:
        return self.photo or self.kind is Kind.PHOTO

    def failed(self, value: str) -> bool:
        """Whether an answer is not as it should be; raises BadAnswerError for what is no answer."""
        match self.kind:
            case Kind.PHOTO:
                return False
            case Kind.YES_NO:
                if value not in ("yes", "no"):
                    raise BadAnswerError("answer")
                return value == "no"
            case Kind.NUMBER:
                number = _number(value)
                return (
                    not (-math.inf if self.low is None else self.low)
                    <= number
                    <= (math.inf if self.high is None else self.high)
                )


class Checklist(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A checklist in one version, which never changes. `source`: the standard that asks for it."""

    code: str
    version: int
    zh: str
    en: str
    every: Every
    signatures: tuple[Side, ...]
    items: tuple[Item, ...]
    source: str = ""

    def __post_init__(self) -> None:
        codes = [item.code for item in self.items]
        if not codes or len(codes) != len(set(codes)) or not self.signatures:
            raise ValueError(f"checklist {self.code}: items with codes of their own, and who signs, are needed")

    def reached(self, answered: Collection[str]) -> int:
        """How many items from the first on are answered: the place of the next one."""
        return next((n for n, item in enumerate(self.items) if item.code not in answered), len(self.items))


class Answer(msgspec.Struct, frozen=True):
    """What was found, and by whom (a login)."""

    item: str
    value: str
    failed: bool
    note: str
    alert: int | None
    by: str
    at: datetime

    def __post_init__(self) -> None:
        force_setattr(self, "at", self.at.astimezone(UTC))  # the digest does not hang on a session's time zone


class Paper(msgspec.Struct, frozen=True):
    """A photo of an item, or a signature; `claimed` is the phone's word."""

    item: str
    kind: str
    sha256: str
    name: str
    claimed: datetime | None
    by: str
    at: datetime

    def __post_init__(self) -> None:
        force_setattr(self, "at", self.at.astimezone(UTC))
        force_setattr(self, "claimed", None if self.claimed is None else self.claimed.astimezone(UTC))


class Document(msgspec.Struct, frozen=True):
    """A finished inspection, as it was signed."""

    inspection: int
    site: str
    checklist: Checklist
    due: datetime
    answers: tuple[Answer, ...]
    papers: tuple[Paper, ...]

    def __post_init__(self) -> None:
        force_setattr(self, "due", self.due.astimezone(UTC))


def check(item: Item, value: str, note: str, photos: int) -> bool:
    """Whether the answer fails; raises BadAnswerError where it lacks something. `photos`: how many the item has."""
    failed = item.failed(value)
    if item.needs_photo and not photos:
        raise BadAnswerError("answer_photo")
    if failed and not note.strip():
        raise BadAnswerError("answer_note")
    return failed


def digest(document: Document) -> str:
    """The SHA-256 of the document in canonical JSON."""
    return hashlib.sha256(msgspec.json.encode(document, order="sorted")).hexdigest()


def end_of(day: date) -> datetime:
    """When a day of the calendar ends: what is due on it is due then."""
    return period.holding(Span.DAY, day).end


def due(starts: date, every: Every, today: date) -> datetime | None:
    """When the occurrence that runs today is due: at the end of its last day; None before the first begins."""
    if today < starts:
        return None
    n = _elapsed(starts, every, today)
    return end_of(_begin(starts, every, n + 1) - timedelta(days=1))


def _elapsed(starts: date, every: Every, today: date) -> int:
    """How many occurrences have begun before the one that runs."""
    step = {Every.DAY: 1, Every.WEEK: 7, Every.MONTH: 31, Every.YEAR: 366}[every]
    n = (today - starts).days // step
    while _begin(starts, every, n + 1) <= today:
        n += 1
    return n


def _begin(starts: date, every: Every, n: int) -> date:
    """The first day of an occurrence; a month without that day has its last one."""
    if every in (Every.DAY, Every.WEEK):
        return starts + timedelta(days=n * (1 if every is Every.DAY else 7))
    months = starts.year * 12 + starts.month - 1 + n * (1 if every is Every.MONTH else 12)
    year, month = divmod(months, 12)
    following = date(year + month // 11, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=starts.day - 1), following - timedelta(days=1))


def _number(value: str) -> float:
    try:
        number = float(value.replace(",", "."))
    except ValueError as error:
        raise BadAnswerError("answer") from error
    if not math.isfinite(number):
        raise BadAnswerError("answer")
    return number


def parse(texts: Sequence[str]) -> tuple[Checklist, ...]:
    """Checklists out of TOML texts; raises ValueError or msgspec.ValidationError for one that is none."""
    return tuple(msgspec.toml.decode(text, type=Checklist) for text in texts)
