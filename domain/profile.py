"""Device profiles: which metrics a kind of device has, in which unit, within which range. Data, not code."""

from collections.abc import Mapping as Lookup
from enum import StrEnum
from typing import Self

import msgspec

from domain import mapping as mappings
from domain import predicate, unit
from domain.code import Code, MetricName
from domain.mapping import Mapping, Sparkplug, Vector
from domain.severity import Severity


class DeviceKind(StrEnum):
    """What stands there."""

    ELEVATOR = "elevator"
    SCALE = "scale"
    COLD_STORE = "cold_store"
    GATEWAY = "gateway"
    MORNING_CHECK = "morning_check"
    LABEL_PRINTER = "label_printer"
    STERILIZER = "sterilizer"
    GAS_DETECTOR = "gas_detector"


class BadProfileError(ValueError):
    """A profile names each metric once, with a UCUM unit and a range whose low end is below its high end."""


class ValueName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one value of a status item means."""

    value: float
    zh: str
    en: str


class Metric(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One measured quantity. `low` and `high` bound what is physically believable, in `unit`, both inclusive."""

    name: MetricName
    unit: str
    zh: str
    en: str
    low: float
    high: float
    flag: bool = False  # booleans arrive as true/false and are stored as 1/0
    inverted: bool = False  # a flag of which this vendor sends 0 (false) for yes; it is stored as everywhere
    chart: bool = False  # shown first on a device's page
    values: tuple[ValueName, ...] = ()  # the code table of a status item
    every_s: float | None = None  # it is told at least so often, where that is more often than the profile's sampling

    def conversion(self, sent: str = "") -> tuple[float, float]:
        """(scale, offset) from what is sent, in the unit `sent` or the metric's own, to what is stored."""
        scale, offset = unit.conversion(sent or self.unit, self.unit)
        return (-scale, 1.0 - offset) if self.inverted else (scale, offset)

    def word(self, value: float) -> ValueName | None:
        """What the value means, where the metric has a code table that names it."""
        return next((each for each in self.values if each.value == value), None)


# What a rule about a sale reads is no metric of the scale, but has names and units too (wire.Transaction).
SALE = (
    Metric("gross_g", "g", "毛重", "Gross mass", 0.0, 1e9),
    Metric("tare_g", "g", "皮重", "Tare", 0.0, 1e9),
    Metric("net_g", "g", "净重", "Net mass", 0.0, 1e9),
    Metric("unit_price", "{fen}/kg", "单价", "Unit price", 0.0, 1e9),
    Metric("amount", "{fen}", "计价", "Amount", 0.0, 1e9),
)

# Nor are the figures that a rule looks at again and again (domain.rule.Look).
FIGURES = (
    Metric("count", "1", "次数", "Times", 0.0, 1e9),
    Metric("lost", "1", "缺失的交易", "Sales missing", 0.0, 1e9),
    Metric("price_ratio", "1", "单价与市场中位价之比", "Unit price against the market's median", 0.0, 1e9),
    Metric("sellers", "1", "出售该商品的秤", "Scales that sell it", 0.0, 1e9),
    Metric("sales", "1", "本秤交易", "Sales of its own", 0.0, 1e9),
    Metric("quiet_s", "s", "距上次交易", "Since its last sale", 0.0, 1e9),
    Metric("neighbours", "1", "同市场营业的秤", "Scales of the market at work", 0.0, 1e9),
    Metric("selling", "1", "其中正在交易的秤", "Of them selling now", 0.0, 1e9),
    Metric("days_since", "d", "距上次完成", "Since it was done", -1e9, 1e9),
    Metric("days_left", "d", "距到期", "Until it is due", -1e9, 1e9),
)


class EventCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One fault or event code of the profile's code table."""

    code: str
    zh: str
    en: str
    severity: Severity = Severity.NOTICE


class Sampling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often a device of this kind speaks. What stays away for longer is a gap; for `silence_s`, silence."""

    period_s: float | None = None  # a status at least so often
    on_change: bool = False  # and at once when a flag or a code changes
    heartbeat_s: float | None = None  # something at least so often, where a status comes only on change

    @property
    def longest_s(self) -> float | None:
        """The longest time between two messages of a healthy device."""
        return self.period_s or self.heartbeat_s


class Contradiction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a sound device can hardly say for long: said in most messages, one of the metrics comes upside down."""

    when: str  # a predicate (domain.predicate)
    zh: str
    en: str


class DeviceProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of device as one vendor builds it. `source` names the standard that the tables were taken from.

    `base` names another profile: its kind, metrics and events are this one's too, and so are the rules about it.
    """

    code: Code
    kind: DeviceKind
    version: int
    zh: str
    en: str
    source: str
    silence_s: float  # without any message for so long the device counts as offline
    metrics: tuple[Metric, ...]
    events: tuple[EventCode, ...] = ()
    base: Code | None = None
    sampling: Sampling = Sampling()
    contradictions: tuple[Contradiction, ...] = ()
    mapping: tuple[Mapping, ...] = ()
    sparkplug: Sparkplug | None = None
    vector: tuple[Vector, ...] = ()

    @property
    def gap_s(self) -> float:
        """Two messages further apart have a gap between them: half as long again as a healthy device is ever quiet."""
        longest = self.sampling.longest_s
        return self.silence_s if longest is None else min(self.silence_s, 1.5 * longest)

    def metric(self, name: str) -> Metric | None:
        return next((metric for metric in self.metrics if metric.name == name), None)

    def event(self, code: str) -> EventCode | None:
        return next((event for event in self.events if event.code == code), None)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A profile as it is written: with a base, what the base says may be left out."""

    code: Code
    version: int
    zh: str
    en: str
    source: str
    base: Code | None = None
    kind: DeviceKind | None = None
    silence_s: float | None = None
    metrics: tuple[Metric, ...] | None = None
    events: tuple[EventCode, ...] | None = None
    sampling: Sampling | None = None
    contradictions: tuple[Contradiction, ...] | None = None
    mapping: tuple[Mapping, ...] = ()
    sparkplug: Sparkplug | None = None
    vector: tuple[Vector, ...] = ()

    @classmethod
    def read(cls, text: str) -> Self:
        return msgspec.toml.decode(text, type=cls)

    def resolve(self, known: Lookup[str, DeviceProfile]) -> DeviceProfile:
        """The whole profile; raises BadProfileError where the base is unknown or something is missing."""
        own = {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) is not None}
        if self.base is None:
            return msgspec.convert({"events": (), **own}, DeviceProfile, from_attributes=True)
        if self.base not in known:
            raise BadProfileError(f"profile {self.code}: there is no profile {self.base!r} to build on")
        taken = ("kind", "silence_s", "metrics", "events", "sampling", "contradictions")
        return DeviceProfile(**{name: getattr(known[self.base], name) for name in taken} | own)


def parse(text: str, known: Lookup[str, DeviceProfile] | None = None) -> DeviceProfile:
    """Read a profile from TOML, built on one of the `known` (by code) where it names a base.

    Raises BadProfileError with the exact fault.
    """
    try:
        profile = _File.read(text).resolve(known or {})
        _check(profile)
    except (msgspec.DecodeError, ValueError) as error:
        raise BadProfileError(str(error)) from error
    return profile


def base_of(text: str) -> str | None:
    """The profile that a file builds on; raises BadProfileError."""
    try:
        return _File.read(text).base
    except msgspec.DecodeError as error:
        raise BadProfileError(str(error)) from error


def _check(profile: DeviceProfile) -> None:
    names = [metric.name for metric in profile.metrics]
    for name in names:
        if names.count(name) > 1:
            raise BadProfileError(f"profile {profile.code}: metric {name} is named twice")
    for metric in profile.metrics:
        unit.conversion(metric.unit, metric.unit)
        if not metric.low < metric.high:
            raise BadProfileError(f"profile {profile.code}: metric {metric.name} has low ≥ high")
        if metric.inverted and not metric.flag:
            raise BadProfileError(f"profile {profile.code}: metric {metric.name} is inverted, but no flag")
    _check_sampling(profile)
    _check_mappings(profile)
    for one in profile.contradictions:
        unknown = predicate.parse(one.when).metrics - set(names)
        if unknown:
            raise BadProfileError(f"profile {profile.code}: {one.when!r} reads {', '.join(sorted(unknown))}")


def _check_sampling(profile: DeviceProfile) -> None:
    longest = profile.sampling.longest_s
    if longest is not None and longest > profile.silence_s:
        raise BadProfileError(
            f"profile {profile.code}: a healthy device may be quiet for {longest:g} s, but is silent after "
            f"{profile.silence_s:g} s"
        )


def _check_mappings(profile: DeviceProfile) -> None:
    units = {metric.name: metric.unit for metric in profile.metrics}
    codes = frozenset(event.code for event in profile.events)
    for one in profile.mapping:
        mappings.check(one, units, codes)
    if profile.sparkplug is not None:
        mappings.check_values(profile.sparkplug.values, units)
        unknown = sorted(set(profile.sparkplug.events) - codes)
        if unknown:
            raise BadProfileError(f"profile {profile.code}: no event has the code {', '.join(unknown)}")
