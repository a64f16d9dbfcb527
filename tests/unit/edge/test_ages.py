"""Ages are told as what 95 % of the latest did not exceed."""

from edge.ages import Ages


def test_one_in_twenty_may_be_older() -> None:
    ages = Ages(lambda: 0.0)
    assert ages.p95(10) == 0
    for age in [9.0] * 5 + [1.0] * 95:
        ages.add(age)
    assert ages.p95(10) == 1.0
    ages.add(9.0)
    assert ages.p95(10) == 9.0


def test_what_is_past_does_not_count() -> None:
    now = [0.0]
    ages = Ages(lambda: now[0])
    for age in (60.0, 60.0):
        ages.add(age)
    now[0] = 6.0
    ages.add(0.5)
    assert (ages.p95(5), ages.p95(10)) == (0.5, 60.0)
    now[0] = 20.0
    assert ages.p95(5) == 0
