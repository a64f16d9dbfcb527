"""Reports: the figures of a period, of an authority or a site, the same whenever they are made (ADR 34).

Figures name things by codes; the Chinese and English names beside them are as of the making, and no part of the digest.
"""

import hashlib
from datetime import date, datetime
from typing import Any

import msgspec

from domain.period import Span

LONGEST = 20  # rows of a list; totals are always of everything


class Thing(msgspec.Struct, frozen=True):
    """What a row is about; `site` where it is not a site itself."""

    code: str
    zh: str = ""
    en: str = ""
    site: str = ""


class ClassFigures(msgspec.Struct, frozen=True):
    """The alerts of one severity. Times in seconds from raised, None without any."""

    severity: int
    raised: int = 0
    dismissed: int = 0
    closed: int = 0
    due: int = 0  # deadlines in the period, of alerts that were not dismissed
    met: int = 0
    acknowledged: int = 0
    ack_p50: int | None = None
    ack_p90: int | None = None
    rectified: int = 0
    rectify_p50: int | None = None
    rectify_p90: int | None = None


class Counted(msgspec.Struct, frozen=True):
    """How many alerts one rule, or one site, raised."""

    thing: Thing
    n: int


class Precision(msgspec.Struct, frozen=True):
    """The verdicts of the period on one scene (`thing` None), or on one scene of one camera."""

    scene: str
    thing: Thing | None
    true: int
    false: int

    @property
    def share(self) -> float:
        """True ones of all."""
        return self.true / (self.true + self.false)


class Uptime(msgspec.Struct, frozen=True):
    """For how many seconds of those that were told of something was well; some were told of."""

    thing: Thing
    told_s: int
    well_s: int

    @property
    def share(self) -> float:
        """Of the time that it told of."""
        return self.well_s / self.told_s


class Fleet(msgspec.Struct, frozen=True):
    """Cameras' or devices' time: of all together, and of the worst."""

    n: int
    told_s: int
    well_s: int
    worst: tuple[Uptime, ...]

    @property
    def share(self) -> float | None:
        """Of all the time that they told of; None without any."""
        return self.well_s / self.told_s if self.told_s else None


class Figures(msgspec.Struct, frozen=True):
    """All figures of a report. `closed`: what we heard of later does not count."""

    span: Span
    first: date
    last: date
    begin: datetime
    end: datetime
    closed: datetime
    scope: Thing
    classes: tuple[ClassFigures, ...]
    rules: tuple[Counted, ...]
    sites: tuple[Counted, ...]
    scenes: tuple[Precision, ...]
    cameras: tuple[Precision, ...]
    camera_time: Fleet
    device_time: Fleet

    @property
    def raised(self) -> int:
        return sum(one.raised for one in self.classes)

    @property
    def due(self) -> int:
        return sum(one.due for one in self.classes)

    @property
    def on_time(self) -> float | None:
        """Deadlines met, of all of the period; None without any."""
        return sum(one.met for one in self.classes) / self.due if self.due else None

    @property
    def precision(self) -> float | None:
        """True alerts, of all that people judged; None without any."""
        judged = sum(one.true + one.false for one in self.scenes)
        return sum(one.true for one in self.scenes) / judged if judged else None


def digest(figures: Figures) -> str:
    """The SHA-256 of the figures in canonical JSON, names left out: a place that was renamed changes no figure."""
    return hashlib.sha256(msgspec.json.encode(_nameless(msgspec.to_builtins(figures)), order="sorted")).hexdigest()


def _nameless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _nameless(each) for key, each in value.items() if key not in ("zh", "en")}
    return [_nameless(each) for each in value] if isinstance(value, list | tuple) else value


def inert(text: str) -> str:
    """The text as a spreadsheet's cell that no program takes for a formula (PROMISES S9)."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
