"""UCUM unit codes and the affine conversions between those that devices really send."""

from dataclasses import dataclass


class UnknownUnitError(ValueError):
    """A unit is none of the UCUM codes that this system converts."""


class UnitMismatchError(ValueError):
    """Two units do not measure the same quantity."""


@dataclass(frozen=True, slots=True)
class Affine:
    """canonical = value * scale + offset, with `quantity` naming what is measured."""

    quantity: str
    scale: float
    offset: float = 0.0


# Canonical units: Cel, m, m/s, g, s, %, [ppm], V, A, kPa, {fen}, {fen}/kg, 1. Source: UCUM 2.2 tables.
UNITS: dict[str, Affine] = {
    "Cel": Affine("temperature", 1.0),
    "[degF]": Affine("temperature", 5 / 9, -160 / 9),
    "K": Affine("temperature", 1.0, -273.15),
    "m": Affine("length", 1.0),
    "cm": Affine("length", 0.01),
    "mm": Affine("length", 0.001),
    "m/s": Affine("speed", 1.0),
    "mm/s": Affine("speed", 0.001),
    "km/h": Affine("speed", 1 / 3.6),
    "g": Affine("mass", 1.0),
    "kg": Affine("mass", 1000.0),
    "mg": Affine("mass", 0.001),
    "s": Affine("time", 1.0),
    "ms": Affine("time", 0.001),
    "min": Affine("time", 60.0),
    "h": Affine("time", 3600.0),
    "d": Affine("time", 86400.0),
    "%": Affine("ratio", 1.0),
    "1": Affine("count", 1.0),
    "[ppm]": Affine("concentration", 1.0),
    "V": Affine("voltage", 1.0),
    "mV": Affine("voltage", 0.001),
    "A": Affine("current", 1.0),
    "mA": Affine("current", 0.001),
    "kPa": Affine("pressure", 1.0),
    "Pa": Affine("pressure", 0.001),
    "{fen}": Affine("money", 1.0),
    "{yuan}": Affine("money", 100.0),
    "{fen}/kg": Affine("price", 1.0),
    "{yuan}/kg": Affine("price", 100.0),
}


def conversion(source: str, target: str) -> tuple[float, float]:
    """Return (scale, offset) such that value_in_target = value_in_source * scale + offset."""
    try:
        origin, goal = UNITS[source], UNITS[target]
    except KeyError as error:
        raise UnknownUnitError(f"unit {error.args[0]!r} is not a known UCUM code") from None
    if origin.quantity != goal.quantity:
        raise UnitMismatchError(f"{source!r} measures {origin.quantity}, {target!r} measures {goal.quantity}")
    return origin.scale / goal.scale, (origin.offset - goal.offset) / goal.scale
