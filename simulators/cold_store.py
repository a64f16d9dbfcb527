"""A cold room: the heat in it, its thermostat, its defrosts, its door, its probes, and their faults."""

import math
import random
from collections.abc import Mapping
from typing import ClassVar

from simulators.body import Body, Setting, Status
from simulators.thermal import STEP_S, WALK_IN, Doing, Heat, Room

BAND = 1.0  # the thermostat's hysteresis, ± K
REST_S = 180.0  # a compressor rests so long before it starts again: the pressures must meet
DEFROSTED = 8.0  # °C of the coil: the frost is off
DEFROST_S = 1500.0  # at most, by its timer
DRIP_S = 120.0  # fan and compressor wait until the water has dripped off
OPEN_S = 30.0  # how long the door is open when somebody fetches something, on average


class ColdStore(Body):
    """State of one room; temperatures in °C. Without openings and defrosts it is the quiet room of a test."""

    kind = "cold_store"
    ROOM: ClassVar[Room] = WALK_IN
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "set_point": Setting(-20, -40, 15, "°C that the thermostat keeps"),
        "outside": Setting(24, -30, 50, "°C around it"),
        "door_every_s": Setting(math.inf, 30, math.inf, "mean time between two openings"),
        "defrost_every_s": Setting(math.inf, 3600, math.inf, "time between two defrosts"),
    }

    def __init__(self, dice: random.Random, settings: Mapping[str, float] | None = None) -> None:
        super().__init__(dice, settings)
        self.heat = Heat.settled(self.ROOM, self.settings["outside"], self.settings["set_point"])
        self.compressor = False
        self.rested = REST_S
        self.is_opened = False  # by somebody who fetches something
        self.door_wait = self._until_opened()
        self.defrosting = False
        self.defrost_s = 0.0  # how long it has lasted
        self.defrost_wait = self.settings["defrost_every_s"]
        self.drip = 0.0
        self.leak_ppm = 0.0
        self.stuck: float | None = None  # what a stuck probe shows

    @property
    def set_point(self) -> float:
        return self.settings["set_point"]

    @property
    def door_open(self) -> bool:
        """By somebody or by the fault."""
        return self.is_opened or self.has("door-left-open")

    def pass_time(self, dt: float) -> None:
        """In steps small against the time constants."""
        steps = max(1, math.ceil(dt / STEP_S - 1e-9))
        for _ in range(steps):
            self._step(dt / steps)

    def status(self) -> Status:
        """Metrics of the profile cold-store; sensors show 0.1 K and a little noise."""
        return {
            "air_temp": self._air_probe(),
            "product_temp": round(
                self.heat.goods + self.dice.gauss(0, 0.03) + self.faults.get("probes-disagree", 0.0), 1
            ),
            "humidity": round(min(100.0, self._humidity() + self.dice.gauss(0, 0.5)), 1),
            "set_point": self.set_point,
            "door_open": self.door_open,
            "compressor": self.compressor,
            "defrost": self.defrosting,
            "evaporator_temp": round(self.heat.coil, 1),
            "power": not self.has("power-loss"),
            "refrigerant_leak": round(self.leak_ppm),
            "trapped": self.has("trapped-person"),
            "calibration_days": -3 if self.has("calibration-expired") else 120,
        }

    def began(self, fault: str) -> None:
        """What holds from the first moment."""
        if fault == "stuck-probe":
            self.stuck = self._air_probe()
        elif fault == "defrost-overrun":
            self._defrost()

    def ended(self, fault: str) -> None:
        """A probe that was stuck measures again; a heater that stuck is switched off."""
        if fault == "stuck-probe":
            self.stuck = None
        elif fault == "defrost-overrun":
            self._defrosted()

    def _step(self, dt: float) -> None:
        self._door(dt)
        if not self.has("power-loss"):
            self._timer(dt)
        self._control(dt)
        heater = self.defrosting and not self.has("power-loss")
        fan = not (self.defrosting or self.drip > 0 or self.has("power-loss"))
        self.heat.step(dt, Doing(self.compressor, heater and self._heats, self.door_open, fan))
        goal = self.faults.get("refrigerant-leak", 0.0)
        self.leak_ppm += (goal - self.leak_ppm) * min(1.0, dt / 120)

    @property
    def _heats(self) -> bool:
        """A klixon switches the heater off at 20 °C even where the timer has failed."""
        return self.heat.coil < 20.0

    def _control(self, dt: float) -> None:
        """The thermostat, with its hysteresis; a defrost or a fault comes before it."""
        self.rested += dt
        broken = self.has("compressor-failure") or self.has("compressor-fault") or self.has("power-loss")
        if broken or self.defrosting or self.drip > 0 or self.heat.air < self.set_point - BAND:
            self.rested = 0.0 if self.compressor else self.rested
            self.compressor = False
        elif self.heat.air > self.set_point + BAND and self.rested >= REST_S:
            self.compressor = True

    def _timer(self, dt: float) -> None:
        """The defrost timer: begins by the clock, ends when the frost is off or its time is up."""
        self.drip = max(0.0, self.drip - dt)
        self.defrost_wait -= dt
        if self.defrosting:
            self.defrost_s += dt
            is_over = self.heat.coil >= DEFROSTED or self.defrost_s >= DEFROST_S
            if is_over and not self.has("defrost-overrun"):
                self._defrosted()
        elif self.defrost_wait <= 0:
            self._defrost()

    def _defrost(self) -> None:
        self.defrosting, self.defrost_s = True, 0.0

    def _defrosted(self) -> None:
        self.defrosting, self.drip = False, DRIP_S
        self.defrost_wait = self.settings["defrost_every_s"]

    def _door(self, dt: float) -> None:
        """Somebody fetches goods now and then."""
        self.door_wait -= dt
        if self.door_wait <= 0:
            self.is_opened = not self.is_opened
            self.door_wait = self.dice.uniform(0.5, 1.5) * OPEN_S if self.is_opened else self._until_opened()

    def _until_opened(self) -> float:
        every = self.settings["door_every_s"]
        return every if math.isinf(every) else self.dice.uniform(0.5, 1.5) * every

    def _air_probe(self) -> float:
        if self.stuck is not None:
            return self.stuck
        jump = self.faults.get("probe-jumps", 0.0) * self.dice.choice((0, 1))
        return round(self.heat.air + self.dice.gauss(0, 0.05) + jump, 1)

    def _humidity(self) -> float:
        """The colder the coil is than the air, the drier; an open door lets damp in."""
        return 88 - 0.8 * max(0.0, self.heat.air - self.heat.coil) + (6 if self.door_open else 0)
