"""A market scale: a stall's sales with products, masses and prices, its seal and counters, a creeping zero, faults."""

import math
import random
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from simulators.body import Body, Setting, Status
from simulators.market import PRODUCTS, asked, bustle
from simulators.utterance import Sale

DIVISION_G = 5
MAX_G = 15_000
VERIFIED_D = 365.0  # a verification holds so long (JJG 1204-2025 [verify])
PAY = (("wechat", 6), ("alipay", 3), ("cash", 1))
TICK_S = 60.0  # the market's bustle changes little in less


class Scale(Body):
    """State of one scale: 5 g divisions, a slowly wandering zero, a battery that empties and is charged at night."""

    kind = "scale"
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "sale_every_s": Setting(4, 0.1, 86_400, "mean time between two sales at the busiest hour"),
        "day": Setting(0, 0, 1, "1: the market has its hours and peaks; 0: it is always busy"),
        "hour": Setting(8, 0, 24, "the hour of the day at which it begins"),
        "verification_d": Setting(200, -365, 365, "days until its verification expires"),
    }

    def __init__(self, dice: random.Random, settings: Mapping[str, float] | None = None) -> None:
        super().__init__(dice, settings)
        self.seq = 0
        self.now = self.settings["hour"] * 3600
        self.wait = 1.0
        self.zero_g = 0.0
        self.drift_g = 0.0
        self.battery = 100.0
        self.adjustments = 3
        self.last_g = 0.0
        self.prices = {product.name: asked(product, dice) for product in PRODUCTS}

    def pass_time(self, dt: float) -> None:
        """Sales come as a Poisson process whose rate is the market's bustle."""
        steps = max(1, math.ceil(dt / TICK_S))
        for _ in range(steps):
            self._pass(dt / steps)

    def status(self) -> Status:
        """Metrics of the profile scale-jjg1204."""
        return {
            "state": 1 if self._is_open_for_business else 2,
            "cover": int(self.has("cover-opened")),
            "adjust_counter": self.adjustments,
            "zero_offset": round(self.zero_g + self.drift_g, 3),
            "scale_interval": DIVISION_G,
            "max_load": MAX_G,
            "weight": self.last_g,
            "battery": 8.0 if self.has("low-battery") else round(self.battery, 1),
            "verification_days": self._verification(),
        }

    def began(self, fault: str) -> None:
        """A counter that went up stays up."""
        if fault == "adjusted":
            self.adjustments += 1

    def ended(self, fault: str) -> None:
        """Zeroed again, or verified again."""
        if fault == "zero-drift":
            self.drift_g = 0.0
        elif fault == "verification-expired":
            self.settings["verification_d"] = VERIFIED_D

    @property
    def _bustle(self) -> float:
        return bustle(self.now / 3600) if self.settings["day"] else 1.0

    @property
    def _is_open_for_business(self) -> bool:
        return self._bustle > 0

    def _verification(self) -> float:
        return -1.0 if self.has("verification-expired") else self.settings["verification_d"]

    def _pass(self, dt: float) -> None:
        self.now += dt
        self.zero_g += self.dice.gauss(0.0, 0.01) * math.sqrt(min(dt, 60.0)) - self.zero_g * min(1.0, 0.02 * dt)
        self.drift_g += self.faults.get("zero-drift", 0.0) * dt / 3600
        self.battery = max(10.0, self.battery - dt / 600) if self._is_open_for_business else 100.0
        self.wait -= dt * self._bustle
        while self.wait <= 0:
            self.wait += self.dice.expovariate(1 / self.settings["sale_every_s"])
            self._serve()

    def _serve(self) -> None:
        """One customer; with a broken load cell nobody buys."""
        if self.has("sensor-fault"):
            return
        self.seq += 1 + int(self.faults.get("sequence-gap", 0))
        sale = self._spoil(self._weigh())
        self.last_g = sale.gross_g
        self.say(sale)

    def _weigh(self) -> Sale:
        product = self.dice.choice(PRODUCTS)
        mass = product.mass_g * self.dice.lognormvariate(0.0, 0.4)
        net = min(MAX_G - 10, max(DIVISION_G, round(mass / DIVISION_G) * DIVISION_G))
        tare = self.dice.choice((0, 5, 10))
        price = self._price(product.name)
        pay = self.dice.choices([name for name, _ in PAY], [weight for _, weight in PAY])[0]
        trace = f"{product.unit_price:05d}-{self.dice.randrange(10**6):06d}"
        return Sale(self.seq, product.name, net + tare, tare, net, price, amount(net, price), pay, trace)

    def _price(self, product: str) -> int:
        return max(1, round(self.prices[product] * self.faults.get("price-outlier", 1.0)))

    def _spoil(self, sale: Sale) -> Sale:
        """A wrong amount hits one sale, and is over."""
        more = self.faults.pop("amount-mismatch", None)
        return sale if more is None else replace(sale, amount=sale.amount + round(more))


def amount(net_g: float, unit_price: float) -> int:
    """What is to pay, in whole fen."""
    return round(net_g * unit_price / 1000)
