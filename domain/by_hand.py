"""Alerts that people make from what they found: which classes, and how long the operator may be given."""

from datetime import timedelta

from domain.severity import DEADLINES, Severity

RULE = "by-hand"
VERSION = 1
CLASSES = (Severity.I, Severity.II, Severity.III)
LEAST = timedelta(minutes=30)
# Class I is acknowledged in its own time, whoever raises it (DOMAIN §6); the longest of the others are ours.
LONGEST = {Severity.I: DEADLINES[Severity.I], Severity.II: timedelta(days=3), Severity.III: timedelta(days=30)}


def allowed(severity: Severity, hours: float | None) -> timedelta | None:
    """How long people have got to act: the class's own time, or so many hours; None where that is out of bounds."""
    if severity not in CLASSES:
        return None
    if hours is None:
        return DEADLINES[severity]
    if not 0 < hours < 1e5:  # not a number neither
        return None
    wanted = timedelta(hours=hours)
    return wanted if LEAST <= wanted <= LONGEST[severity] else None
