"""Severity classes of alerts (DOMAIN §6): I immediate, II with a deadline, III daily guidance."""

from datetime import timedelta
from enum import IntEnum


class Severity(IntEnum):
    """1 is the gravest. Colours: red, orange, yellow, blue for notices."""

    I = 1  # noqa: E741 - the regulator's own name of the class
    II = 2
    III = 3
    NOTICE = 4

    @property
    def colour(self) -> str:
        return _COLOURS[self]


_COLOURS = {Severity.I: "red", Severity.II: "orange", Severity.III: "yellow", Severity.NOTICE: "blue"}

# DOMAIN §6: I acknowledge in 30 min, II rectify in 2 h, III rectify in 24 h; notices like III.
DEADLINES: dict[Severity, timedelta] = {
    Severity.I: timedelta(minutes=30),
    Severity.II: timedelta(hours=2),
    Severity.III: timedelta(hours=24),
    Severity.NOTICE: timedelta(days=7),
}
