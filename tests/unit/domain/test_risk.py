"""Risk scores: within bounds, rising with what is measured, explained by their terms; patrols that do not flutter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.risk import shipped
from domain.risk import BadWeightsError, Band, Measure, counts, parse, visits
from mingchu.risk_commands import as_toml

WEIGHTS = shipped()
_rows = st.lists(st.floats(0, 1e6, allow_nan=False), min_size=len(WEIGHTS.terms), max_size=len(WEIGHTS.terms))


def test_the_shipped_weights_measure_everything_once_and_can_be_written_and_read_again() -> None:
    assert {term.code for term in WEIGHTS.terms} == set(Measure)
    assert parse(as_toml(WEIGHTS)) == WEIGHTS


@given(_rows, st.booleans())
def test_a_score_is_between_0_and_100_and_is_the_sum_of_its_terms(row: list[float], device: bool) -> None:
    score = WEIGHTS.score(row, device=device)
    assert 0 <= score <= 100
    counted = [(term, value) for term, value in zip(WEIGHTS.terms, row, strict=True) if counts(term, device)]
    whole = sum(term.weight for term, _ in counted)
    assert score == pytest.approx(100 * sum(term.points(value) for term, value in counted) / whole, abs=0.51)


@given(_rows, st.integers(0, len(WEIGHTS.terms) - 1), st.floats(0, 1e6))
def test_more_of_anything_never_makes_it_safer(row: list[float], which: int, more: float) -> None:
    worse = [*row]
    worse[which] += more
    assert WEIGHTS.score(worse) >= WEIGHTS.score(row)


def test_nothing_is_green_and_everything_is_red() -> None:
    assert WEIGHTS.band(WEIGHTS.score(WEIGHTS.row({}))) is Band.GREEN
    worst = WEIGHTS.row(dict.fromkeys(Measure, 1000000000.0))
    assert WEIGHTS.score(worst) == WEIGHTS.score(worst, device=True) == 100
    assert WEIGHTS.band(100) is Band.RED


@given(st.lists(st.integers(0, 100), max_size=10), st.integers(1, 12))
def test_visits_are_those_of_a_colour_or_stay(scores: list[int], current: int) -> None:
    wanted = visits(current, scores, WEIGHTS)
    assert wanted == current or wanted in {WEIGHTS.patrol.of(band) for band in Band}
    if len(scores) < WEIGHTS.patrol.rise_days:
        assert wanted == current
    assert visits(wanted, scores, WEIGHTS) == wanted, "one change, and then rest"


@pytest.mark.parametrize(
    "current, scores, wanted",
    [
        (1, [80, 20, 20], 1),  # one bad day
        (1, [80, 80, 20], 4),
        (1, [55, 80], 3),
        (3, [49, 51, 49, 51, 49, 51, 49], 3),  # swings about a bound
        (3, [44] * 7, 2),
        (3, [44] * 6, 3),  # not long enough
        (4, [10] * 6 + [60], 3),
    ],
)
def test_patrols_follow_what_lasts(current: int, scores: list[int], wanted: int) -> None:
    assert visits(current, scores, WEIGHTS) == wanted


@pytest.mark.parametrize(
    "old, new, fault",
    [
        ("weight = 15", "weight = 16", "sum to 102"),
        ("full = 0.5", "full = 0", "more than 0"),
        ('code = "open_2"', 'code = "open_1"', "twice"),
        ("orange = 50", "orange = 80", "rise"),
        ("red = 4", "red = 13", "from 1 to 12"),
        ("margin = 5", "margin = -5", "margin"),
        ("margin = 5", 'margin = "x"', "Expected"),
    ],
)
def test_bad_weights_are_refused_with_the_fault(old: str, new: str, fault: str) -> None:
    text = as_toml(WEIGHTS)
    assert old in text.replace(".0\n", "\n")
    with pytest.raises(BadWeightsError, match=fault):
        parse(text.replace(".0\n", "\n").replace(old, new))
