"""Device profiles: which metrics a kind of device has, in which unit, within which range. Data, not code."""

from enum import StrEnum
from typing import Annotated

import msgspec

from domain import unit
from domain.code import Code
from domain.severity import Severity

METRIC_NAME = r"^[a-z][a-z0-9_]{0,62}$"
MetricName = Annotated[str, msgspec.Meta(pattern=METRIC_NAME)]


class DeviceKind(StrEnum):
    """What stands there."""

    ELEVATOR = "elevator"
    SCALE = "scale"
    COLD_STORE = "cold_store"
    GATEWAY = "gateway"
    MORNING_CHECK = "morning_check"
    LABEL_PRINTER = "label_printer"


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


class EventCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One fault or event code of the profile's code table."""

    code: str
    zh: str
    en: str
    severity: Severity = Severity.NOTICE


class DeviceProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of device as one vendor builds it. `source` names the standard that the tables were taken from."""

    code: Code
    kind: DeviceKind
    version: int
    zh: str
    en: str
    source: str
    silence_s: float  # without any message for so long the device counts as offline
    metrics: tuple[Metric, ...]
    events: tuple[EventCode, ...] = ()

    def metric(self, name: str) -> Metric | None:
        return next((metric for metric in self.metrics if metric.name == name), None)

    def event(self, code: str) -> EventCode | None:
        return next((event for event in self.events if event.code == code), None)


def parse(text: str) -> DeviceProfile:
    """Read a profile from TOML; raises BadProfileError with the exact fault."""
    try:
        profile = msgspec.toml.decode(text, type=DeviceProfile)
        _check(profile)
    except (msgspec.DecodeError, ValueError) as error:
        raise BadProfileError(str(error)) from error
    return profile


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
