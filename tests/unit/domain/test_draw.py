"""Draws by lot: anybody gets the same again, nobody twice, more lots are drawn more often, an edit shows."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.draw import BadDrawError, Candidate, Draw, check, digest, drawn, lots

_candidates = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=6), st.integers(1, 101), min_size=1).map(
    lambda told: tuple(Candidate(code, number) for code, number in sorted(told.items()))
)


@given(st.text(max_size=20), _candidates, st.integers(0, 10))
def test_a_draw_is_reproducible_whatever_the_order_and_draws_nobody_twice(
    seed: str, candidates: tuple[Candidate, ...], n: int
) -> None:
    first = drawn(seed, "site", candidates, n)
    assert drawn(seed, "site", tuple(reversed(candidates)), n) == first
    assert len(set(first)) == len(first) == min(n, len(candidates))
    assert drawn(seed, "site", candidates, n + 1)[: len(first)] == first, "one more changes none of the others"


def test_more_lots_are_drawn_more_often_in_proportion() -> None:
    candidates = (Candidate("often", 30), *(Candidate(f"seldom-{number}", 1) for number in range(30)))
    hits = sum(drawn(str(seed), "site", candidates, 1) == ("often",) for seed in range(2000))
    assert 900 < hits < 1100


def test_a_seed_draws_what_it_drew_when_this_was_written() -> None:
    candidates = tuple(Candidate(f"site-{number}", 1 + number) for number in range(10))
    assert drawn("2026-11-26", "site", candidates, 3) == ("site-8", "site-5", "site-9")


def _made() -> Draw:
    sites = tuple(Candidate(f"s{number}", lots(number)) for number in range(20))
    people = tuple(Candidate(f"p{number}") for number in range(5))
    return Draw("gz", "seed", None, None, sites, people, drawn("seed", "site", sites, 4),
                drawn("seed", "inspector", people, 2))  # fmt: skip


def test_a_recorded_draw_holds_and_any_edit_of_it_shows() -> None:
    made = _made()
    assert made.holds
    assert not msgspec.structs.replace(made, seed="another").holds
    assert not msgspec.structs.replace(made, drawn_sites=made.drawn_sites[::-1]).holds
    assert digest(msgspec.structs.replace(made, sites=made.sites[1:])) != digest(made)
    assert digest(msgspec.convert(msgspec.to_builtins(made), Draw)) == digest(made)


@pytest.mark.parametrize(
    "seed, sites, inspectors", [("", 1, 0), ("a\nb", 1, 0), ("s", 0, 0), ("s", 4, 0), ("s", 1, 3), ("x" * 201, 1, 0)]
)
def test_a_draw_that_cannot_be_is_refused(seed: str, sites: int, inspectors: int) -> None:
    with pytest.raises(BadDrawError):
        check(seed, sites, inspectors, (3, 2))
