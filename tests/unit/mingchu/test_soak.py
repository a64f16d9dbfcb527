"""The soak: slopes that outliers and restarts do not bend, a journal that survives an interruption, and its verdict."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingchu.bench.process import BenchError
from mingchu.bench.slope import Series, steepness
from mingchu.bench.soak_journal import Begun, Counted, Held, Journal, Life, Sample, lives, soaked
from mingchu.bench.soak_report import report

HOUR = 3600.0
MB = 1_000_000


def series(value: Callable[[float], float], count: int = 40, begin: float = 0.0) -> Series:
    times = np.arange(count) / 10 + begin
    return Series(times, np.array([value(at) for at in times]))


@given(rise=st.floats(-100, 100), base=st.floats(0, 1000))
def test_a_line_has_its_own_slope(rise: float, base: float) -> None:
    found = steepness([series(lambda at: base + rise * at)])
    assert found is not None
    assert found.value == pytest.approx(rise, abs=1e-6)
    assert found.low <= found.value <= found.high


def test_a_quarter_of_outliers_does_not_bend_it() -> None:
    found = steepness([series(lambda at: 5 * at + (1000 if round(at * 10) % 4 == 0 else 0))])
    assert found is not None
    assert found.value == pytest.approx(5, abs=0.5)
    assert found.low <= 5 <= found.high


def test_lives_are_not_compared_with_each_other() -> None:
    """Each life holds the same all the time; the second one ten times as much."""
    assert steepness([series(lambda _: 10), series(lambda _: 100, begin=4)]) == steepness([series(lambda _: 10)])


def test_of_noise_the_interval_holds_zero_and_of_growth_it_does_not() -> None:
    noise = np.random.default_rng(1).normal(size=200)
    times = np.arange(200) / 100
    flat, growing = (steepness([Series(times, noise + rise * times)]) for rise in (0, 5))
    assert flat is not None
    assert growing is not None
    assert flat.low < 0 < flat.high
    assert growing.low > 0


def test_one_sample_has_no_slope() -> None:
    assert steepness([series(lambda _: 1, count=1)]) is None
    assert steepness([]) is None


def sample(at: float, own: float, *, pid: int = 1, restarts: int = 0, wait: float = 0.05) -> Sample:
    held = Held(pid, restarts, round(own * MB), round(own * MB), round(own * MB), 20, 4, at / 100)
    return Sample(at, {"edge": held}, {"signals": 2}, 1000, 5, (wait,), 0, 1.0)


def journal(path: Path, grows: float = 0.0, **wanted: float) -> Journal:
    """Two hours; the edge grows by so many MB/h after a quarter of an hour in which it fills its caches."""
    kept = Journal(path)
    kept.begin(Begun(0, 2 * HOUR, 60, "/nowhere", False))
    kept.add(Life(0))
    for at in range(0, 7200, 60):
        kept.add(sample(at, 200 + 40 * math.exp(-at / 120) + grows * at / HOUR, **wanted))  # type: ignore[arg-type]
    return kept


def test_a_house_that_stays_as_it_is_passes(tmp_path: Path) -> None:
    kept = journal(tmp_path / "x.jsonl")
    kept.add(Counted(7200, 100, 100, 0))
    figures = report(kept)
    assert {name for name, figure in figures.items() if figure.holds is False} == set()
    assert figures["edge_memory"].value == pytest.approx(0, abs=0.1)
    assert figures["edge_cpu"].value == pytest.approx(1)
    assert figures["ingest_p99"].value == pytest.approx(0.05)
    assert figures["lost"].value == 0


@pytest.mark.parametrize(
    "wanted, failing",
    [
        ({"grows": 8.0}, {"edge_memory", "edge_rss"}),
        ({"restarts": 1}, {"restarts"}),
        ({"wait": 2.0}, {"ingest_p99"}),
    ],
)
def test_what_grows_restarts_or_waits_fails(tmp_path: Path, wanted: dict[str, float], failing: set[str]) -> None:
    figures = report(journal(tmp_path / "x.jsonl", **wanted))
    assert {name for name, figure in figures.items() if figure.holds is False} == failing


def test_what_is_lost_or_doubled_fails(tmp_path: Path) -> None:
    kept = journal(tmp_path / "x.jsonl")
    kept.add(Counted(7200, 100, 98, 3))
    figures = report(kept)
    assert (figures["lost"].value, figures["duplicated"].value) == (2, 3)
    assert figures["lost"].holds is figures["duplicated"].holds is False


def test_a_journal_goes_on_after_a_torn_line(tmp_path: Path) -> None:
    kept = journal(tmp_path / "x.jsonl")
    whole = len(list(kept.lines()))
    kept.path.write_bytes(kept.path.read_bytes()[:-20])
    kept.add(Life(9000))
    kept.add(sample(9000, 500))
    kept.add(sample(9600, 500))
    assert len(list(kept.lines())) == whole - 1 + 3
    assert soaked(lives(kept.lines())) == 7080 + 600
    assert report(kept)["edge_memory"].value == pytest.approx(0, abs=0.1), "the second life is another one"


def test_a_journal_is_begun_once_and_is_nothing_else(tmp_path: Path) -> None:
    kept = journal(tmp_path / "x.jsonl")
    with pytest.raises(BenchError, match="--resume"):
        kept.begin(Begun(0, 1, 1, "", False))
    other = tmp_path / "other"
    other.write_text("{}\n")
    with pytest.raises(BenchError, match="no journal"):
        Journal(other).begun()
    with pytest.raises(BenchError, match="cannot be read"):
        Journal(tmp_path / "none").begun()
