"""Special equipment: elevators, boilers, cranes; how one stands with its periodic inspection."""

from datetime import date, timedelta
from enum import StrEnum

DUE_WITHIN = timedelta(days=30)  # DOMAIN §2


SOON = timedelta(days=3)  # maintenance that is due within so many days is on the list


class Kind(StrEnum):
    """What it is, after the catalogue of special equipment."""

    ELEVATOR = "elevator"
    ESCALATOR = "escalator"
    BOILER = "boiler"
    PRESSURE_VESSEL = "pressure_vessel"
    CRANE = "crane"
    FORKLIFT = "forklift"
    AMUSEMENT = "amusement"
    ROPEWAY = "ropeway"
    OTHER = "other"


# How often maintenance is due (DOMAIN §2, after TSG T5002); of other kinds the contract says it.
MAINTAINED_EVERY = {Kind.ELEVATOR: timedelta(days=15), Kind.ESCALATOR: timedelta(days=15)}


class Standing(StrEnum):
    """How it stands with its inspection; the gravest first."""

    FAILED = "failed"  # the last inspection was not passed
    OVERDUE = "overdue"
    DUE = "due"  # within 30 days
    IN_ORDER = "in_order"
    UNKNOWN = "unknown"  # nobody has entered a date


def standing(next_inspection: date | None, failed: bool, today: date) -> Standing:
    """How it stands on `today`, a date of the site's own time zone. On the day itself it is due, not overdue."""
    if failed:
        return Standing.FAILED
    if next_inspection is None:
        return Standing.UNKNOWN
    if next_inspection < today:
        return Standing.OVERDUE
    return Standing.DUE if next_inspection - today <= DUE_WITHIN else Standing.IN_ORDER


def shown(found: Standing) -> Standing:
    """What the public is told: what is due soon is in order."""
    return Standing.IN_ORDER if found is Standing.DUE else found


def maintenance_due(kind: Kind, last: date | None, today: date) -> date | None:
    """When maintenance is due; at once where there never was one; None where we know of no interval."""
    every = MAINTAINED_EVERY.get(kind)
    if every is None:
        return None
    return today if last is None else last + every
