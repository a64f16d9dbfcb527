"""The scale at a kitchen's back door: what was ordered, what came, how cold it is, and where it is from."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from simulators.body import Body, Setting, Status
from simulators.utterance import Event, Record

DIVISION_G = 20
TOLERANCE = 0.05  # of the ordered mass: less is a short delivery


@dataclass(frozen=True, slots=True)
class Goods:
    """What is delivered: usual mass in g, usual surface temperature and the highest that is accepted, °C."""

    name: str
    mass_g: float
    surface: float
    limit: float


# Chilled goods at most 8 °C, frozen ones at most −12 °C at the door: usual limits, a site may set others.
GOODS = (
    Goods("冷鲜猪肉", 20_000, 3, 8),
    Goods("冰鲜鱼", 12_000, 1, 8),
    Goods("鲜奶", 15_000, 4, 8),
    Goods("冷冻鸡翅", 25_000, -17, -12),
    Goods("蔬菜", 30_000, 14, 30),
    Goods("大米", 50_000, 20, 40),
)


class ReceivingScale(Body):
    """Delivery after delivery."""

    kind = "receiving_scale"
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "gap_s": Setting(20, 1, 86_400, "mean time between two deliveries"),
    }

    def __init__(self, dice: random.Random, settings: Mapping[str, float] | None = None) -> None:
        super().__init__(dice, settings)
        self.wait = self._gap()
        self.deliveries, self.last_g = 0, 0.0

    def pass_time(self, dt: float) -> None:
        """Deliveries come as they come."""
        self.wait -= dt
        while self.wait <= 0:
            self.wait += self._gap()
            self._receive(self.dice.choice(GOODS))

    def status(self) -> Status:
        """Metrics of the profile kitchen-receiving-scale."""
        return {"deliveries": self.deliveries, "weight": self.last_g}

    def _receive(self, goods: Goods) -> None:
        ordered = round(goods.mass_g * self.dice.uniform(0.5, 1.5) / 1000) * 1000
        came = ordered * (self.dice.uniform(0.99, 1.02) - self.faults.get("short-delivery", 0.0))
        net = round(came / DIVISION_G) * DIVISION_G
        surface = round(min(goods.limit - 1, goods.surface + self.dice.gauss(0, 1)), 1)
        if self.has("warm-delivery"):
            surface = round(goods.limit + self.faults["warm-delivery"], 1)
        self.deliveries, self.last_g = self.deliveries + 1, net
        values = {"ordered": ordered, "net": net, "surface_temp": surface, "surface_limit": goods.limit}
        self.say(Record(dict(values)))
        self._remark(goods, short=net < ordered * (1 - TOLERANCE), warm=surface > goods.limit)

    def _remark(self, goods: Goods, *, short: bool, warm: bool) -> None:
        trace = "" if self.has("trace-missing") else f" LOT{self.dice.randrange(10**6):06d}"
        self.say(Event("received", text=goods.name + trace))
        for event, is_so in (("short", short), ("warm", warm), ("trace_missing", not trace)):
            if is_so:
                self.say(Event(event, text=goods.name))

    def _gap(self) -> float:
        return min(4 * self.settings["gap_s"], self.dice.expovariate(1 / self.settings["gap_s"]))
