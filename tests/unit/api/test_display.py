"""Numbers, units and thresholds as people read them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from api import display
from api.display import Found, Threshold


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-18.4, "−18.4"),
        (0.0, "0"),
        (1234567.0, "1,234,567"),
        (0.123456, "0.1235"),
        (21.0, "21"),
        (3.6651, "3.67"),
        (-100.0, "−100"),
        (-2500.0, "−2,500"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    assert display.number(value) == text


def test_clock_shows_the_date_only_when_it_is_another_day() -> None:
    zone, now = ZoneInfo("Asia/Shanghai"), datetime(2026, 11, 22, 17, 0, tzinfo=UTC)  # 01:00 on the 23rd there
    assert display.clock(datetime(2026, 11, 22, 16, 30, tzinfo=UTC), zone, now) == "00:30:00"
    assert display.clock(datetime(2026, 11, 22, 15, 30, tzinfo=UTC), zone, now) == "11-22 23:30"
    assert display.clock(datetime(2025, 11, 22, 15, 30, tzinfo=UTC), zone, now) == "2025-11-22 23:30"


def test_thresholds_of_a_rule() -> None:
    text = "air_temp > -15 and set_point <= -10 and not defrost and state == 1 and abs(x) > 0.5 * y"
    assert display.thresholds(text) == (Threshold("air_temp", -15.0), Threshold("set_point", -10.0))
    assert display.thresholds("") == ()


def test_the_readings_inside_a_reason() -> None:
    assert display.found("air_temp=-14.8 > -15 and not defrost=0") == (Found("air_temp", -14.8), Found("defrost", 0.0))
    assert display.found("9 of 9 samples over 16.0 s, zone stove") == ()
