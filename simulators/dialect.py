"""How a vendor's terminal says things: its event codes, the polarity of its flags, its units."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from simulators.body import Status


@dataclass(frozen=True, slots=True)
class Dialect:
    """`codes`: this room's words to the vendor's; None: each word is its own code. What has no code is not said."""

    name: str
    profile: str  # which profile in ingest/profiles reads it
    codes: Mapping[str, str] | None = None
    inverted: frozenset[str] = frozenset()  # flags of which 0 means yes
    units: Mapping[str, tuple[str, float]] = field(
        default_factory=dict
    )  # metric → UCUM code, factor from the usual unit

    def code(self, event: str) -> str | None:
        """The vendor's code for an event, if it has one."""
        return event if self.codes is None else self.codes.get(event)

    def values(self, status: Status) -> Status:
        """The status as the vendor writes it."""
        return {name: self._value(name, value) for name, value in status.items()}

    def units_of(self, status: Status) -> dict[str, str]:
        """The units that differ from the profile's."""
        return {name: unit for name, (unit, _) in self.units.items() if name in status}

    def _value(self, name: str, value: float | bool) -> float | bool:
        if name in self.inverted:
            return int(not value)
        return round(value * self.units[name][1], 6) if name in self.units else value


# GB/T 24476-2017 §9 [verify]. It has no code for trapped passengers: whoever listens must find out by the status.
GBT24476 = MappingProxyType({
    "safety-circuit": "1", "overspeed": "1", "door-close": "2", "door-open": "3", "off-floor": "4",
    "unintended-movement": "5", "motor-limiter": "6", "position-lost": "7", "cannot-restart": "8",
    "automatic": "40", "power-off": "41", "inspection": "43", "alarm": "90",
})  # fmt: skip

# A second list that is in use, with the same numbers for other things (DOMAIN §2). From 10 on: ours [verify].
SECOND_LIST = MappingProxyType({
    "overspeed": "3", "unintended-movement": "5", "off-floor": "6", "trapped-level": "7", "trapped-between": "8",
    "power-off": "9", "safety-circuit": "10", "door-close": "11", "door-open": "12", "motor-limiter": "13",
    "position-lost": "14", "cannot-restart": "15", "alarm": "20", "automatic": "30", "inspection": "31",
})  # fmt: skip

DIALECTS: Mapping[str, tuple[Dialect, ...]] = MappingProxyType({  # the first of each kind is its usual one
    "elevator": (
        Dialect("gbt24476", "elevator-gbt24476", GBT24476),
        Dialect(
            "second-list",
            "elevator-second-list",
            SECOND_LIST,
            frozenset({"door_closed", "passenger_present", "door_zone"}),
            MappingProxyType({"speed": ("mm/s", 1000.0)}),
        ),
    ),
    "scale": (Dialect("jjg1204", "scale-jjg1204"),),
    "cold_store": (Dialect("cold-store", "cold-store"),),
    "morning_check": (Dialect("morning-check", "kitchen-morning-check"),),
    "label_printer": (Dialect("label-printer", "kitchen-label-printer"),),
    "receiving_scale": (Dialect("receiving-scale", "kitchen-receiving-scale"),),
    "fridge": (Dialect("fridge", "kitchen-fridge"),),
    "gas_detector": (Dialect("gas-smoke", "kitchen-gas-smoke"),),
})  # fmt: skip


class UnknownDialectError(ValueError):
    """A device speaks one of the dialects of its kind."""


def find(kind: str, name: str | None) -> Dialect:
    """The dialect of a kind of device by name, the usual one without; raises UnknownDialectError."""
    known = DIALECTS[kind]
    for dialect in known:
        if name in (None, dialect.name):
            return dialect
    names = ", ".join(dialect.name for dialect in known)
    raise UnknownDialectError(f"a device of kind {kind} has no dialect {name!r}; it has {names}")
