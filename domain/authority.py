"""Authorities as paths of the regulator's tree, `city.district.station`: who stands above whom."""


def covers(above: str, below: str) -> bool:
    """Whether `above` is `below` or stands above it."""
    return below == above or below.startswith(f"{above}.")
