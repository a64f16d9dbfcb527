"""Attempts are bounded per key within a window, and the memory of them too."""

from api.limiter import Limiter


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_window_slides() -> None:
    clock = Clock()
    limiter = Limiter(3, 60.0, clock=clock)
    for second in (0.0, 10.0, 20.0):
        clock.now = 100.0 + second
        assert limiter.attempt("li") == 0.0
    clock.now = 130.0
    assert limiter.attempt("li") == 30.0
    assert limiter.attempt("wang") == 0.0
    clock.now = 160.0
    assert limiter.attempt("li") == 0.0  # the first one is forgotten, the refused one never counted
    assert limiter.attempt("li") == 10.0


def test_a_right_password_forgives() -> None:
    limiter = Limiter(1, 60.0, clock=Clock())
    assert limiter.attempt("li") == 0.0
    limiter.forgive("li")
    assert limiter.attempt("li") == 0.0


def test_a_flood_of_keys_takes_no_more_memory() -> None:
    limiter = Limiter(1, 60.0, capacity=100, clock=Clock())
    for number in range(10_000):
        assert limiter.attempt(f"login-{number}") == 0.0
    assert len(limiter._attempts) == 100
    assert limiter.attempt("login-9999") > 0
