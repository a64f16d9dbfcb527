"""WGS 84 as people write it."""

import pytest

from domain.coordinates import BadCoordinatesError, Coordinates, parse


def test_both_or_none() -> None:
    assert parse(" 113.2644 ", "23.1291") == Coordinates(113.2644, 23.1291)
    assert parse("", "  ") is None


@pytest.mark.parametrize(
    ("longitude", "latitude"),
    [("113", ""), ("", "23"), ("181", "0"), ("0", "-90.1"), ("23.1291", "113.2644"), ("nan", "1"), ("东经", "1")],
)
def test_what_is_not_on_the_earth_is_refused(longitude: str, latitude: str) -> None:
    with pytest.raises(BadCoordinatesError):
        parse(longitude, latitude)
