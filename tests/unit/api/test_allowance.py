"""A minute's allowance is spent at once or evenly, fills evenly, and takes bounded memory."""

from hypothesis import given
from hypothesis import strategies as st

from api.allowance import Allowance
from api.answers import matches


class Clock:
    now = 50.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_allowed_then_one_each_interval() -> None:
    clock = Clock()
    allowance = Allowance(6, clock=clock)
    assert [allowance.take("li").remaining for _ in range(6)] == [5, 4, 3, 2, 1, 0]
    refused = allowance.take("li")
    assert refused.wait_s == 10.0
    assert refused.headers == {
        "ratelimit-limit": "6", "ratelimit-remaining": "0", "ratelimit-reset": "60", "retry-after": "10",
    }  # fmt: skip
    assert allowance.take("wang").wait_s == 0.0
    clock.now += 10.0
    assert allowance.take("li").wait_s == 0.0  # the refused one took nothing
    assert allowance.take("li").wait_s > 0.0
    clock.now += 60.0
    assert allowance.take("li").remaining == 5


@given(st.integers(1, 50), st.lists(st.floats(0, 30), max_size=200))
def test_never_more_than_the_limit_beyond_what_filled(limit: int, pauses: list[float]) -> None:
    clock = Clock()
    begun, taken = clock.now, 0
    allowance = Allowance(limit, clock=clock)
    for pause in pauses:
        clock.now += pause
        taken += allowance.take("li").wait_s == 0.0
        assert taken <= limit * (1 + (clock.now - begun) / 60.0) + 1e-3


def test_who_waits_as_told_is_let_through() -> None:
    clock = Clock()
    allowance = Allowance(7, clock=clock)
    while not (refused := allowance.take("li")).wait_s:
        pass
    clock.now += refused.wait_s
    assert allowance.take("li").wait_s == 0.0


def test_a_flood_of_keys_takes_no_more_memory() -> None:
    allowance = Allowance(1, capacity=100, clock=Clock())
    for number in range(5000):
        allowance.take(f"session-{number}")
    assert len(allowance._full_at) == 100


def test_if_none_match_compares_weakly() -> None:
    assert matches('W/"a", "b"', 'W/"b"')
    assert matches("*", 'W/"b"')
    assert not matches('W/"a"', 'W/"b"')
    assert not matches("", 'W/"b"')
