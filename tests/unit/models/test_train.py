"""The rate's course through a stage."""

import pytest

from models.train import rate_share


def test_the_rate_falls_from_one_to_its_final_share_and_stays_there() -> None:
    course = [rate_share(passed / 10, 0.05) for passed in range(11)]
    assert course == sorted(course, reverse=True)
    assert [course[0], course[5], course[10]] == pytest.approx([1.0, 0.525, 0.05])
    assert rate_share(1.2, 0.05) == pytest.approx(0.05)
