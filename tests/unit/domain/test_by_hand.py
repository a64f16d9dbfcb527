"""How long the operator may be given by an alert that a person makes."""

from datetime import timedelta

import pytest

from domain.by_hand import allowed
from domain.severity import Severity


@pytest.mark.parametrize(
    ("severity", "hours", "wanted"),
    [
        (Severity.I, None, timedelta(minutes=30)),
        (Severity.I, 0.5, timedelta(minutes=30)),
        (Severity.I, 1, None),
        (Severity.II, 72, timedelta(hours=72)),
        (Severity.II, 72.5, None),
        (Severity.III, 720, timedelta(days=30)),
        (Severity.III, 721, None),
        (Severity.III, 0.4, None),
        (Severity.III, float("nan"), None),
        (Severity.III, float("inf"), None),
        (Severity.NOTICE, None, None),
    ],
)
def test_a_deadline_lies_within_the_bounds_of_its_class(
    severity: Severity, hours: float | None, wanted: timedelta | None
) -> None:
    assert allowed(severity, hours) == wanted
