"""A market: what its stalls sell, what it costs there, and how busy its day is."""

import math
import random
from dataclasses import dataclass

OPENS_H, CLOSES_H = 5.5, 19.0


@dataclass(frozen=True, slots=True)
class Product:
    """What a stall sells: the market's price in fen/kg and the usual mass of a sale in g."""

    name: str
    unit_price: int
    mass_g: float


PRODUCTS = (
    Product("上海青", 600, 450),
    Product("番茄", 880, 700),
    Product("土豆", 420, 1100),
    Product("黄瓜", 760, 600),
    Product("豆腐", 500, 500),
    Product("五花肉", 3600, 620),
    Product("鲈鱼", 4800, 900),
    Product("基围虾", 9600, 400),
    Product("鸡蛋", 1180, 900),
    Product("苹果", 1290, 1400),
)


def asked(product: Product, dice: random.Random) -> int:
    """A stall's own price of the day: within some 15 % of the market's, in whole ten fen (one jiao)."""
    factor = min(1.15, max(0.85, dice.lognormvariate(0.0, 0.06)))
    return max(10, round(product.unit_price * factor / 10) * 10)


def bustle(hour: float) -> float:
    """How busy a market is at an hour of the day, 0 … 1: a peak before work, a smaller one after it."""
    if not OPENS_H <= hour % 24 < CLOSES_H:
        return 0.0
    morning = math.exp(-(((hour % 24) - 8.0) ** 2) / (2 * 1.5**2))
    evening = 0.7 * math.exp(-(((hour % 24) - 17.0) ** 2) / (2 * 1.0**2))
    return min(1.0, 0.08 + morning + evening)
