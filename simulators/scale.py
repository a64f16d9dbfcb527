"""A market scale: a stall's sales with products, masses and prices, its seal and counters, scripted faults."""

import random
from dataclasses import dataclass
from enum import StrEnum

SALE_EVERY_S = 4.0
DIVISION_G = 5


class Fault(StrEnum):
    """What a script may do to it."""

    COVER_OPENED = "cover-opened"  # the cover is opened without authorisation (an event)
    AMOUNT_MISMATCH = "amount-mismatch"  # the next sale asks for more than net × price


@dataclass(frozen=True, slots=True)
class Product:
    """What a stall sells: its price in fen/kg and the usual mass of a sale in g."""

    name: str
    unit_price: int
    mass_g: float


PRODUCTS = (
    Product("上海青", 600, 450),
    Product("番茄", 880, 700),
    Product("土豆", 420, 1100),
    Product("五花肉", 3600, 620),
    Product("鲈鱼", 4800, 900),
    Product("苹果", 1290, 1400),
)


@dataclass(frozen=True, slots=True)
class Sale:
    """One weighing that was paid. g, fen/kg, fen."""

    seq: int
    product: str
    gross_g: float
    tare_g: float
    net_g: float
    unit_price: int
    amount: int


@dataclass(slots=True)
class Scale:
    """State of one scale: 5 g divisions, a slowly wandering zero, a battery that empties."""

    rng: random.Random
    seq: int = 0
    wait: float = 1.0
    zero_g: float = 0.0
    battery: float = 100.0
    is_open: bool = False
    fault: Fault | None = None

    def step(self, dt: float) -> Sale | None:
        """Let `dt` seconds pass; returns the sale that was made, if any."""
        self.zero_g += self.rng.gauss(0.0, 0.01) - self.zero_g * 0.02 * dt
        self.battery = max(5.0, self.battery - dt / 600)
        self.wait -= dt
        if self.wait > 0:
            return None
        self.wait = self.rng.expovariate(1 / SALE_EVERY_S)
        return self._sell()

    def begin(self, fault: str) -> str | None:
        """Start a Fault by name; returns the event code that the scale reports with it, if any."""
        self.fault = Fault(fault)
        self.is_open = self.fault is Fault.COVER_OPENED
        return "cover_opened" if self.is_open else None

    def end(self) -> None:
        self.fault, self.is_open = None, False

    def status(self) -> dict[str, float | bool]:
        """Metrics of the profile scale-jjg1204."""
        return {
            "state": 1,
            "cover": int(self.is_open),
            "adjust_counter": 3,
            "zero_offset": round(self.zero_g, 3),
            "scale_interval": DIVISION_G,
            "battery": round(self.battery, 1),
            "verification_days": 200,
        }

    def _sell(self) -> Sale:
        product = self.rng.choice(PRODUCTS)
        net = max(DIVISION_G, round(product.mass_g * self.rng.lognormvariate(0.0, 0.4) / DIVISION_G) * DIVISION_G)
        tare = self.rng.choice((0, 5, 10))
        amount = round(net * product.unit_price / 1000)
        if self.fault is Fault.AMOUNT_MISMATCH:
            amount += 50
            self.fault = None
        self.seq += 1
        return Sale(self.seq, product.name, net + tare, tare, net, product.unit_price, amount)
