"""Ages are told as what 95 % of the latest do not exceed."""

from edge.ages import REMEMBERED, Ages


def test_one_in_twenty_may_be_older() -> None:
    ages = Ages()
    for age in [9.0] * 5 + [1.0] * 95:
        ages.add(age)
    assert ages.p95 == 1.0
    ages.add(9.0)
    assert ages.p95 == 9.0


def test_what_is_long_past_is_forgotten() -> None:
    ages = Ages()
    for age in [60.0] * 100 + [0.5] * REMEMBERED:
        ages.add(age)
    assert ages.p95 == 0.5
