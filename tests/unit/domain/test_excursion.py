"""Excursions: the limit is read from the rule, the ledger from the readings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import excursion, predicate
from domain.excursion import Limit

WARM = Limit("air_temp", -15.0, above=True)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("air_temp > -15 and set_point <= -10 and not defrost", Limit("air_temp", -15.0, above=True)),
        ("air_temp < 0 and set_point > -5", Limit("air_temp", 0.0, above=False)),
        ("door_open", None),
        ("abs(amount - net_g) > 1", None),
        ("air_temp > product_temp", None),
    ],
)
def test_the_limit_is_the_first_comparison_with_a_number(text: str, wanted: Limit | None) -> None:
    assert excursion.limit(predicate.parse(text)) == wanted


def test_a_ledger() -> None:
    times = np.array([0.0, 60.0, 120.0, 180.0])
    told = excursion.summarise(WARM, times, np.array([-14.0, -10.0, -13.0, -16.0]), end=240.0)
    assert told is not None
    assert (told.peak, told.peak_at.timestamp(), told.readings, told.recorded_s) == (-10.0, 60.0, 4, 240.0)
    assert told.degree_minutes == pytest.approx(1 + 5 + 2)


def test_silence_is_not_counted() -> None:
    told = excursion.summarise(WARM, np.array([0.0, 7200.0]), np.array([-5.0, -5.0]), end=7260.0)
    assert told is not None
    assert told.recorded_s == excursion.LONGEST_STEP_S + 60
    assert told.degree_minutes == pytest.approx(10 * (15 + 1))


def test_without_readings_there_is_no_ledger() -> None:
    assert excursion.summarise(WARM, np.array([]), np.array([]), end=1.0) is None


def test_mean_kinetic_temperature_of_a_known_series() -> None:
    """Half the time at 5 °C and half at 25 °C: 19.7 °C by the formula of USP <1079.2>, above the mean of 15."""
    times = np.arange(0.0, 6000.0, 60.0)
    told = excursion.summarise(Limit("t", 8.0, above=True), times, np.repeat([5.0, 25.0], 50), end=6000.0)
    assert told is not None
    assert told.mean_kinetic == pytest.approx(19.70, abs=0.01)


@given(st.lists(st.floats(-40, 40), min_size=1, max_size=30))
def test_mean_kinetic_lies_between_the_extremes_and_not_below_the_mean(values: list[float]) -> None:
    column = np.array(values, dtype=np.float64)
    told = excursion.summarise(WARM, np.arange(0.0, len(values) * 60.0, 60.0), column, end=len(values) * 60.0)
    assert told is not None
    assert column.min() - 1e-6 <= told.mean_kinetic <= column.max() + 1e-6
    assert told.mean_kinetic >= column.mean() - 1e-6
