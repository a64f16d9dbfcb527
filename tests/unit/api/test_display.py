"""Clock times and thresholds as people read them."""

from datetime import UTC, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from api import display
from api.display import Threshold
from domain import profile


def test_clock_shows_the_date_only_when_it_is_another_day() -> None:
    zone, now = ZoneInfo("Asia/Shanghai"), datetime(2026, 11, 22, 17, 0, tzinfo=UTC)  # 01:00 on the 23rd there
    assert display.clock(datetime(2026, 11, 22, 16, 30, tzinfo=UTC), zone, now) == "00:30:00"
    assert display.clock(datetime(2026, 11, 22, 15, 30, tzinfo=UTC), zone, now) == "11-22 23:30"
    assert display.clock(datetime(2025, 11, 22, 15, 30, tzinfo=UTC), zone, now) == "2025-11-22 23:30"


def test_thresholds_of_a_rule() -> None:
    text = "air_temp > -15 and set_point <= -10 and not defrost and state == 1 and abs(x) > 0.5 * y"
    assert display.thresholds(text) == (Threshold("air_temp", -15.0), Threshold("set_point", -10.0))
    assert display.thresholds("") == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("air_temp > -15 and set_point <= -10", ("air_temp",)),
        ("air_temp_rate > 5", ("air_temp",)),  # a figure is drawn as what it is derived from
        ("days_left < 0", ("air_temp", "product_temp", "humidity")),  # nothing of the device: what its profile draws
        ("", ("air_temp", "product_temp", "humidity")),  # an event's rule
        ("door_open", ("door_open",)),
    ],
)
def test_every_alert_of_a_device_has_something_to_draw(text: str, names: tuple[str, ...]) -> None:
    file = files("ingest").joinpath("profiles/cold-store.toml")
    kind = profile.parse(file.read_text(encoding="utf-8"))
    assert tuple(metric.name for metric in display.drawn(text, kind)) == names


def test_a_states_values_have_words_and_a_measured_one_has_none() -> None:
    measured = profile.Metric("air_temp", "Cel", "温度", "Temperature", -60.0, 60.0)
    flag = profile.Metric("door_open", "1", "门", "Door", 0.0, 1.0, flag=True)
    mode = profile.Metric("mode", "1", "模式", "Mode", 0.0, 9.0, values=(profile.ValueName(1.0, "正常", "normal"),))
    assert display.said(measured) == ()
    assert [(one.value, one.zh, one.en) for one in display.said(flag)] == [(0.0, "否", "no"), (1.0, "是", "yes")]
    assert display.said(mode) == mode.values
