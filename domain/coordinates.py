"""Where a place is: WGS 84 longitude and latitude in degrees."""

from dataclasses import dataclass


class BadCoordinatesError(ValueError):
    """A place has a longitude of −180 to 180 and a latitude of −90 to 90 degrees, WGS 84; or neither."""


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Raises BadCoordinatesError for what is not on the Earth."""

    longitude: float
    latitude: float

    def __post_init__(self) -> None:
        if not (-180 <= self.longitude <= 180 and -90 <= self.latitude <= 90):  # not a number fails both
            raise BadCoordinatesError


def parse(longitude: str, latitude: str) -> Coordinates | None:
    """Both as a person writes them, None where both are empty; raises BadCoordinatesError."""
    if not longitude.strip() and not latitude.strip():
        return None
    try:
        return Coordinates(float(longitude), float(latitude))
    except ValueError as error:
        raise BadCoordinatesError from error
