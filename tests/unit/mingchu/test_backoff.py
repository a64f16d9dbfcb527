"""Restarts: waits double up to the most, and health forgives."""

from hypothesis import given
from hypothesis import strategies as st

from mingchu.backoff import Backoff


def test_waits_double_from_half_a_second_to_thirty() -> None:
    backoff, waits = Backoff(), []
    for _ in range(8):
        backoff = backoff.after(0.1)
        waits.append(backoff.wait_s)
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_a_minute_of_health_begins_anew() -> None:
    backoff = Backoff(failures=7).after(60.0)
    assert backoff.wait_s == 0.5


@given(st.lists(st.floats(min_value=0, max_value=1e6), max_size=200))
def test_the_wait_stays_within_its_bounds(lives: list[float]) -> None:
    backoff = Backoff()
    for lived in lives:
        backoff = backoff.after(lived)
        assert 0.5 <= backoff.wait_s <= 30.0
