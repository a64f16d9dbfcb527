"""A vendor that says 0 for yes: the profile says so, and what is stored means the same whoever sent it."""

import numpy as np
import pytest

from domain import profile
from ingest.library import profiles
from ingest.profile_table import compile_table, take

SHIPPED = {one.code: one for one in profiles()}
SECOND = SHIPPED["elevator-second-list"]
INVERTED = {"door_closed", "passenger_present", "door_zone"}


def stored(code: str, values: dict[str, float | bool], units: dict[str, str]) -> dict[str, float]:
    """What ingest makes of a message."""
    table = compile_table(SHIPPED[code], {metric.name: n for n, metric in enumerate(SHIPPED[code].metrics)})
    shape = table.shape(values, units)
    given = np.array(take(shape, values), dtype=np.float64) * shape.scale + shape.offset
    return {table.names[column]: float(value) for column, value in zip(shape.columns, given, strict=True)}


@pytest.mark.parametrize("yes", [True, False])
@pytest.mark.parametrize("as_number", [True, False])
def test_inverted_flags_are_stored_as_everywhere(yes: bool, as_number: bool) -> None:
    said: dict[str, float | bool] = {name: int(not yes) if as_number else not yes for name in INVERTED}
    assert stored(SECOND.code, said, {}) == {name: float(yes) for name in INVERTED}
    usual: dict[str, float | bool] = dict.fromkeys(INVERTED, yes)
    assert stored("elevator-gbt24476", usual, {}) == {name: float(yes) for name in INVERTED}


def test_a_unit_of_the_vendors_own_is_converted() -> None:
    assert stored(SECOND.code, {"speed": 1750, "car_status": 1}, {"speed": "mm/s"}) == {
        "speed": 1.75,
        "car_status": 1.0,
    }


def test_both_elevator_profiles_measure_the_same() -> None:
    usual = SHIPPED["elevator-gbt24476"]
    assert [upright(metric) for metric in SECOND.metrics] == list(usual.metrics)
    assert {metric.name for metric in SECOND.metrics if metric.inverted} == INVERTED


def upright(metric: profile.Metric) -> profile.Metric:
    return profile.Metric(**{name: getattr(metric, name) for name in metric.__struct_fields__ if name != "inverted"})


def test_only_a_flag_can_be_inverted() -> None:
    text = (
        'code = "x"\nkind = "scale"\nversion = 1\nzh = ""\nen = ""\nsource = ""\nsilence_s = 1.0\n'
        '[[metrics]]\nname = "m"\nunit = "1"\nzh = ""\nen = ""\nlow = 0.0\nhigh = 1.0\ninverted = true\n'
    )
    with pytest.raises(profile.BadProfileError, match="m is inverted, but no flag"):
        profile.parse(text)
    assert profile.parse(text + "flag = true\n").metrics[0].inverted
