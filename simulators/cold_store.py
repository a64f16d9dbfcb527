"""A frozen store: walls, air, goods, compressor, defrost and door as a small thermal model; scripted faults."""

import math
import random
from dataclasses import dataclass
from enum import StrEnum

SET_POINT = -20.0  # °C
BAND = 1.0  # the compressor's hysteresis, ± K
OUTSIDE = 24.0
WALL_S = 15_000.0  # time constants of the air's approach, s: through the walls
DOOR_S = 900.0  # through the open door
GOODS_S = 6_000.0  # to the goods
GOODS_SLOW_S = 90_000.0  # of the goods to the air (they are many)
COOLING = 0.012  # K/s that the running compressor takes from the air


class Fault(StrEnum):
    """What a script may do to it."""

    COMPRESSOR = "compressor-failure"
    DOOR_LEFT_OPEN = "door-left-open"


@dataclass(slots=True)
class ColdStore:
    """State of one room; temperatures in °C."""

    rng: random.Random
    door_every_s: float = 1800.0  # mean time between two openings; infinite: nobody fetches anything
    air: float = -20.0
    product: float = -20.0
    compressor: bool = False
    door_open: bool = False
    door_wait: float = 0.0
    fault: Fault | None = None

    def __post_init__(self) -> None:
        self.door_wait = self.door_every_s

    def step(self, dt: float) -> None:
        """Let `dt` seconds pass, in steps small against the time constants."""
        steps = max(1, math.ceil(dt / 10.0))
        for _ in range(steps):
            self._step(dt / steps)

    def begin(self, fault: str) -> None:
        """Start a Fault by name."""
        self.fault = Fault(fault)
        self.door_open = self.fault is Fault.DOOR_LEFT_OPEN

    def end(self) -> None:
        self.fault, self.door_open = None, False

    def status(self) -> dict[str, float | bool]:
        """Metrics of the profile cold-store; sensors show 0.1 K and a little noise."""
        return {
            "air_temp": round(self.air + self.rng.gauss(0, 0.05), 1),
            "product_temp": round(self.product + self.rng.gauss(0, 0.03), 1),
            "humidity": round(82 + self.rng.gauss(0, 0.5) + (6 if self.door_open else 0), 1),
            "set_point": SET_POINT,
            "door_open": self.door_open,
            "compressor": self.compressor,
            "defrost": False,
            "evaporator_temp": round(self.air - (7 if self.compressor else 0.5), 1),
            "power": True,
            "trapped": False,
        }

    def _step(self, dt: float) -> None:
        self._door(dt)
        self._control()
        gain = (OUTSIDE - self.air) / WALL_S + (self.product - self.air) / GOODS_S
        if self.door_open:
            gain += (OUTSIDE - self.air) / DOOR_S
        if self.compressor:
            gain -= COOLING
        self.air += gain * dt
        self.product += (self.air - self.product) / GOODS_SLOW_S * dt

    def _control(self) -> None:
        if self.fault is Fault.COMPRESSOR:
            self.compressor = False
        elif self.air > SET_POINT + BAND:
            self.compressor = True
        elif self.air < SET_POINT - BAND:
            self.compressor = False

    def _door(self, dt: float) -> None:
        """Somebody fetches goods now and then: the door is open for about half a minute."""
        if self.fault is Fault.DOOR_LEFT_OPEN:
            return
        self.door_wait -= dt
        if self.door_wait <= 0:
            self.door_open = not self.door_open
            mean = 30.0 if self.door_open else self.door_every_s
            self.door_wait = self.rng.uniform(0.5, 1.5) * mean
