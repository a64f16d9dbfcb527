"""A gas detector above a stove: the kitchen's air, its valve and its fan, and what goes off when.

The air is one well-mixed box: what comes in, over the room, less what the changes of air carry off,
dC/dt = q/V − n·C. Methane; its lower explosive limit is 5 % by volume (GB/T 3836.20 [verify]).
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp
from types import MappingProxyType
from typing import ClassVar

from simulators.body import Body, Setting, Status

LEL = 0.05  # of the air
ROOM_M3 = 60.0
DRAUGHT, FAN = 2.0, 12.0  # air changes an hour: through gaps, and with the fan
SMOKE_S, SMOKY = 20.0, 0.5  # how fast smoke gathers, and of its most, when it counts as smoke
FULL_SCALE = 100.0
HOUR = 3600.0


@dataclass(slots=True)
class Air:
    """Of the room: gas and carbon monoxide as shares of it, smoke as a share of its most."""

    gas: float = 0.0
    carbon_monoxide: float = 0.0
    smoke: float = 0.0

    def pass_time(self, dt: float, changes: float, sources: "Sources") -> None:
        """The exact solution of the box for constant sources; `changes`: of the air, an hour."""
        stays = exp(-changes * dt / HOUR)
        self.gas += (sources.gas_m3h / (changes * ROOM_M3) - self.gas) * (1 - stays)
        # What a burner makes brings the air to its amount with draught alone; the fan thins it.
        goal = sources.carbon_monoxide * DRAUGHT / changes
        self.carbon_monoxide += (goal - self.carbon_monoxide) * (1 - stays)
        self.smoke += (sources.smoke - self.smoke) * (1 - exp(-dt / SMOKE_S))


@dataclass(frozen=True, slots=True)
class Sources:
    """What comes into the air now."""

    gas_m3h: float
    carbon_monoxide: float
    smoke: float


class GasDetector(Body):
    """Where it measures too much, it says so, shuts the valve and starts the fan, until the air is good again."""

    kind = "gas_detector"
    SETTINGS: ClassVar[Mapping[str, Setting]] = MappingProxyType({
        "alarm_lel": Setting(10, 1, 50, "% of the lower explosive limit at which it alarms"),
        "alarm_ppm": Setting(150, 30, 1000, "ppm of carbon monoxide at which it alarms"),
    })  # fmt: skip

    def __init__(self, dice: random.Random, settings: Mapping[str, float] | None = None) -> None:
        super().__init__(dice, settings)
        self.air = Air()
        self.valve_open = False
        self.fan = False

    @property
    def lel(self) -> float:
        """Gas, in % of its lower explosive limit."""
        return self.air.gas / LEL * 100

    @property
    def ppm(self) -> float:
        """Carbon monoxide."""
        return self.air.carbon_monoxide * 1e6

    def pass_time(self, dt: float) -> None:
        """Exact for a step in which neither valve nor fan turns."""
        self.air.pass_time(dt, FAN if self.fan else DRAUGHT, self._sources())
        self._guard()

    def status(self) -> Status:
        """Metrics of the profile kitchen-gas-smoke. A sensor that failed shows nothing."""
        sees = not self.has("sensor-fault")
        return {
            "gas": self._shown(self.lel, 0.1, FULL_SCALE) * sees,
            "carbon_monoxide": self._shown(self.ppm, 1.0, 10_000.0) * sees,
            "smoke": self.air.smoke > SMOKY and sees,
            "valve_open": self.valve_open,
            "fan": self.fan,
            "sensor_days": -20 if self.has("sensor-expired") else 700,
        }

    def began(self, fault: str) -> None:
        """A hose leaks only while somebody cooks."""
        if fault in {"gas-on", "leak"}:
            self.valve_open = True

    def ended(self, fault: str) -> None:
        """Who cooked, or mended the hose, shuts the valve."""
        if fault in {"gas-on", "leak"}:
            self.valve_open = self.has("gas-on") and self.valve_open

    def _sources(self) -> Sources:
        hose = self.faults.get("leak", 0.0) if self.valve_open else 0.0
        meter = self.faults.get("leak-at-meter", 0.0)
        burner = self.faults.get("bad-burning", 0.0) * 1e-6
        return Sources(hose + meter, burner, float(self.has("fire")))

    def _guard(self) -> None:
        """The detector itself: a failed one guards nothing."""
        if self.has("sensor-fault"):
            return
        too_much = self.lel >= self.settings["alarm_lel"]
        for fault in ("leak", "leak-at-meter"):
            if too_much and self.has(fault):
                self.report(fault, "gas_leak")
        poisoned = self.ppm >= self.settings["alarm_ppm"]
        if poisoned and self.has("bad-burning"):
            self.report("bad-burning", "carbon_monoxide")
        if self.air.smoke > SMOKY and self.has("fire"):
            self.report("fire", "smoke")
        if too_much or poisoned:
            self.valve_open, self.fan = False, True
        elif self.lel < self.settings["alarm_lel"] / 2 and self.ppm < self.settings["alarm_ppm"] / 2:
            self.fan = False

    def _shown(self, value: float, noise: float, most: float) -> float:
        return round(min(most, max(0.0, value + self.dice.gauss(0, noise))), 1)
