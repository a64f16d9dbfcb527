"""Clock times and thresholds as people read them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from api import display
from api.display import Threshold


def test_clock_shows_the_date_only_when_it_is_another_day() -> None:
    zone, now = ZoneInfo("Asia/Shanghai"), datetime(2026, 11, 22, 17, 0, tzinfo=UTC)  # 01:00 on the 23rd there
    assert display.clock(datetime(2026, 11, 22, 16, 30, tzinfo=UTC), zone, now) == "00:30:00"
    assert display.clock(datetime(2026, 11, 22, 15, 30, tzinfo=UTC), zone, now) == "11-22 23:30"
    assert display.clock(datetime(2025, 11, 22, 15, 30, tzinfo=UTC), zone, now) == "2025-11-22 23:30"


def test_thresholds_of_a_rule() -> None:
    text = "air_temp > -15 and set_point <= -10 and not defrost and state == 1 and abs(x) > 0.5 * y"
    assert display.thresholds(text) == (Threshold("air_temp", -15.0), Threshold("set_point", -10.0))
    assert display.thresholds("") == ()
