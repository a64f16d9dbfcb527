"""An upright kitchen fridge: the cold room's physics in small, opened all day, with fewer sensors."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from simulators.body import Setting, Status
from simulators.cold_store import ColdStore
from simulators.thermal import FRIDGE, Room

SENSORS = ("air_temp", "set_point", "door_open", "compressor", "power")


class Fridge(ColdStore):
    """Keeps 3 °C; somebody opens it every ten minutes or so."""

    kind = "fridge"
    ROOM: ClassVar[Room] = FRIDGE
    SETTINGS: ClassVar[Mapping[str, Setting]] = MappingProxyType({
        **ColdStore.SETTINGS,
        "set_point": Setting(3, -30, 10, "°C that the thermostat keeps"),
        "outside": Setting(28, -30, 50, "°C around it; kitchens are warm"),
        "door_every_s": Setting(600, 30, float("inf"), "mean time between two openings"),
    })  # fmt: skip

    def status(self) -> Status:
        """Metrics of the profile kitchen-fridge."""
        everything = super().status()
        return {name: everything[name] for name in SENSORS}
